"""Writing back in steps: `guanxi plan` and `guanxi push`, with a look in between, and `guanxi rollback`, which takes a push back."""

from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Told, chosen, configured, crm_option, for_each, whoami

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.activation.reports import Plan
    from orchestration.config import Configuration
    from orchestration.crms import Crm
    from orchestration.session import Session

AFTERWARDS = (
    "the next run computes the same figures again and would write them again: mend first what made them wrong (the method in\n"
    "guanxi.toml, records in the CRM) and look with `guanxi run --dry-run`; until then [activation] approval = true keeps the\n"
    "nightly run from writing; rows that were rejected just now are tried again by the same command"
)


@click.command()
@crm_option
@click.option("--retry-rejected", is_flag=True, help="Once more also the records the CRM rejected so often that they are left out.")
@configured
def plan(config: "Configuration", names: tuple[str, ...], retry_rejected: bool) -> None:
    """Compare the scores of the last run with what the CRM acknowledged; stores the plan, writes nothing in the CRM.

    \b
    Example:
      guanxi plan --crm sales_cloud
    """
    from orchestration import writeback
    from orchestration.session import opened
    from orchestration.tables import enrichment, models

    with opened(config) as session:

        def make(crm: "Crm") -> None:
            told, previewed = len(session.figures.notes), len(session.figures.method_changes)
            writeback.require_judged(session, crm)
            made = writeback.plan(session, crm, enrichment(models(config)), retry=retry_rejected)
            _show(made, f"; send it with: guanxi push {made.plan_id}")
            for change in session.figures.method_changes[previewed:]:
                click.echo("\n".join((change.line, *change.table())))
            _tell(session.figures.notes[told:])
            _tell_objections(session, made)

        for_each(chosen(config, names), make)


def _show(made: "Plan", then: str = "") -> None:
    click.echo(f"plan {made.plan_id} of {made.crm} ({made.mode}), {made.updates:,} rows to write{then}")
    for entity, item in made.entities.items():
        click.echo(f"  {entity}: {item.updates:,} of {item.rows:,} change, {item.unchanged:,} unchanged, {item.skipped:,} skipped")
        for name, number in sorted(item.fields.items(), key=lambda pair: -pair[1]):
            if number:
                click.echo(f"    {name}: {number:,}")


def _tell(lines: "Sequence[str]") -> None:
    for line in lines:
        click.echo(line)


def _tell_objections(session: "Session", made: "Plan") -> None:
    from orchestration import writeback

    _tell([f"  the guard would stop it: {line}" for line in writeback.objections(session, made)])


@click.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--reason", default="", help="Why a plan the guard finds too big is right; kept in the ledger.")
@configured
def push(config: "Configuration", plan_id: str, reason: str) -> None:
    """Send a stored plan to its CRM, then read a sample back.

    \b
    Example:
      guanxi push 3f9c0a1b2d4e --reason "new half-life, agreed with sales operations"
    """
    from connectors.activation.plan import load
    from orchestration.session import opened

    with opened(config) as session:
        stored = load(session.warehouse, plan_id)
        _send(session, config.crm(stored.crm), stored, reason)


def _send(session: "Session", crm: "Crm", made: "Plan", reason: str = "") -> None:
    """Push and verify; raises `Told` when more was rejected than configured."""
    from orchestration import writeback

    report = writeback.push(session, crm, made.plan_id, override=reason, approved_by=whoami())
    click.echo(", ".join(f"{name} {value}" for name, value in report.numbers().items()))
    _tell([*session.figures.notes, *writeback.differences(session, crm, writeback.verify(session, crm))])
    if made.mode == "rollback":
        click.echo(AFTERWARDS)
    if refused := writeback.rejections(session, report):
        raise Told(refused[0])


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--dry-run", is_flag=True, help="Only plan it: nothing is written in the CRM.")
@configured
def rollback(config: "Configuration", run_id: str, dry_run: bool) -> None:
    """Give the records that a push wrote the values they had before it; what was changed in the CRM since is left alone.

    RUN is the plan of that push (`guanxi status` lists them). Several pushes are taken back newest first.

    \b
    Example:
      guanxi rollback 3f9c0a1b2d4e --dry-run
    """
    from connectors.activation.rollback import find
    from orchestration import rollback as undoing
    from orchestration.session import opened

    with opened(config) as session:
        undone = find(session.warehouse, run_id)
        crm = config.crm(undone.crm)
        made, left = undoing.plan(session, crm, undone)
        waits = dry_run or config.activation.approval
        _show(made, f"; send it with: guanxi push {made.plan_id}" if waits else "")
        _tell(left)
        if waits:
            _tell(session.figures.notes)
            _tell_objections(session, made)
        else:
            _send(session, crm, made)
