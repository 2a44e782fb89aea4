"""What a create request says, checked: dialect, operation, object. Refusals carry Salesforce's codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request

from connectors.sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDINGS, Dialect
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.metadata import SObject


def dialect_of(body: Mapping[str, Any]) -> Dialect:
    """The CSV format asked for; COMMA and LF unless said otherwise."""
    delimiter = chosen(body, "columnDelimiter", DELIMITERS, "COMMA")
    return Dialect(delimiter, chosen(body, "lineEnding", LINE_ENDINGS, "LF"))


def chosen(body: Mapping[str, Any], key: str, allowed: Collection[str], default: str | None = None) -> str:
    """One of the allowed values; raises InvalidJob naming the key and what is allowed."""
    value = body.get(key) or default
    if value not in allowed:
        given = f"'{value}' is not valid for {key}" if value else f"{key} is missing"
        raise SalesforceError("INVALIDJOB", f"InvalidJob : {given}; it must be one of {', '.join(allowed)}")
    return str(value)


def bulk_object(declared: SObject | None, name: str) -> SObject:
    """The object, when the Bulk API serves it; raises INVALIDENTITY."""
    if declared is None:
        raise SalesforceError("INVALIDENTITY", f"InvalidEntity : Unable to find object: {name}")
    if not declared.bulk:
        raise SalesforceError("INVALIDENTITY", f"Entity '{declared.name}' is not supported by the Bulk API.")
    return declared


def required_text(body: Mapping[str, Any], key: str) -> str:
    """A non-empty text of the body; raises INVALIDJOB."""
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SalesforceError("INVALIDJOB", f"InvalidJob : {key} is required")
    return value


def accepts_csv(request: Request) -> None:
    """Results come as text/csv only; raises NOT_ACCEPTABLE (406) when the client takes none."""
    accepted = request.headers.get("accept", "*/*").lower()
    if not any(kind in accepted for kind in ("text/csv", "text/*", "*/*")):
        raise SalesforceError("NOT_ACCEPTABLE", f"Results are text/csv, not {accepted}", status=406)
