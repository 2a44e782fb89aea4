"""`guanxi explain`: the evidence behind a record's fields."""

import datetime as dt
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Told, configured

if TYPE_CHECKING:
    from orchestration.config import Configuration
    from orchestration.session import Session
    from warehouse import DuckDBWarehouse


@click.command()
@click.argument("records", metavar="CRM:RECORD_ID...", nargs=-1, required=True)
@configured
def explain(config: "Configuration", records: tuple[str, ...]) -> None:
    """Show the evidence behind a record: the terms of every figure, the activities that count most, what was dropped and why.

    In Chinese where [output] labels = "zh".

    \b
    Example:
      guanxi explain sales_cloud:003Hs00000AbCdEIAZ
      guanxi explain dynamics:7D577C3F-61B0-ED11-83FF-000D3A31B1E2
    """
    from orchestration.session import opened

    wanted = [_wanted(config, record) for record in records]
    with opened(config) as session:
        session.as_of = _scored_as_of(session.warehouse)
        for number, (crm, record_id) in enumerate(wanted):
            click.echo(("\n" if number else "") + _evidence(session, crm, record_id))


def _wanted(config: "Configuration", record: str) -> tuple[str, str]:
    name, separator, record_id = record.partition(":")
    if not separator or not record_id:
        raise click.BadArgumentUsage(f"{record!r} is not of the form CRM:RECORD_ID, e.g. sales_cloud:003Hs00000AbCdEIAZ")
    return name, config.crm(name).kind.record_id(record_id)


def _evidence(session: "Session", crm: str, record_id: str) -> str:
    from connectors.fields import OUTPUT, column, label
    from transforms.explanation.evidence import UnknownRecord
    from transforms.explanation.evidence import explain as evidence
    from transforms.explanation.text import render

    try:
        found = evidence(session.warehouse, session.context(), crm, record_id)
    except UnknownRecord as error:
        raise Told(str(error)) from error
    labels = session.config.output.labels
    told = {spec: "" if labels == "zh" else spec.description for specs in OUTPUT.values() for spec in specs if spec.entity == found.entity}
    return render(found, {column(spec): (label(spec, labels), description) for spec, description in told.items()})


def _scored_as_of(warehouse: "DuckDBWarehouse") -> dt.datetime:
    """The as-of of the newest run that came to its end."""
    from warehouse import ledger

    for run in ledger.recent_runs(warehouse, limit=100):
        if run["status"] == "done":
            as_of: dt.datetime = run["as_of"]
            return as_of.replace(tzinfo=dt.UTC)
    raise Told("nothing is scored yet; start with: guanxi run")
