"""Constants as SQL text, and the names OData has for types. Texts are quoted here and nowhere else."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from connectors.sandbox.dataverse.odata.tree import Value

_EDM: Final = {
    "text": "Edm.String",
    "string": "Edm.String",
    "guid": "Edm.Guid",
    "number": "Edm.Int32",
    "boolean": "Edm.Boolean",
    "datetime": "Edm.DateTimeOffset",
    "date": "Edm.Date",
    "null": "<null>",
}


def edm_name(kind: str) -> str:
    """OData's name of a family of values."""
    return _EDM[kind]


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def label(name: str) -> str:
    """The name of a JSON property with its colon, as an SQL literal."""
    return quoted(f"{json.dumps(name)}:")


def as_sql(value: Value) -> str:
    """A constant as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return quoted(value) if isinstance(value, str) else repr(value)
