"""What Salesforce answers when it refuses: a status, and a list of `{"message", "errorCode", "fields"}`.

SalesforceError
└── QueryError    a SOQL statement was refused; the message shows the spot
"""

from collections.abc import Sequence
from typing import Any


class SalesforceError(Exception):
    """One refusal, in Salesforce's own code and words."""

    def __init__(self, code: str, message: str, *, status: int = 400, fields: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields

    def as_json(self) -> list[dict[str, Any]]:
        """The body of the answer."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [body]


class QueryError(SalesforceError):
    """A SOQL statement was refused."""


_REFER: str = "Please reference your WSDL or the describe call for the appropriate names."


def no_such_column(field: str, entity: str) -> QueryError:
    """A field that does not exist or that the user may not see: Salesforce does not tell the two apart."""
    text = (
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field,"
        f" be sure to append the '__c' after the custom"
        f" field name. {_REFER}"
    )
    return QueryError("INVALID_FIELD", text)


def unsupported_type(name: str) -> QueryError:
    """An object that does not exist, is switched off or is hidden."""
    text = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object,"
        f" be sure to append the '__c' after the entity name."
        f" {_REFER}"
    )
    return QueryError("INVALID_TYPE", text)


def unknown_relationship(name: str, where: str) -> QueryError:
    """A relationship name no field or child carries; `where` is "field path" or "FROM part of query call"."""
    text = (
        f"Didn't understand relationship '{name}' in {where}. If you are attempting to use a custom relationship,"
        f" be sure to append the '__r' after"
        f" the custom relationship name. {_REFER}"
    )
    return QueryError("INVALID_FIELD" if where == "field path" else "INVALID_TYPE", text)


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """An address or a record that is not there."""
    return SalesforceError("NOT_FOUND", message, status=404)


def malformed_body(message: str) -> SalesforceError:
    """A body that is no JSON or not the JSON expected."""
    return SalesforceError("JSON_PARSER_ERROR", message)
