"""The one table a run ends with: what was read, counted and dropped, what was written, how long each step took."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.contract import ObjectReport
from orchestration.figures import Figures, peak_memory_mb
from orchestration.session import Session
from quality.reconciliation import Account

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Row = tuple[str, ...]
OBJECTS: Row = ("object", "new", "records", "counted", "dropped", "why dropped")
ENTITIES: Row = ("written back", "planned", "written", "unchanged", "skipped", "rejected")
STEPS: Row = ("step", "rows", "seconds", "rows/s", "", "")
NAMED: Row = ("",) * 5
"""What follows in a line that only has a name."""


def show(session: Session, out: "Console", err: "Console", *, dry_run: bool = False) -> None:
    """Print the table (when something was read), then notes, warnings and faults, the last on `err`."""
    figures = session.figures
    if figures.extracts:
        out.print(_table(_title(session, dry_run), figures))
        for line in _remarks(figures, dry_run):
            out.print(line, markup=False)
    for line in _faults(figures):
        err.print(line, markup=False, soft_wrap=True)


def _title(session: Session, dry_run: bool) -> str:
    return f"{'dry run' if dry_run else 'run'} of {', '.join(session.figures.extracts)} as of {session.as_of:%Y-%m-%dT%H:%M:%SZ}"


def _table(title: str, figures: Figures) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", pad_edge=False)
    for number, heading in enumerate(OBJECTS):
        table.add_column(heading, justify="left" if number in (0, 5) else "right", overflow="fold")
    for heads, rows in ((None, _objects(figures)), (ENTITIES, _entities(figures)), (STEPS, _steps(figures))):
        if heads:
            table.add_section()
            _add_bold(table, heads)
        for row in rows:
            _add_bold(table, row) if row[1:] == NAMED else table.add_row(*row)
    return table


def _add_bold(table: "Table", row: Row) -> None:
    table.add_row(*(f"[bold]{cell}[/bold]" if cell else "" for cell in row))


def _objects(figures: Figures) -> Iterator[Row]:
    for crm, report in figures.extracts.items():
        yield from _name(figures, crm)
        for name, item in report.objects.items():
            yield _object(name, item, figures.accounts.get((crm, name)))
        yield from _activities([account for (of, _), account in figures.accounts.items() if of == crm])


def _name(figures: Figures, crm: str) -> Iterator[Row]:
    """A line with the name of the CRM, where rows of several follow each other."""
    if len(figures.extracts) > 1:
        yield (crm, *NAMED)


def _object(name: str, item: ObjectReport, account: Account | None) -> Row:
    if item.skipped:
        return (name, "-", "-", "", "", f"not read: {item.skipped}")
    if account is None:
        return (name, f"{item.rows:,}", f"{item.total:,}", "", "", "")
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in account.dropped.items())
    return (name, f"{item.rows:,}", f"{account.read:,}", f"{account.counted:,}", f"{_lost(account):,}", reasons)


def _activities(accounts: Sequence[Account]) -> Iterator[Row]:
    read, counted, dropped = (
        sum(numbers) for numbers in ([item.read for item in accounts], [item.counted for item in accounts], map(_lost, accounts))
    )
    if accounts:
        yield ("all activities", "", f"{read:,}", f"{counted:,}", f"{dropped:,}", f"{read:,} = {counted:,} + {dropped:,}")


def _lost(account: Account) -> int:
    return sum(account.dropped.values())


def _entities(figures: Figures) -> Iterator[Row]:
    names = ("planned", "written", "unchanged", "skipped", "rejected")
    for crm, found in groupby(figures.entities.items(), lambda item: item[0][0]):
        rows = {entity: counts for (_, entity), counts in found}
        rows["all"] = {name: sum(counts.get(name, 0) for counts in rows.values()) for name in names}
        yield from _name(figures, crm)
        yield from ((entity, *(f"{counts.get(name, 0):,}" for name in names)) for entity, counts in rows.items())


def _steps(figures: Figures) -> Iterator[Row]:
    groups = figures.groups()
    for name, step in groups.items():
        yield (name, f"{step.rows:,}", f"{step.seconds:.1f}", f"{step.rate:,}", "", "")
    yield ("all", "", f"{sum(step.seconds for step in groups.values()):.1f}", "", "", f"peak memory {peak_memory_mb():,} MB")


def _method_changes(figures: Figures, dry_run: bool) -> Iterator[str]:
    """One line per CRM whose method changed; before anything is written also every step from label to label."""
    for change in figures.method_changes:
        yield change.line
        yield from change.table() if dry_run else ()


def _remarks(figures: Figures, dry_run: bool) -> Iterator[str]:
    yield f"checks: {figures.checked.total()} done, {len(figures.stopped_by)} stopped the run, {len(figures.warnings)} warnings"
    yield from (f"warning: {check.line}" for check in figures.warnings)
    yield from (f"note: {note}" for note in figures.notes)
    yield from _method_changes(figures, dry_run)
    if figures.failed:
        return
    planned = sum(counts["planned"] for counts in figures.entities.values())
    if dry_run:
        yield f"dry run: {planned:,} rows would be written, nothing was"
    elif not planned:
        news = sum(item.rows for report in figures.extracts.values() for item in report.objects.values())
        read = f"{news:,} changed rows were read and move no figure" if news else "no record changed"
        yield f"nothing new: {read}, 0 rows written"


def _faults(figures: Figures) -> Iterator[str]:
    yield from (f"failed: {fault.line}" for fault in figures.faults.values())
    yield from (f"stopped: {check.line}" for check in figures.stopped_by)
