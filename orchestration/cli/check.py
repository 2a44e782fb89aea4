"""Commands that only look: `doctor` at the CRM, `status` at the ledger."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.base import Told, chosen, configured, console, crm_option, for_each

if TYPE_CHECKING:
    from connectors.contract import Probe
    from orchestration.config import Configuration
    from orchestration.crms import Crm

REJECTED = "rejected 5 times or more (tried again weekly, or at once: guanxi plan --retry-rejected)"
MARKS: Mapping[bool | None, str] = {True: "ok", False: "NO", None: "?"}


@click.command()
@crm_option
@configured
def doctor(config: "Configuration", names: tuple[str, ...]) -> None:
    """Ask each CRM what it lets us do: login, rights, objects, features, quotas, clock. Reads only.

    \b
    Example:
      guanxi doctor --crm sales_cloud
    """

    def look(crm: "Crm") -> None:
        probes = crm.kind.probes(crm)
        _show(crm.name, probes)
        if faults := sum(probe.ok is False and probe.fatal for probe in probes):
            raise Told(f"a run of {crm.name} could not work: {faults} of the lines above must be put right first")

    for_each(chosen(config, names), look)


def _show(crm: str, probes: "Sequence[Probe]") -> None:
    from rich.table import Table

    table = Table("", "what", "found", "what to do", title=crm, title_justify="left", pad_edge=False)
    for probe in probes:
        table.add_row(MARKS[probe.ok], probe.name, probe.detail, probe.remedy)
    console().print(table, markup=False)


@click.command()
@configured
def status(config: "Configuration") -> None:
    """Show what each CRM holds, the last runs and pushes, calls left, and the records a CRM keeps rejecting.

    \b
    Example:
      guanxi status
    """
    from connectors.activation.reports import MAX_ATTEMPTS
    from orchestration.freshness import as_of_held
    from orchestration.session import opened
    from warehouse import ledger

    with opened(config) as session:
        held = as_of_held(session.warehouse)
        runs = ledger.recent_runs(session.warehouse)
        syncs = ledger.recent_syncs(session.warehouse)
        quarantined = ledger.quarantined(session.warehouse, MAX_ATTEMPTS)
    _table("in the CRMs", ("crm", "figures as of"), ((crm, held.get(crm) or "none yet") for crm in config.crms))
    _table("runs", ("started", "of", "as of", "status", "seconds", "read", "written", "warnings", "message"), map(_run_row, runs))
    _table("pushes", ("planned", "crm", "plan", "mode", "status", "calls used", "calls left", "message"), map(_sync_row, syncs))
    _table(
        REJECTED,
        ("crm", "entity", "record", "attempts", "code", "message"),
        map(_quarantine_row, quarantined),
    )


def _table(title: str, headings: tuple[str, ...], rows: Any) -> None:
    from rich.table import Table

    table = Table(*headings, title=title, title_justify="left", pad_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    if table.row_count:
        console().print(table, markup=False)
    else:
        click.echo(f"{title}: none")


def _run_row(run: Mapping[str, Any]) -> tuple[Any, ...]:
    counts = run["counts"] or {}
    seconds = f"{(run['finished'] - run['started']).total_seconds():.0f}" if run["finished"] else ""
    read = sum(item["read"] for item in counts.get("objects", []))
    written = sum(item["written"] for item in counts.get("entities", []))
    warned = len(counts.get("warnings", []))
    return (
        f"{run['started']:%Y-%m-%d %H:%M:%S}",
        counts.get("crms"),
        f"{run['as_of']:%Y-%m-%d %H:%M}",
        run["status"],
        seconds,
        read,
        written,
        warned,
        run["message"],
    )


def _sync_row(sync: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("crm", "run_id", "mode", "status", "calls_used", "calls_left", "message")
    return (f"{sync['planned_at']:%Y-%m-%d %H:%M:%S}", *(sync[name] for name in names))


def _quarantine_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("crm", "entity", "record_id", "attempts", "code", "message"))
