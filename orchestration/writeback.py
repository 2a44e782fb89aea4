"""The steps of writing back, as the Dagster assets and the console script both call them, with their numbers kept.

`plan` settles what an earlier push left open, `push` sends one stored plan, `verify` reads a sample back. What each has to
object is given as lines: `objections` (guard), `rejections`, `differences` (of the CRM, by count and record id).
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import sqlalchemy as sa

from connectors.activation import guard, quarantine
from connectors.activation import plan as planning
from connectors.activation import push as pushing
from connectors.activation import settle as settling
from connectors.activation import verify as verifying
from connectors.activation.diff import AT
from connectors.activation.errors import PlanUnusable
from connectors.activation.reports import MAX_ATTEMPTS, Plan, PushReport, VerifyReport
from connectors.fields import Entity
from orchestration import method_news
from orchestration.crms import Crm
from orchestration.figures import Check
from orchestration.session import Session
from warehouse import ledger
from warehouse.ledger import sync_run

EXAMPLES = 5


def plan(session: Session, crm: Crm, tables: Mapping[Entity, sa.Table], *, retry: bool = False) -> Plan:
    """Settle, compare, store the plan; raises CrmError, ActivationError, WarehouseError. `retry`: quarantined records as well."""
    wanted = {entity: table for entity, table in tables.items() if entity != "user" or session.config.grading.individual}
    with session.timed(f"plan {crm.name}", "plan", crm.name) as timed:
        settle(session, crm)
        if retry:
            quarantine.release(session.warehouse, crm.name)
        made = planning.build(session.warehouse, crm.name, wanted, _day(session, crm, wanted), session.config.activation, target(crm))
        timed.step.rows = sum(item.rows for item in made.entities.values())
    method_news.tell(session, made)
    _tell_skipped(session, made)
    for entity, item in made.entities.items():
        numbers = {"planned": item.updates, "written": 0, "unchanged": item.unchanged, "skipped": item.skipped, "rejected": 0}
        session.figures.entities[crm.name, entity] = numbers
    return made


def target(crm: Crm) -> str:
    """The fields of one org, as the ledger calls them: what it knows of records holds there and nowhere else, whatever their ids."""
    settings = crm.settings
    url = settings.environment_url if settings.kind == "dynamics" else settings.instance_url
    return f"{crm.prefix}{AT}{urlsplit(url).hostname}"


def elsewhere(crm: Crm, named: str) -> str:
    """Half a line when `named` are not the fields and the org that are configured (a ledger of before names no org), else empty."""
    return "" if named in (target(crm), crm.prefix) else f"the fields {named}, and those of [crm.{crm.name}] are {target(crm)}"


def require_judged(session: Session, crm: Crm) -> None:
    """Raise `PlanUnusable` unless the checks passed what is planned: a plan by hand must not go round what stopped the run."""
    for run in ledger.recent_runs(session.warehouse, limit=100):
        counts = run["counts"] or {}
        if counts and crm.name not in counts["crms"].split(", "):
            continue
        if any(item["crm"] == crm.name for item in counts.get("entities", ())):
            return
        if not counts or crm.name in counts["landed"]:
            raise PlanUnusable(
                f"the last run of {crm.name} did not come as far as a plan, so nothing of it may be sent; run again with: guanxi run"
            )
    raise PlanUnusable(f"nothing of {crm.name} is scored yet; start with: guanxi run")


def _day(session: Session, crm: Crm, tables: Mapping[Entity, sa.Table]) -> dt.date:
    """The as-of of the figures themselves, which may be older than the session; where there are none, that of the session."""
    newest = [sa.select(sa.func.max(table.c.scored_on)).where(table.c.crm == crm.name) for table in tables.values()]
    with session.warehouse.connection() as connection:
        days = [connection.scalar(select) for select in newest]
    return max((day for day in days if day), default=session.as_of.date())


def settle(session: Session, crm: Crm) -> None:
    """Find out what an earlier push left open, and say so; raises CrmError."""
    settled = settling.run(session.warehouse, crm.name, session.writer(crm))
    if settled.accepted or settled.lost:
        arrived = f"{settled.accepted:,} of its rows had arrived, {settled.lost:,} are planned again"
        session.figures.notes.append(f"{crm.name}: an earlier push had ended half-way; {arrived}")


def _tell_skipped(session: Session, made: Plan) -> None:
    """A run that leaves records out is not silent about it: all of them may be, after a mistake in the CRM that lasted five nights."""
    if skipped := sum(item.skipped for item in made.entities.values()):
        told = f"records left out: {skipped:,}, each rejected {MAX_ATTEMPTS} times in a row (guanxi status says why)"
        again = f"tried again a week after the last time, or at once by: guanxi plan --crm {made.crm} --retry-rejected"
        session.figures.notes.append(f"{made.crm}: {told}; {again}")


def objections(session: Session, made: Plan) -> Sequence[str]:
    """What the guard finds wrong with a plan; each stops the push."""
    lines = [finding.message for finding in guard.findings(made, session.config.activation)]
    session.figures.checks += [Check(f"{made.crm}:guard", True, line, made.crm) for line in lines]
    return lines


def waiting(session: Session, crm: Crm) -> str:
    """The plan that a person must approve first, empty when none must."""
    if not session.config.activation.approval:
        return ""
    plan_id = session.figures.waiting[crm.name] = open_plan(session, crm)
    session.figures.notes.append(f"{crm.name}: plan {plan_id} waits for approval; send it with: guanxi push {plan_id}")
    return plan_id


def open_plan(session: Session, crm: Crm) -> str:
    """The one plan of a CRM that a run may push (a rollback is sent by a person alone); raises `PlanUnusable`."""
    found = _latest(session, crm, ("planned",), sync_run.c.mode != "rollback")
    if not found:
        raise PlanUnusable(f"{crm.name} has no plan to push; make one with: guanxi plan --crm {crm.name}")
    return found


def push(session: Session, crm: Crm, plan_id: str, *, override: str = "", approved_by: str = "") -> PushReport:
    """Send a stored plan; raises CrmError, ActivationError, WarehouseError."""
    _require_allowed(session, crm, plan_id)
    with session.timed(f"push {crm.name}", "push", crm.name) as timed:
        report = pushing.run(
            session.warehouse,
            session.writer(crm),
            plan_id,
            session.config.activation,
            override=override,
            approved_by=approved_by,
            progress=session.display.busy,
        )
        timed.step.rows = report.total("updated")
    _keep(session, report)
    return report


def _require_allowed(session: Session, crm: Crm, plan_id: str) -> None:
    """A plan is not sent after people are not graded any more, or into other fields or another org than it was made for."""
    stored = planning.load(session.warehouse, plan_id)
    if not session.config.grading.individual and "user" in stored.entities:
        raise PlanUnusable(f"plan {plan_id} would write on users, and [grading] individual is false; make a new one with: guanxi plan")
    if stranger := elsewhere(crm, stored.target):
        raise PlanUnusable(f"plan {plan_id} was made for {stranger}; make a new one with: guanxi plan")


def _keep(session: Session, report: PushReport) -> None:
    for entity, item in report.entities.items():
        numbers = session.figures.entities.setdefault((report.crm, entity), {})
        left_out = item.planned - item.updated - item.rejected if item.reason else 0
        numbers |= {"planned": item.planned, "written": item.updated, "unchanged": item.unchanged}
        numbers |= {"skipped": item.skipped + left_out, "rejected": item.rejected}
        if item.reason:
            session.figures.notes.append(f"{report.crm} {entity}: left out, {item.reason}")
        if item.rejected:
            codes = ", ".join(f"{code} {number:,}" for code, number in item.codes.items())
            session.figures.notes.append(
                f"{report.crm} {entity}: {item.rejected:,} rows rejected ({codes}); they come again with the next plan"
            )


def rejections(session: Session, report: PushReport) -> Sequence[str]:
    """One line when more was rejected than configured."""
    if report.ok:
        return []
    line = f"{report.crm}: {report.reject_rate:.1%} of the rows were rejected, allowed are {report.max_reject_rate:.1%}; see: guanxi status"
    session.figures.checks.append(Check(f"{report.crm}:accepted", True, line, report.crm))
    return [line]


def verify(session: Session, crm: Crm) -> VerifyReport:
    """Read back a sample of the last push; raises CrmError."""
    with session.timed(f"verify {crm.name}", "verify", crm.name) as timed:
        report = verifying.run(session.warehouse, session.writer(crm), _latest(session, crm, ("done", "failed")))
        timed.step.rows = report.checked
    return report


def differences(session: Session, crm: Crm, report: VerifyReport) -> Sequence[str]:
    """What the CRM holds otherwise than it acknowledged, by field, with a few record ids and no values."""
    fields = Counter(f"{item.entity}.{item.field}" for item in report.differences)
    ids = sorted({item.record_id for item in report.differences})[:EXAMPLES]
    told = f"of {report.checked:,} records, e.g. {', '.join(ids)}"
    lines = [f"{crm.name}: {name} was changed in the CRM in {number:,} {told}" for name, number in fields.items()]
    if report.missing:
        lines.append(f"{crm.name}: {len(report.missing):,} records are gone, e.g. {', '.join(report.missing[:EXAMPLES])}")
    session.figures.checks += [Check(f"{crm.name}:held", False, line, crm.name) for line in lines]
    return lines


def _latest(session: Session, crm: Crm, statuses: Sequence[str], *conditions: sa.ColumnElement[bool]) -> str:
    query = sa.select(sync_run.c.run_id).where(sync_run.c.crm == crm.name, sync_run.c.status.in_(statuses), *conditions)
    with session.warehouse.connection() as connection:
        return str(connection.scalar(query.order_by(sync_run.c.planned_at.desc()).limit(1)) or "")
