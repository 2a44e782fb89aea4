"""GUIDs told by names: the same neutral record always gets the same GUID, in Python and in SQL."""

import hashlib
import re
import uuid
from typing import Final

_SHAPE: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

GUID_MACRO: Final = "create macro if not exists guid(kind, number) as (md5('guanxi/' || kind || '/' || number)::uuid)::varchar"
"""SQL `guid(kind, number)`: null for a null number."""


def guid(kind: str, number: int | str) -> str:
    """The GUID (lower case) of one record: what the SQL macro `guid` makes of the same words."""
    return str(uuid.UUID(hashlib.md5(f"guanxi/{kind}/{number}".encode(), usedforsecurity=False).hexdigest()))


def normal(text: str) -> str | None:
    """The lower-case form of a GUID; None when `text` is none."""
    return text.lower() if _SHAPE.fullmatch(text) else None
