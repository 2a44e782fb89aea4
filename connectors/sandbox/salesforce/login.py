"""OAuth: client credentials and JWT bearer, as Salesforce answers them; and who the token belongs to.

Password and SOAP logins are deliberately absent: Salesforce retires them.
"""

import base64
import time
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.salesforce.api import Api, json_response
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.shape import stamp
from connectors.sandbox.salesforce.store import INTEGRATION_USERNAME, ORGANIZATION_ID

CLIENT_ID: Final = "sandbox-integration"
CLIENT_SECRET: Final = "sandbox-secret"
KEY_FILE: Final = "jwt.pem"
JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES: Final = ("https://login.salesforce.com", "https://test.salesforce.com")


class OAuthError(Exception):
    """A login refused; `error` is OAuth's own code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def ensure_key(state_dir: Path) -> Path:
    """The private key whose JWTs are accepted; made when it is not there."""
    path = state_dir / KEY_FILE
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        path.touch(mode=0o600)
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


class Login:
    """The endpoints below `/services/oauth2` and `/id`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        private = serialization.load_pem_private_key(ensure_key(api.store.state_dir).read_bytes(), None)
        self._public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [
            Route("/services/oauth2/token", self.token, methods=["POST"]),
            Route("/services/oauth2/userinfo", self.userinfo, methods=["GET", "POST"]),
            Route("/id/{organization}/{user}", self.identity, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """POST /services/oauth2/token"""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            self._check(form, request)
        except OAuthError as refusal:
            return JSONResponse({"error": refusal.error, "error_description": refusal.description}, 400)
        url = _origin(request)
        return JSONResponse(
            {
                "access_token": self._api.tokens.issue(),
                "signature": "c2FuZGJveA==",
                "scope": "api",
                "instance_url": url,
                "id": self._identity_url(url),
                "token_type": "Bearer",
                "issued_at": str(int(time.time() * 1000)),
            }
        )

    def _check(self, form: dict[str, str], request: Request) -> None:
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            _check_client(*_client(form, request))
        elif grant == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), _origin(request))
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")

    def _check_assertion(self, assertion: str, url: str) -> None:
        try:
            claims = jwt.decode(
                assertion, self._public, algorithms=["RS256"], audience=[*AUDIENCES, url], options={"require": ["exp", "iss", "sub", "aud"]}
            )
        except jwt.ExpiredSignatureError as error:
            raise OAuthError("invalid_grant", "expired authorization code") from error
        except jwt.InvalidAudienceError as error:
            raise OAuthError("invalid_grant", "audience is invalid") from error
        except jwt.PyJWTError as error:
            raise OAuthError("invalid_grant", "invalid assertion") from error
        if claims["iss"] != CLIENT_ID:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if claims["sub"] != INTEGRATION_USERNAME:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")

    async def userinfo(self, request: Request) -> Response:
        """GET /services/oauth2/userinfo"""
        return await self._answer(request, self._userinfo)

    async def identity(self, request: Request) -> Response:
        """GET /id/<organization>/<user>"""
        return await self._answer(request, self._identity)

    async def _answer(self, request: Request, shown: Any) -> Response:
        try:
            self._api.tokens.check(request.headers.get("authorization", ""))
        except SalesforceError as refusal:
            return json_response(refusal.as_json(), 403)
        return json_response(await run_in_threadpool(shown, _origin(request)))

    def _userinfo(self, url: str) -> dict[str, Any]:
        user = self._user()
        return {
            "sub": self._identity_url(url),
            "user_id": self._api.access.user_id,
            "organization_id": ORGANIZATION_ID,
            "preferred_username": user["username"],
            "name": user["name"],
            "email": user["email"],
            "zoneinfo": "UTC",
            "urls": _urls(url),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": stamp(user["modified"]),
        }

    def _identity(self, url: str) -> dict[str, Any]:
        user = self._user()
        return {
            "id": self._identity_url(url),
            "asserted_user": True,
            "user_id": self._api.access.user_id,
            "organization_id": ORGANIZATION_ID,
            "username": user["username"],
            "display_name": user["name"],
            "email": user["email"],
            "urls": _urls(url),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": stamp(user["modified"]),
        }

    def _user(self) -> dict[str, Any]:
        sql = 'select "Username", "Name", "Email", "LastModifiedDate" from "User" where "Id" = ?'
        username, name, email, modified = self._api.store.read(sql, [self._api.access.user_id])[0]
        return {"username": username, "name": name, "email": email, "modified": modified}

    def _identity_url(self, url: str) -> str:
        return identity_url(url, self._api)


def identity_url(url: str, api: Api) -> str:
    """Who the token belongs to."""
    return f"{url}/id/{ORGANIZATION_ID}/{api.access.user_id}"


def _client(form: dict[str, str], request: Request) -> tuple[str, str]:
    """Client id and secret, from the form or from Basic authorization."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except ValueError as error:
        raise OAuthError("invalid_client", "invalid client credentials") from error
    client_id, _, secret = text.partition(":")
    return client_id, secret


def _check_client(client_id: str, secret: str) -> None:
    if client_id != CLIENT_ID:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if secret != CLIENT_SECRET:
        raise OAuthError("invalid_client", "invalid client credentials")


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _urls(url: str) -> dict[str, str]:
    data = f"{url}/services/data/v{{version}}"
    return {"rest": f"{data}/", "sobjects": f"{data}/sobjects/", "query": f"{data}/query/", "custom_domain": url}
