"""`guanxi explain`: the evidence behind one record's fields."""

import datetime as dt
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Told, configured

if TYPE_CHECKING:
    from orchestration.config import Configuration
    from warehouse import DuckDBWarehouse


@click.command()
@click.argument("record", metavar="CRM:RECORD_ID")
@configured
def explain(config: "Configuration", record: str) -> None:
    """Show the evidence behind one record: formula terms, the activities that count most, what was dropped and why.

    \b
    Example:
      guanxi explain sales_cloud:003Hs00000AbCdEIAZ
    """
    from connectors.fields import OUTPUT, column
    from orchestration.session import opened
    from transforms.explain import UnknownRecord
    from transforms.explain import explain as evidence
    from transforms.explain_text import render

    name, separator, record_id = record.partition(":")
    if not separator or not record_id:
        raise click.BadArgumentUsage(f"{record!r} is not of the form CRM:RECORD_ID, e.g. sales_cloud:003Hs00000AbCdEIAZ")
    crm = config.crm(name)
    with opened(config) as session:
        session.as_of = _scored_as_of(session.warehouse)
        try:
            found = evidence(session.warehouse, session.context(), crm.name, record_id)
        except UnknownRecord as error:
            raise Told(str(error)) from error
    meanings = {
        column(spec): (spec.label_en, spec.description) for entity, specs in OUTPUT.items() if entity == found.entity for spec in specs
    }
    click.echo(render(found, meanings))


def _scored_as_of(warehouse: "DuckDBWarehouse") -> dt.datetime:
    """The as-of of the newest run that came to its end."""
    from warehouse import ledger

    for run in ledger.recent_runs(warehouse, limit=100):
        if run["status"] == "done":
            as_of: dt.datetime = run["as_of"]
            return as_of.replace(tzinfo=dt.UTC)
    raise Told("nothing is scored yet; start with: guanxi run")
