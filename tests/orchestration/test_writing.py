"""`guanxi plan`, `push` and `rollback` as a person uses them, over HTTP, and what the steps of a run say about what they leave out."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from connectors.activation.errors import PlanUnusable
from connectors.fields import OUTPUT, FieldSpec, column
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.writer import SalesforceWriter
from orchestration import writeback
from orchestration.cli import commands
from orchestration.cli.base import Instant, whoami
from orchestration.config import load
from orchestration.session import opened
from tests.connectors.activation.conftest import Bench
from tests.orchestration.conftest import VARIABLES
from warehouse import DuckDBWarehouse, ledger

Write = Callable[..., Path]
FIELDS = {"touches_90d", "scored_on"}
DAYS = {4: date(2026, 6, 1), 9: date(2026, 6, 2)}
"""Touches written, and the day of the run that wrote them."""


def specs() -> list[FieldSpec]:
    return [spec for spec in OUTPUT["contact"] if column(spec) in FIELDS]


@dataclass
class Admin:
    """Somebody with an org of which two runs wrote all contacts, and a shell beside the warehouse."""

    org: Any
    file: Path
    runs: list[str]

    def guanxi(self, *words: str, more: str = "") -> Result:
        file = self.file.with_name("other.toml") if more else self.file
        file.write_text(self.file.read_text(encoding="utf-8") + more, encoding="utf-8")
        shell = {"SF_INSTANCE_URL": self.org.url, "SF_CLIENT_ID": self.org.client_id, "SF_CLIENT_SECRET": self.org.client_secret}
        return CliRunner(env=shell).invoke(commands, [*words, "--config", str(file)], catch_exceptions=False)

    def shown(self) -> set[tuple[Any, Any]]:
        with self.org.client() as http:
            found = http.get("query", params={"q": "SELECT GX_Touches_90d__c, GX_Scored_On__c FROM Contact"}).json()["records"]
        return {(row["GX_Touches_90d__c"], row["GX_Scored_On__c"]) for row in found}


@pytest.fixture(scope="module")
def org(sandbox: Any) -> Any:
    with SalesforceProvisioner(settings_of(sandbox)) as provisioner:
        provisioner.apply(specs())
    return sandbox


def settings_of(org: Any) -> SalesforceSettings:
    return SalesforceSettings(instance_url=org.url, client_id=org.client_id, client_secret=org.client_secret)


@pytest.fixture
def admin(org: Any, write: Write, tmp_path: Path) -> Admin:
    with org.client() as http:
        contacts = [row["Id"] for row in http.get("query", params={"q": "SELECT Id FROM Contact"}).json()["records"]]
    with DuckDBWarehouse(tmp_path / ".guanxi" / "warehouse.duckdb") as warehouse, SalesforceWriter(settings_of(org)) as writer:
        ledger.migrate(warehouse)
        bench = Bench(warehouse)
        bench.crm = writer  # type: ignore[assignment]
        return Admin(org, write(), list(_written(bench, contacts)))


def _written(bench: Bench, contacts: list[str]) -> Iterator[str]:
    for touches, day in DAYS.items():
        bench.put([{"record_id": key, "touches_90d": touches} for key in contacts])
        yield bench.push(bench.plan(day)).plan_id


def test_a_run_is_looked_at_rolled_back_and_there_is_then_nothing_left_of_it(admin: Admin) -> None:
    run_id = admin.runs[-1]
    looked = admin.guanxi("rollback", run_id, "--dry-run")
    assert (looked.exit_code, admin.shown()) == (0, {(9, "2026-06-02")})
    assert re.match(r"plan (\w+) of sales_cloud \(rollback\), \d+ rows to write; send it with: guanxi push \1\n", looked.output)
    done = admin.guanxi("rollback", run_id)
    assert (done.exit_code, admin.shown()) == (0, {(4, "2026-06-01")})
    assert "the next run computes the same figures again and would write them again: mend first" in done.output
    again = admin.guanxi("rollback", run_id)
    assert (again.exit_code, again.output.count("\n")) == (1, 1)
    assert "nothing to roll back (contact: " in again.output


def test_a_rollback_that_waits_is_sent_by_a_person(admin: Admin) -> None:
    planned = admin.guanxi("rollback", admin.runs[-1], more="[activation]\napproval = true\n")
    assert (planned.exit_code, admin.shown()) == (0, {(9, "2026-06-02")})
    found = re.search(r"guanxi push (\w+)", planned.output)
    assert found
    sent = admin.guanxi("push", found[1])
    assert (sent.exit_code, admin.shown(), "mend first" in sent.output) == (0, {(4, "2026-06-01")}, True)


def test_a_rollback_the_guard_finds_too_big_is_sent_with_a_reason(admin: Admin) -> None:
    strict = "[activation]\nguard_min_rows = 1\n"
    stopped = admin.guanxi("rollback", admin.runs[-1], more=strict)
    found = re.search(r'guanxi push (\w+) --reason "\.\.\."', stopped.output)
    assert (stopped.exit_code, admin.shown()) == (1, {(9, "2026-06-02")})
    assert found
    assert admin.guanxi("push", found[1], "--reason", "wrong half-life", more=strict).exit_code == 0
    assert admin.shown() == {(4, "2026-06-01")}


def test_a_run_of_another_prefix_is_not_written_into_the_fields_of_this_one(admin: Admin) -> None:
    refused = admin.guanxi("rollback", admin.runs[-1], more='[output]\nprefix = "ZZ"\n')
    assert refused.exit_code == 1
    assert "wrote to the fields GX, and those of [crm.sales_cloud] are ZZ@127.0.0.1; set that back" in refused.output


def stored(session: Any, **values: Any) -> None:
    counts = {"contact": {"rows": 2, "updates": 1, "unchanged": 0, "skipped": 1}}
    usual = {"run_id": "p1", "crm": "sales_cloud", "status": "planned", "mode": "first", "target": "GX", "counts": counts}
    with session.warehouse.connection() as connection:
        connection.execute(sa.insert(ledger.sync_run).values(**{**usual, **values}, planned_at=ledger.now(), as_of=DAYS[4]))


@pytest.mark.parametrize("target", ["ZZ", "ZZ@127.0.0.1", "GX@other.my.salesforce.com"])
def test_a_plan_made_for_another_prefix_or_org_is_not_sent_to_this_one(write: Write, target: str) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        stored(session, target=target)
        with pytest.raises(PlanUnusable, match=f"plan p1 was made for the fields {target}, and those of .* are GX@127.0.0.1; make"):
            writeback.push(session, config.crm("sales_cloud"), "p1")


def test_what_one_org_acknowledged_is_not_known_of_another_that_has_the_same_ids(write: Write) -> None:
    """As when the sandbox it was tried in was a full copy of the company's own org."""
    made = [planned_in(write, host) for host in ("a", "a", "b")]
    assert [(plan.updates, plan.entities["contact"].rebaseline) for plan in made] == [(1, 0), (0, 0), (1, 1)]


