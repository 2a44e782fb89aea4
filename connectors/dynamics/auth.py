"""One access token for all threads: asked for once, renewed before it expires and when the environment refuses it.

Client credentials over a plain OAuth POST. Microsoft's own library insists on an https authority, which the local sandbox
does not have, and caches tokens we would have to throw away; nothing else of it would be used. One lock keeps twenty
threads that meet an expired token from logging in twenty times.
"""

import re
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import httpx

from connectors.dynamics.settings import DynamicsSettings
from connectors.errors import CredentialError, ServerBusy, Unreachable
from connectors.silence import silence

EARLY_SECONDS: Final = 300.0
"""A token is renewed this long before its end; one that lives shorter than twice as long, at half its life."""
ASSUMED_LIFE: Final = 3_599.0
BUSY_STATUS: Final = frozenset({408, 429})

_NUMBER: Final = re.compile(r"AADSTS(\d+)")
_ADVICE: Final = {
    "7000215": "client_secret is wrong: put the secret's value there, not its id",
    "7000222": "client_secret has expired: make a new one in the app registration",
    "700016": "client_id is not an app of this tenant: check client_id and tenant_id",
    "90002": "there is no such tenant: check tenant_id",
    "900023": "tenant_id is neither a domain nor a directory id: check tenant_id",
    "500011": "the tenant does not know this environment: check environment_url and tenant_id",
    "7000229": "the app has no service principal in the tenant: have an administrator consent to it",
}
_GENERAL: Final = "check tenant_id, client_id, client_secret and environment_url"


@dataclass(frozen=True)
class _Token:
    value: str
    renew_at: float


class TokenSource:
    """The current access token of one environment.

    Raises `CredentialError` when the login is refused, `Unreachable` or `ServerBusy` when it could not be tried.
    """

    def __init__(self, settings: DynamicsSettings, http: httpx.Client) -> None:
        self._settings = settings
        self._http = http
        self._lock = Lock()
        self._token: _Token | None = None

    def current(self) -> str:
        """The token in use; logs in when there is none or its end is near."""
        with self._lock:
            if self._token is None or time.monotonic() >= self._token.renew_at:
                self._token = self._login()
            return self._token.value

    def renew(self, refused: str) -> str:
        """A token that is not `refused`: a new login, unless another thread has already made one."""
        with self._lock:
            if self._token is None or self._token.value == refused:
                self._token = self._login()
            return self._token.value

    def _login(self) -> _Token:
        settings = self._settings
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
            "scope": f"{settings.environment_url}/.default",
        }
        try:
            response = self._http.post(f"{settings.authority}/{settings.tenant_id}/oauth2/v2.0/token", data=form)
        except httpx.TransportError as error:
            raise Unreachable(f"{settings.authority} {silence(error, 'authority')}") from error
        if response.status_code >= 500 or response.status_code in BUSY_STATUS:
            raise ServerBusy(f"{settings.authority} cannot log us in now (HTTP {response.status_code}); try again later")
        return self._token_in(response)

    def _token_in(self, response: httpx.Response) -> _Token:
        answer = _object(response)
        if response.is_success and answer.get("access_token"):
            life = _seconds(answer.get("expires_in"))
            return _Token(str(answer["access_token"]), time.monotonic() + life - min(EARLY_SECONDS, life / 2))
        if not answer:
            raise CredentialError(
                f"{self._settings.authority} answered the login with no JSON (HTTP {response.status_code});"
                " authority must be the sign-in service, such as https://login.microsoftonline.com"
            )
        number = _NUMBER.search(str(answer.get("error_description", "")))
        reason = " ".join(filter(None, (str(answer.get("error", f"HTTP {response.status_code}")), number[0] if number else "")))
        advice = _ADVICE.get(number[1] if number else "", _GENERAL)
        raise CredentialError(f"{self._settings.authority} refused the login ({reason}); {advice}")


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return ASSUMED_LIFE
