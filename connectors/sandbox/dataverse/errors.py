"""What Dataverse answers when it refuses: a status, `{"error": {"code", "message"}}`, and sometimes headers.

DataverseError
├── Unauthorized    no live token: 401 with the address of the authority, no body
└── QueryError      the address or a query option cannot be understood
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BAD_URI: Final = "0x80060888"
NO_SUCH_RECORD: Final = "0x80040217"
MISSING_PRIVILEGE: Final = "0x80040220"
NOT_A_MEMBER: Final = "0x80072560"
CHANGE_TRACKING_OFF: Final = "0x80072491"
EXPIRED_VERSION_STAMP: Final = "0x80044352"
BAD_PAYLOAD: Final = "0x80048d19"
INVALID_ARGUMENT: Final = "0x80040203"
NO_SUCH_SEGMENT: Final = "0x8006088a"
NO_SUCH_ATTRIBUTE_KEY: Final = "0x80060891"
NOT_SUPPORTED: Final = "0x80040800"
NO_SUCH_ENTITY: Final = "0x80041102"
NO_SUCH_ATTRIBUTE: Final = "0x80041103"


class DataverseError(Exception):
    """One refusal, in Dataverse's own code and words."""

    def __init__(self, code: str, message: str, *, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})

    def as_json(self) -> dict[str, Any] | None:
        """The body of the answer; None when it has none."""
        return {"error": {"code": self.code, "message": self.message}}


class Unauthorized(DataverseError):
    """No token, an unknown one or an expired one."""

    def __init__(self, authority: str, resource: str) -> None:
        challenge = f"Bearer authorization_uri={authority}/oauth2/authorize, resource_id={resource}"
        super().__init__("0x0", "Unauthorized", status=401, headers={"WWW-Authenticate": challenge})

    def as_json(self) -> None:
        return None


class QueryError(DataverseError):
    """An address or a query option that cannot be understood."""

    def __init__(self, message: str, code: str = BAD_URI, *, status: int = 400) -> None:
        super().__init__(code, message, status=status)


def no_such_segment(name: str) -> QueryError:
    """An address that is not there."""
    return QueryError(f"Resource not found for the segment '{name}'.", NO_SUCH_SEGMENT, status=404)


def no_such_property(name: str, table: str) -> QueryError:
    """A property a table does not have; names are compared letter by letter."""
    return QueryError(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")


def no_such_record(table: str, record_id: str) -> DataverseError:
    """A row that is not there (any more)."""
    return DataverseError(NO_SUCH_RECORD, f"Entity '{table}' With Id = {record_id} Does Not Exist", status=404)


def bad_payload(message: str) -> DataverseError:
    """A body that is no JSON or does not fit the table."""
    return DataverseError(BAD_PAYLOAD, f"Error identified in Payload provided by the user for Entity :'', Error: {message}")


def method_not_allowed(method: str) -> DataverseError:
    """An address that is there, but not for this method."""
    return DataverseError(BAD_URI, f"The requested resource does not support http method '{method}'.", status=405)