def planned_in(write: Write, host: str) -> Any:
    config = load(write(), {**VARIABLES, "SF_INSTANCE_URL": f"https://{host}.my.salesforce.com"})
    with opened(config) as session:
        bench = Bench(session.warehouse)
        bench.put([{"record_id": "003A", "touches_90d": 4}])
        session._writers["sales_cloud"] = bench.crm
        made = writeback.plan(session, config.crm("sales_cloud"), bench.tables)
        bench.push(made)
    return made


def test_a_ledger_that_names_no_org_yet_is_believed(write: Write) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        bench = Bench(session.warehouse)
        bench.put([{"record_id": "003A", "touches_90d": 4}])
        bench.push(bench.plan(target="GX"))
        session._writers["sales_cloud"] = bench.crm
        assert writeback.plan(session, config.crm("sales_cloud"), bench.tables).updates == 0


def test_a_run_never_sends_a_rollback_that_waits(write: Write) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        stored(session, mode="rollback")
        with pytest.raises(PlanUnusable, match="has no plan to push"):
            writeback.open_plan(session, config.crm("sales_cloud"))


def test_records_that_are_left_out_for_good_are_told_with_the_way_out(write: Write) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        bench = Bench(session.warehouse)
        bench.put([{"record_id": key, "touches_90d": 4} for key in ("003A", "003B")])
        bench.crm.refuse = {"003B": "LOCKED"}
        session._writers["sales_cloud"] = bench.crm
        for _ in range(5):
            bench.push()
        crm = config.crm("sales_cloud")
        writeback.plan(session, crm, bench.tables)
        [note] = session.figures.notes
        assert note == (
            "sales_cloud: records left out: 1, each rejected 5 times in a row (guanxi status says why);"
            " tried again a week after the last time, or at once by: guanxi plan --crm sales_cloud --retry-rejected"
        )
        assert writeback.plan(session, crm, bench.tables, retry=True).updates == 1


def test_figures_are_stamped_with_the_day_they_are_of_however_late_they_are_planned(write: Write) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        bench = Bench(session.warehouse)
        bench.put([{"record_id": "003A", "touches_90d": 4, "scored_on": DAYS[4]}])
        session._writers["sales_cloud"] = bench.crm
        made = writeback.plan(session, config.crm("sales_cloud"), bench.tables)
        bench.push(made)
        assert (made.as_of, bench.crm.held["003A"]["scored_on"]) == ("2026-06-01", DAYS[4])


RAN = {"crms": "sales_cloud, dynamics", "landed": {"sales_cloud": {"Task": 3}}, "entities": [{"crm": "sales_cloud"}]}
BLOCKED = {**RAN, "entities": [{"crm": "dynamics"}]}
UNREACHABLE = {"crms": "sales_cloud", "landed": {}, "entities": []}
OF_ANOTHER = {"crms": "dynamics", "landed": {"dynamics": {"email": 3}}, "entities": []}


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([], "nothing of sales_cloud is scored yet"),
        ([UNREACHABLE], "nothing of sales_cloud is scored yet"),
        ([RAN], ""),
        ([RAN, UNREACHABLE], ""),
        ([RAN, OF_ANOTHER], ""),
        ([RAN, BLOCKED], "did not come as far as a plan"),
        ([RAN, BLOCKED, UNREACHABLE, OF_ANOTHER], "did not come as far as a plan"),
        ([RAN, None], "did not come as far as a plan"),
        ([BLOCKED, RAN], ""),
    ],
)
def test_what_a_check_stopped_is_not_planned_by_hand_either(write: Write, runs: list[dict[str, Any] | None], told: str) -> None:
    config = load(write(), VARIABLES)
    with opened(config) as session:
        for counts in runs:
            run_id = ledger.start_run(session.warehouse, datetime(2026, 6, 1))
            if counts:
                ledger.finish_run(session.warehouse, run_id, "failed", counts=counts)
        with pytest.raises(PlanUnusable, match=told) if told else nullcontext():
            writeback.require_judged(session, config.crm("sales_cloud"))


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "0001-01-01T00:00+14:00"])
def test_what_is_no_instant_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no date such as 2026-11-21"):
        Instant().convert(text, None, None)


def test_who_has_no_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unnamed() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", unnamed)
    assert re.fullmatch(r"uid \d+", whoami())
