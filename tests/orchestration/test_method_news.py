"""A number set for an industry that no account has is told, not swallowed."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from orchestration.config import load
from orchestration.method_news import strangers
from orchestration.session import opened
from tests.orchestration.conftest import VARIABLES
from transforms.tables import accounts

INDUSTRIES = '\n[method.industry."Health Care"]\n"level.mid" = 40\n[method.industry."Helth Care"]\n"level.mid" = 40\n'


def test_an_industry_no_account_has_is_named(write: Callable[..., Path]) -> None:
    with opened(load(write(INDUSTRIES), VARIABLES)) as session:
        with session.warehouse.connection() as connection:
            connection.execute(sa.schema.CreateTable(accounts))
            connection.execute(sa.insert(accounts).values(crm="a", account_id="1", industry=" Health care"))
        assert strangers(session) == ["helth care"]
