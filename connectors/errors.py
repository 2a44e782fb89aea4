"""What can go wrong at the boundary to a CRM.

CrmError                 one line for the user: what, where, what to do
├── PermanentError       asking again gives the same answer
│   ├── CredentialError      login refused
│   ├── MissingPermission    logged in, but a right is missing
│   ├── RequestRejected      the CRM refused the request (its code and text are kept)
│   └── QuotaExhausted       the day's calls are used up; come back tomorrow
├── RetryableError       a later attempt may succeed
│   ├── Unreachable          host, TLS, timeout, reset
│   ├── ServerBusy           5xx, maintenance pages, lock contention
│   └── RateLimited          the CRM said when to come back (`retry_after` seconds, or None)
└── IncompleteRead       what arrived is not what was announced: never stored
"""


class CrmError(Exception):
    """Base of all; `str(error)` is the one line a user sees."""


class PermanentError(CrmError):
    """The same request will fail again."""


class CredentialError(PermanentError):
    """Login refused."""


class MissingPermission(PermanentError):
    """The integration user lacks a right, an object or a field."""


class RequestRejected(PermanentError):
    """The CRM refused a request; `code` is its own error code."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class QuotaExhausted(PermanentError):
    """No calls left today, or our share of them is used."""


class RetryableError(CrmError):
    """A later attempt may succeed."""


class Unreachable(RetryableError):
    """No answer from the host."""


class ServerBusy(RetryableError):
    """The CRM could not serve us now."""


class RateLimited(RetryableError):
    """Too many requests; `retry_after` in seconds when the CRM named it."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IncompleteRead(CrmError):
    """A page or a job did not bring what it announced."""
