"""`guanxi plan` and `guanxi push`: writing back in two steps, with a look in between."""

import getpass
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Told, as_of_option, chosen, configured, crm_option, for_each

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.activation.reports import Plan
    from orchestration.config import Configuration
    from orchestration.crms import Crm


@click.command()
@crm_option
@as_of_option
@configured
def plan(config: "Configuration", names: tuple[str, ...], as_of: "datetime | None") -> None:
    """Compare the scores of the last run with what the CRM acknowledged; stores the plan, writes nothing in the CRM.

    \b
    Example:
      guanxi plan --crm sales_cloud
    """
    from orchestration import writeback
    from orchestration.session import opened
    from orchestration.tables import enrichment, models

    with opened(config, as_of) as session:

        def make(crm: "Crm") -> None:
            made = writeback.plan(session, crm, enrichment(models(config)))
            _show(made)
            for change in session.figures.method_changes[-1:]:
                click.echo("\n".join((change.line, *change.table())))
            for line in writeback.objections(session, made):
                click.echo(f"  the guard would stop it: {line}")

        for_each(chosen(config, names), make)


def _show(made: "Plan") -> None:
    click.echo(f"plan {made.plan_id} of {made.crm} ({made.mode}), {made.updates:,} rows to write; send it with: guanxi push {made.plan_id}")
    for entity, item in made.entities.items():
        click.echo(f"  {entity}: {item.updates:,} of {item.rows:,} change, {item.unchanged:,} unchanged, {item.skipped:,} skipped")
        for name, number in sorted(item.fields.items(), key=lambda pair: -pair[1]):
            if number:
                click.echo(f"    {name}: {number:,}")


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
    from orchestration import writeback
    from orchestration.session import opened

    with opened(config) as session:
        crm = config.crm(load(session.warehouse, plan_id).crm)
        report = writeback.push(session, crm, plan_id, override=reason, approved_by=getpass.getuser())
        click.echo(", ".join(f"{name} {value}" for name, value in report.numbers().items()))
        for line in (*session.figures.notes, *writeback.differences(session, crm, writeback.verify(session, crm))):
            click.echo(line)
        if refused := writeback.rejections(session, report):
            raise Told(refused[0])
