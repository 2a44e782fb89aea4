"""Instants as clients write them."""

import re
from datetime import UTC, datetime
from typing import Final

_COMPACT_OFFSET: Final = re.compile(r"([+-]\d{2})(\d{2})$")


def parse_instant(text: str) -> datetime | None:
    """An ISO instant as naive UTC (no zone means UTC); None when it is none. A blank stands for a `+` that lost its escape in a URL."""
    iso = _COMPACT_OFFSET.sub(r"\1:\2", text.strip().replace(" ", "+").replace("Z", "+00:00"))
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
