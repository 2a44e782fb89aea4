"""Registers everything that reads."""

from __future__ import annotations

from connectors.sandbox.dataverse import privileges, query, retrieve
from connectors.sandbox.dataverse.api import Api
from connectors.sandbox.dataverse.functions import Functions
from connectors.sandbox.dataverse.metadata import routes as metadata


def register(api: Api) -> None:
    """Rows, functions, privileges and metadata."""
    Functions().register(api)
    metadata.register(api)
    privileges.register(api)
    api.on("GET", "{set}", query.collection)
    api.on("GET", "{set}/$count", query.count)
    api.on("GET", "{set}({key})", retrieve.record)
    api.on("GET", "{set}({key})/{property}", retrieve.member)
