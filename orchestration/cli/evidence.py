"""`guanxi explain`: the evidence behind a record's fields, and what stood on it on a past day."""

import datetime as dt
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Instant, Told, configured

if TYPE_CHECKING:
    from connectors.fields import FieldSpec
    from orchestration.config import Configuration
    from orchestration.session import Session
    from warehouse import DuckDBWarehouse


@click.command()
@click.argument("records", metavar="CRM:RECORD_ID...", nargs=-1, required=True)
@click.option("--as-of", type=Instant(), help="What stood on this date (UTC), as the run of the day put it down.")
@click.option("--recompute", is_flag=True, help="With --as-of: compute that day anew from today's log and list what differs.")
@configured
def explain(config: "Configuration", records: tuple[str, ...], as_of: dt.datetime | None, recompute: bool) -> None:
    """Show the evidence behind a record: the terms of every figure, the activities that count most, what was dropped and why.

    With --as-of DATE, show what stood on the record on that day. In Chinese where [output] labels = "zh".

    \b
    Example:
      guanxi explain sales_cloud:003Hs00000AbCdEIAZ
      guanxi explain dynamics:7D577C3F-61B0-ED11-83FF-000D3A31B1E2 --as-of 2026-09-30
    """
    from orchestration.session import opened
    from transforms.explanation.evidence import UnknownRecord

    if recompute and as_of is None:
        raise click.UsageError("--recompute asks for --as-of DATE")
    wanted = [_wanted(config, record) for record in records]
    with opened(config) as session:
        session.as_of = _scored_as_of(session.warehouse)
        if as_of is None and not session.is_current():
            raise Told("the figures were built by another version of guanxi; build them anew with: guanxi run")
        for number, (crm, record_id) in enumerate(wanted):
            try:
                told = _past(session, crm, record_id, as_of, recompute) if as_of else _evidence(session, crm, record_id)
            except UnknownRecord as error:
                raise Told(str(error)) from error
            click.echo(("\n" if number else "") + told)


def _wanted(config: "Configuration", record: str) -> tuple[str, str]:
    name, separator, record_id = record.partition(":")
    if not separator or not record_id:
        raise click.BadArgumentUsage(f"{record!r} is not of the form CRM:RECORD_ID, e.g. sales_cloud:003Hs00000AbCdEIAZ")
    return name, config.crm(name).kind.record_id(record_id)


def _evidence(session: "Session", crm: str, record_id: str) -> str:
    from transforms.explanation.evidence import explain as evidence
    from transforms.explanation.text import render

    found = evidence(session.warehouse, session.context(), crm, record_id)
    return render(found, {name: (label, spec.description) for name, (label, spec) in _fields(session, found.entity).items()})


def _past(session: "Session", crm: str, record_id: str, as_of: dt.datetime, recompute: bool) -> str:
    from transforms.explanation import past
    from transforms.explanation.past_text import render_past
    from transforms.registry_scores import score_models

    context = session.context()
    if recompute:
        past.recompute(session.warehouse, context, score_models(), crm, as_of.date())
    found = past.recall(session.warehouse, context, crm, record_id, as_of.date())
    return render_past(found, {name: label for name, (label, _) in _fields(session, found.entity).items()}, compared=recompute)


def _fields(session: "Session", entity: str) -> "dict[str, tuple[str, FieldSpec]]":
    """Label and declaration of the entity's fields, entered and written, by column."""
    from connectors.fields import ENTERED, OUTPUT, column, label

    specs = [spec for fields in (ENTERED, OUTPUT) for of_entity in fields.values() for spec in of_entity if spec.entity == entity]
    return {column(spec): (label(spec, session.config.output.labels), spec) for spec in specs}


def _scored_as_of(warehouse: "DuckDBWarehouse") -> dt.datetime:
    """The as-of of the newest run that came to its end."""
    from warehouse import ledger

    for run in ledger.recent_runs(warehouse, limit=100):
        if run["status"] == "done":
            as_of: dt.datetime = run["as_of"]
            return as_of.replace(tzinfo=dt.UTC)
    raise Told("nothing is scored yet; start with: guanxi run")
