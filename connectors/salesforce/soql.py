"""The queries we send. Never ORDER BY or LIMIT: they switch off PK chunking, and bulk results come unordered anyway."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Half-open window of the cursor, `lower <= cursor < upper`, UTC; None is unbounded."""

    lower: dt.datetime | None = None
    upper: dt.datetime | None = None


def select(object_name: str, fields: Sequence[str], cursor: str, window: Window) -> str:
    """SELECT of the fields in their order, bounded by the window."""
    bounds = [(">=", window.lower), ("<", window.upper)]
    conditions = [f"{cursor} {operator} {literal(instant)}" for operator, instant in bounds if instant]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(dict.fromkeys(fields))} FROM {object_name}{where}"  # noqa: S608


def literal(instant: dt.datetime) -> str:
    """A SOQL dateTime literal in UTC with milliseconds."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> dt.datetime:
    """An instant as Salesforce writes it (`Z`, `+0000` or `+00:00`), UTC."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
