"""What an answer of Salesforce that is not a success means to us: one exception of `connectors.errors`, one clear line.

Salesforce has no Retry-After and no 429 of its own: the same code REQUEST_LIMIT_EXCEEDED means "too many at once"
(worth waiting) or "the day's calls are gone" (not worth it), told apart by the text only.
"""

from typing import Any

import httpx

from connectors.errors import (
    CredentialError,
    CrmError,
    MissingPermission,
    PermanentError,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ServerBusy,
)

BUSY_STATUS = frozenset({406, 408, 420})
BUSY_CODES = frozenset(
    {"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "TXN_SECURITY_METERING_ERROR", "API_TEMPORARILY_UNAVAILABLE"}
)
FORBIDDEN_CODES = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "FORBIDDEN",
        "FUNCTIONALITY_NOT_ENABLED",
        "FeatureNotEnabled",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    }
)
_TEXT_LIMIT = 300


def fault(response: httpx.Response) -> CrmError:
    """The exception for a response that failed; its text names the request, the CRM's code and what to do."""
    code, text = error_in(response)
    where = f"{response.request.method} {response.request.url.path}"
    status = response.status_code
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit_fault(where, text)
    if status == 429:
        return RateLimited(f"{where}: too many requests (HTTP 429)", _retry_after(response))
    if status >= 500 or status in BUSY_STATUS or code in BUSY_CODES:
        return ServerBusy(f"{where}: Salesforce is busy (HTTP {status} {code}); run again later".replace(" )", ")"))
    return _permanent_fault(where, status, code, text)


def _limit_fault(where: str, text: str) -> CrmError:
    if "concurrent" in text.lower():
        return RateLimited(f"{where}: too many long requests at once ({text})")
    return QuotaExhausted(f"{where}: the org's API calls of the day are used up ({text}); run again tomorrow or ask for more calls")


def _permanent_fault(where: str, status: int, code: str, text: str) -> CrmError:
    if status == 401:
        return CredentialError(
            f"{where}: the session was refused though just renewed ({code}); check the app's policies and the integration user"
        )
    if status == 410:
        return PermanentError(f"{where}: this API version is retired ({text}); set api_version to a newer one")
    if status == 403 or code in FORBIDDEN_CODES:
        return MissingPermission(f"{where}: {code} {text}; grant the integration user the missing right (guanxi doctor shows which)")
    if 300 <= status < 400:
        return PermanentError(f"{where}: the org has moved (HTTP {status}); set instance_url to its current My Domain URL")
    return RequestRejected(f"{where}: {code or f'HTTP {status}'} {text}".rstrip(), code)


def error_in(response: httpx.Response) -> tuple[str, str]:
    """Error code and one line of text of a failed response, both empty when the body is not Salesforce's JSON."""
    try:
        answer: Any = response.json()
    except ValueError:
        return "", ""
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("exceptionCode") or first.get("error") or ""
    text = first.get("message") or first.get("exceptionMessage") or first.get("error_description") or ""
    return str(code), " ".join(str(text).split())[:_TEXT_LIMIT]


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
