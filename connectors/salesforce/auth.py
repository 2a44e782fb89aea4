"""One access token for all threads: asked for once, renewed when the org says it expired.

Client credentials and JWT bearer only. Neither flow hands out a refresh token, so renewing is asking again; a lock
keeps twenty threads that meet an expired session from logging in twenty times.
"""

import time
from pathlib import Path
from threading import Lock

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.errors import CredentialError, ServerBusy, Unreachable
from connectors.salesforce.settings import SalesforceSettings
from connectors.silence import silence

TOKEN_PATH = "/services/oauth2/token"
ASSERTION_SECONDS = 180


class TokenSource:
    """The current access token of one org.

    Raises `CredentialError` when the login is refused, `Unreachable` or `ServerBusy` when it could not be tried.
    """

    def __init__(self, settings: SalesforceSettings, http: httpx.Client) -> None:
        self._settings = settings
        self._http = http
        self._lock = Lock()
        self._token: str | None = None

    def current(self) -> str:
        """The token in use; the first call logs in."""
        with self._lock:
            if self._token is None:
                self._token = self._login()
            return self._token

    def renew(self, expired: str) -> str:
        """A token that is not `expired`: a new login, unless another thread has already made one."""
        with self._lock:
            if self._token == expired or self._token is None:
                self._token = self._login()
            return self._token

    def _login(self) -> str:
        try:
            response = self._http.post(TOKEN_PATH, data=self._grant())
        except httpx.TransportError as error:
            raise Unreachable(f"{self._settings.instance_url} {silence(error, 'instance_url')}") from error
        if response.status_code >= 500 or response.status_code in (406, 420, 429):
            raise ServerBusy(f"{self._settings.instance_url} cannot log us in now (HTTP {response.status_code}); try again later")
        return self._token_in(response)

    def _token_in(self, response: httpx.Response) -> str:
        try:
            answer = response.json()
        except ValueError:
            answer = {}
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if response.is_success and token:
            return str(token)
        if "html" in response.headers.get("Content-Type", ""):
            raise CredentialError(
                f"{self._settings.instance_url} answered the login with a web page (HTTP {response.status_code});"
                " set instance_url to the org's My Domain URL, such as https://mycompany.my.salesforce.com"
            )
        reason = answer.get("error", f"HTTP {response.status_code}") if isinstance(answer, dict) else f"HTTP {response.status_code}"
        raise CredentialError(f"{self._settings.instance_url} refused the login ({reason}); {self._advice()}")

    def _advice(self) -> str:
        if self._settings.auth == "jwt":
            return "check client_id, username, audience, private_key_file, this machine's clock and that the app admits the user"
        return "check client_id and client_secret, that instance_url is the My Domain URL, and the app's run-as user"

    def _grant(self) -> dict[str, str]:
        if self._settings.auth == "jwt":
            return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._assertion()}
        secret = self._settings.client_secret
        return {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": secret.get_secret_value() if secret else "",
        }

    def _assertion(self) -> str:
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.audience,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        return jwt.encode(claims, self._private_key(), algorithm="RS256")

    def _private_key(self) -> RSAPrivateKey:
        path = Path(self._settings.private_key_file or "")
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise CredentialError(f"private_key_file {path} cannot be read; check the path and its permissions") from error
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise CredentialError(
                f"private_key_file {path} holds no RSA private key in PEM without a password, which JWT needs;"
                " give the key whose certificate the app has"
            )
        return key
