"""`[grading]` of the configuration: what is computed, provisioned and sent about single people, and what people are told."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.activation.errors import PlanUnusable
from connectors.contract import ProvisionStep
from orchestration import writeback
from orchestration.cli.provisioning import _grades_people, wanted
from orchestration.config import load
from orchestration.notices import GRADING
from orchestration.session import opened
from tests.orchestration.conftest import VARIABLES, Guanxi
from warehouse.ledger import now, sync_run

Write = Callable[..., Path]
OFF = "\n[grading]\nindividual = false\n"


@pytest.mark.parametrize(
    ("more", "individual", "teams"),
    [("", True, True), (OFF, False, False), (f"{OFF}aggregates = true\n", False, True)],
    ids=["as shipped", "off", "averages of teams only"],
)
def test_what_is_computed_about_our_people(write: Write, more: str, individual: bool, teams: bool) -> None:
    with opened(load(write(more), VARIABLES)) as session:
        context = session.context()
    assert (context.grade_individuals, context.team_averages) == (individual, teams)


def test_no_field_on_users_is_provisioned_where_people_are_not_graded(write: Write) -> None:
    assert {spec.entity for spec in wanted(load(write(), VARIABLES))} == {"contact", "lead", "account", "user", "opportunity"}
    assert {spec.entity for spec in wanted(load(write(OFF), VARIABLES))} == {"contact", "lead", "account", "opportunity"}


def test_a_plan_made_while_people_were_graded_is_not_sent_after_that_was_switched_off(write: Write) -> None:
    plan = {"run_id": "p1", "crm": "sales_cloud", "status": "planned", "mode": "first", "target": "GX", "planned_at": now()}
    config = load(write(OFF), VARIABLES)
    with opened(config) as session:
        counts = {"user": {"rows": 1, "updates": 1, "unchanged": 0, "skipped": 0}}
        with session.warehouse.connection() as connection:
            connection.execute(sa.insert(sync_run).values(**plan, as_of=session.as_of.date(), counts=counts))
        with pytest.raises(PlanUnusable, match="plan p1 would write on users, and \\[grading\\] individual is false"):
            writeback.push(session, config.crm("sales_cloud"), "p1")


def test_who_writes_a_configuration_is_pointed_to_what_grading_people_may_mean(guanxi: Guanxi) -> None:
    assert "read docs/grading.md; [grading] individual = false" in guanxi("init").stdout
    assert all(word in GRADING for word in ("EU AI Act", "Annex III", "works council", "docs/grading.md", "individual = false"))


@pytest.mark.parametrize("name", ["User.GX_Rep_Grade__c", "systemuser.gx_rep_grade"])
def test_the_notice_comes_with_the_field_of_the_grade_and_not_again(name: str) -> None:
    assert _grades_people([ProvisionStep("field", name, False)])
    assert not _grades_people([ProvisionStep("field", "Contact.GX_Closeness__c", False), ProvisionStep("field_permission", name, False)])
