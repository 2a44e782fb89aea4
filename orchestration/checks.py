"""Expectations as Dagster asset checks: one check per expectation, one op per table (per CRM for what was landed).

A check's metadata hold counts, the engine that checked and a few record ids, never other values. What could not be
checked fails its check with a word on why. Blocking checks stop everything that reads the table, in the same run.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration.assets.models import table_key
from orchestration.crms import Crm
from orchestration.faults import translated
from orchestration.figures import Check
from orchestration.session import Session
from quality.check import run_suite
from quality.expectations import Outcome, Suite
from quality.reconciliation import Account, reconcile
from quality.suites import raw_suite
from transforms.tables import interactions, interactions_dropped

GROUP = "checks"


def raw_checks(crm: Crm) -> dg.AssetChecksDefinition:
    """Checks of everything one extraction landed."""
    suites = [raw_suite(crm.name, name, columns[0]) for name, columns in crm.kind.objects(crm).items()]
    return _checks(f"check_raw_{crm.name}", suites, crm.name)


def suite_checks(suite: Suite) -> dg.AssetChecksDefinition:
    """Checks of one table that we build; a run of one CRM judges that CRM's rows."""
    return _checks(f"check_{suite.schema}_{suite.table}", [suite])


def _checks(name: str, suites: Sequence[Suite], crm: str = "") -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name=name, specs=[spec for suite in suites for spec in _specs(suite)])
    def check(session: dg.ResourceParam[Session]) -> Iterator[dg.AssetCheckResult]:
        for suite in suites:
            yield from (_result(suite.name, outcome) for outcome in _outcomes(session, suite, crm))

    return check


def _specs(suite: Suite) -> Iterator[dg.AssetCheckSpec]:
    for wanted in suite.expectations:
        yield dg.AssetCheckSpec(
            wanted.id,
            asset=table_key(suite.name),
            description=wanted.meaning,
            blocking=wanted.blocking,
            metadata={"rule": str(wanted.rule), "severity": wanted.severity},
        )


def _outcomes(session: Session, suite: Suite, crm: str) -> Sequence[Outcome]:
    with translated(session), session.timed(f"check {suite.name}", GROUP, crm) as timed:
        outcomes = run_suite(suite, session.warehouse, crm=session.crm)
        timed.step.rows = max((outcome.rows for outcome in outcomes), default=0)
    _keep(session, suite.name, outcomes, crm)
    return outcomes


def _keep(session: Session, table: str, outcomes: Sequence[Outcome], crm: str) -> None:
    session.figures.checked[crm] += len(outcomes)
    for outcome in outcomes:
        if not outcome.passed:
            wanted = outcome.expectation
            session.figures.checks.append(Check(f"{table}:{wanted.id}", wanted.blocking, _line(table, outcome), crm or session.crm))


def _line(table: str, outcome: Outcome) -> str:
    meaning = outcome.expectation.meaning
    if outcome.passed is None:
        return f"{table}: could not check that {meaning} ({outcome.detail})"
    ids = f", e.g. {', '.join(outcome.examples)}" if outcome.examples else ""
    return f"{table}: not so that {meaning}: {outcome.unexpected:,} of {outcome.rows:,} rows{ids}"


def _result(table: str, outcome: Outcome) -> dg.AssetCheckResult:
    wanted = outcome.expectation
    serious = wanted.blocking or (wanted.severity == "error" and outcome.passed is not None)
    metadata: dict[str, Any] = {"rows": outcome.rows, "unexpected": outcome.unexpected, "engine": outcome.engine}
    return dg.AssetCheckResult(
        passed=bool(outcome.passed),
        asset_key=table_key(table),
        check_name=wanted.id,
        severity=dg.AssetCheckSeverity.ERROR if serious else dg.AssetCheckSeverity.WARN,
        description=None if outcome.passed else _line(table, outcome),
        metadata={**metadata, "record ids": ", ".join(outcome.examples) or "none"},
    )


def reconciliation(crms: Sequence[Crm]) -> dg.AssetChecksDefinition:
    """Counted and dropped make up what was read: a blocking check of the CRM that a run is of, else of all."""
    dropped = table_key(interactions_dropped.fullname)

    @dg.asset_check(
        name="reconciled",
        asset=dropped,
        additional_deps=[table_key(interactions.fullname)],
        description="every activity record that was read is counted or dropped, once",
        blocking=True,
    )
    def check(session: dg.ResourceParam[Session]) -> dg.AssetCheckResult:
        judged = [crm for crm in crms if session.crm in ("", crm.name)]
        accounts = [account for crm in judged for account in _accounts(session, crm)]
        lines = {f"{account.crm} {account.object_name}": account.line for account in accounts}
        return dg.AssetCheckResult(passed=all(account.balanced for account in accounts), metadata=lines)

    return check


def _accounts(session: Session, crm: Crm) -> Sequence[Account]:
    with translated(session), session.timed(f"reconcile {crm.name}", GROUP, crm.name) as timed:
        accounts = reconcile(session.warehouse, crm.name, crm.activities)
        timed.step.rows = sum(account.read for account in accounts)
    session.figures.checked[crm.name] += 1
    for account in accounts:
        session.figures.accounts[crm.name, account.object_name] = account
        if not account.balanced:
            session.figures.checks.append(Check(f"reconciled_{crm.name}", True, account.line, crm.name))
    return accounts
