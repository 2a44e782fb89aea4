"""What an answer of Dataverse that is not a success means to us: one exception of `connectors.errors`, one clear line.

Dataverse says what is wrong by a code (`0x80040217`), which means the same under whatever status; the status only decides
for answers without one. Texts of Dataverse are shown in part, without mail addresses: it quotes what it was sent.
"""

import re
from typing import Any, Final

import httpx

from connectors.errors import (
    CredentialError,
    CrmError,
    MissingPermission,
    PermanentError,
    RateLimited,
    RequestRejected,
    ServerBusy,
)

EXPIRED_VERSION_STAMP: Final = "0x80044352"
CHANGE_TRACKING_OFF: Final = "0x80072491"
CHANGE_TRACKING_NEVER: Final = "0x80072492"
VERSION_MISMATCH: Final = "0x80060882"
NO_OPTIMISTIC_CONCURRENCY: Final = "0x8006088d"
NO_SUCH_RECORD: Final = "0x80040217"
NO_SUCH_KEY: Final = "0x80060891"
DUPLICATE_KEY: Final = "0x80060892"
SQL_DUPLICATE: Final = "0x80040237"
DUPLICATE_FOUND: Final = "0x80040333"
STRING_TOO_LONG: Final = "0x80044331"
BAD_PAYLOAD: Final = "0x80048d19"
ATTRIBUTE_EXISTS: Final = "0x80047013"
NOT_A_MEMBER: Final = "0x80072560"
DEADLOCK: Final = "0x80044150"
SQL_TIMEOUT: Final = "0x80044151"
TOO_MANY_REQUESTS: Final = "0x80072322"
TOO_MUCH_TIME: Final = "0x80072321"
TOO_MANY_AT_ONCE: Final = "0x80072326"

FORBIDDEN_CODES: Final = frozenset({"0x80040220", "0x8004f502", "0x8004f507"})
LIMIT_CODES: Final = {
    TOO_MANY_REQUESTS: "too many requests in five minutes",
    TOO_MUCH_TIME: "too much server time in five minutes",
    TOO_MANY_AT_ONCE: "too many requests at once",
}
_MEANING: Final = {
    EXPIRED_VERSION_STAMP: "the delta token is too old; the table must be read in full again",
    CHANGE_TRACKING_OFF: "change tracking is off for this table; switch it on in the table's settings, or it is read by its dates",
    CHANGE_TRACKING_NEVER: "this table cannot have change tracking; it is read by its dates",
    VERSION_MISMATCH: "the record changed meanwhile; read it again before writing",
    NO_OPTIMISTIC_CONCURRENCY: "this table takes no If-Match with a version",
    NO_SUCH_RECORD: "the record is gone",
    NO_SUCH_KEY: "no record has this alternate key",
    DUPLICATE_KEY: "several records have this alternate key",
    SQL_DUPLICATE: "a record with this key is there already",
    DUPLICATE_FOUND: "a duplicate detection rule refused it; relax the rule for the application user",
    STRING_TOO_LONG: "a text is longer than its column",
    ATTRIBUTE_EXISTS: "the column is there already",
}
_PERMANENT: Final = frozenset({*_MEANING, *FORBIDDEN_CODES, BAD_PAYLOAD, NOT_A_MEMBER})
_BUSY_STATUS: Final = frozenset({408, 500, 502, 503, 504})
_HEAVY_STATUS: Final = frozenset({413, 504})
_TEXT_LIMIT: Final = 300
_ADDRESS: Final = re.compile(r"[\w.+-]+@(?!odata\.|Microsoft\.|OData\.|mscrm\.)[\w-]+\.[\w.-]+")
_PRIVILEGE: Final = re.compile(r"\bprv\w+")
_TABLE: Final = re.compile(r"entity[: ]+'(\w+)'", re.IGNORECASE)


class TooHeavy(ServerBusy):
    """The server ran out of time or room for this one request: a smaller one may pass, the same one later may too."""


def fault(response: httpx.Response) -> CrmError:
    """The exception for a response that failed; its text names the request, the CRM's code and what to do."""
    code, text = error_in(response)
    where, status = where_of(response.request), response.status_code
    if status == 429 or code in LIMIT_CODES:
        return RateLimited(
            f"{where}: {LIMIT_CODES.get(code, 'too many requests')} (HTTP {status} {code})".replace(" )", ")"), retry_after(response)
        )
    if code == SQL_TIMEOUT or status in _HEAVY_STATUS:
        return TooHeavy(f"{where}: Dataverse needed too long (HTTP {status} {code}); ask for less at once".replace(" )", ")"))
    if code == DEADLOCK or (status in _BUSY_STATUS and code not in _PERMANENT):
        return ServerBusy(f"{where}: Dataverse is busy (HTTP {status} {code}); run again later".replace(" )", ")"))
    return _permanent(where, status, code, text)


def _permanent(where: str, status: int, code: str, text: str) -> CrmError:
    if status == 401:
        return CredentialError(f"{where}: the token was refused though just renewed; check environment_url and the app registration")
    if code == NOT_A_MEMBER or "not a member of the organization" in text:
        return MissingPermission(
            f"{where}: the app has no user in this environment; add it as an application user with a security role"
            " (Power Platform admin centre, Environments, Settings, Application users)"
        )
    if status == 403 or code in FORBIDDEN_CODES:
        return MissingPermission(
            f"{where}: {_lacking(text, code)}; add it to the application user's security role (guanxi doctor shows what)"
        )
    if 300 <= status < 400:
        return PermanentError(f"{where}: the environment has moved (HTTP {status}); set environment_url to its current address")
    if status == 410 and not code:
        return PermanentError(f"{where}: this API version is retired; set api_version to a newer one")
    meaning = _MEANING.get(code, text)
    return RequestRejected(f"{where}: {' '.join(filter(None, (code, meaning)))} (HTTP {status})".replace(":  (", ": ("), code)


def _lacking(text: str, code: str) -> str:
    """What the user may not do, in Dataverse's own names."""
    privilege, table = _PRIVILEGE.search(text), _TABLE.search(text)
    if privilege:
        return f"privilege {privilege[0]} is missing" + (f" on {table[1]}" if table else "")
    return f"{code or 'HTTP 403'} {text}".rstrip()


def where_of(request: httpx.Request) -> str:
    """Method and path of a request, never its query string."""
    target = request.extensions.get("target")
    path = target.decode("ascii").partition("?")[0] if isinstance(target, bytes) else request.url.path
    return f"{request.method} {path}"


def error_in(response: httpx.Response) -> tuple[str, str]:
    """Error code (lower case) and one line of text of a failed response, both empty when the body is not Dataverse's JSON."""
    try:
        answer: Any = response.json()
    except ValueError:
        return "", ""
    return code_and_text(answer)


def code_and_text(answer: Any) -> tuple[str, str]:
    """As `error_in`, for a decoded body, such as a part of a `$batch`."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return "", ""
    text = " ".join(str(error.get("message") or "").split())
    return _hexadecimal(str(error.get("code") or "")), _ADDRESS.sub("(address)", text)[:_TEXT_LIMIT]


def _hexadecimal(code: str) -> str:
    """Older parts of the service give a code as a signed number."""
    return f"0x{int(code) & 0xFFFFFFFF:08x}" if re.fullmatch(r"-\d+", code) else code.lower()


def retry_after(response: httpx.Response) -> float | None:
    """Seconds the service asks us to wait, None when it does not say."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
