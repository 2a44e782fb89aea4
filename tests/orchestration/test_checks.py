"""A run of one CRM judges that CRM's rows: what another one brought cannot stop it."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from orchestration.config import load
from orchestration.definitions import build
from orchestration.nightly import JOB
from orchestration.session import Session, opened
from tests.orchestration.conftest import DYNAMICS, VARIABLES
from transforms.tables import interactions, interactions_dropped, people, users

Write = Callable[..., Path]
CHECKS = {"interactions": "unique", "interactions_dropped": "reconciled"}
"""Table of the model to the blocking check that the bad rows break."""


@pytest.fixture
def session(write: Write) -> Iterator[Session]:
    """Two CRMs, one record each: the one of sales_cloud counted once, the one of dynamics counted twice and dropped."""
    with opened(load(write(DYNAMICS), VARIABLES), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)) as found:
        with found.warehouse.native() as cursor:
            cursor.execute('create schema raw_sales_cloud; create table raw_sales_cloud."Task" as select \'t1\' as "Id"')
            cursor.execute("create schema raw_dynamics; create table raw_dynamics.email as select 'm1' as activityid")
        with found.warehouse.connection() as connection:
            for table in (interactions, interactions_dropped, people, users):
                connection.execute(sa.schema.CreateTable(table))
            for crm, event in (("sales_cloud", "t1"), ("dynamics", "m1"), ("dynamics", "m1")):
                row = {"crm": crm, "event_id": event, "user_id": "u1", "person_id": "p1"}
                connection.execute(sa.insert(interactions).values(at=sa.func.now(), **row))
            connection.execute(sa.insert(interactions_dropped).values(crm="dynamics", event_id="m1", kind="email", reason="open"))
        yield found


def stopping(session: Session, crm: str, table: str) -> list[str]:
    """Blocking checks of a table that fail in a run of `crm`."""
    session.crm = crm
    job = build(session.config, session).resolve_job_def(JOB)
    graph = job.asset_layer.asset_graph
    checks = {key for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(["model", table])}
    result = job.get_subset(asset_check_selection=checks).execute_in_process(raise_on_error=False)
    return [
        check.check_name
        for check in result.get_asset_check_evaluations()
        if not check.passed and graph.get_check_spec(check.asset_check_key).blocking
    ]


@pytest.mark.parametrize("table", CHECKS)
def test_bad_rows_of_one_crm_stop_only_its_own_run_or_one_of_all(session: Session, table: str) -> None:
    assert stopping(session, "sales_cloud", table) == []
    assert stopping(session, "dynamics", table) == [CHECKS[table]]
    assert stopping(session, "", table) == [CHECKS[table]]
