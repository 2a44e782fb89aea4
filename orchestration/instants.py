"""Dates and instants as users type them."""

import datetime as dt


def instant(text: str) -> dt.datetime:
    """An ISO date (00:00:00Z of it) or instant (UTC unless it says otherwise), in UTC. Raises `ValueError`."""
    found = dt.datetime.fromisoformat(text)
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
