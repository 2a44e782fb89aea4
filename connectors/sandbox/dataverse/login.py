"""The authority: OAuth client credentials as Microsoft Entra answers them, and the discovery document its client libraries read first.

Other grants are deliberately absent: an unattended client uses a secret. Certificates would need a registered key and are not offered.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.dataverse.standing import APPLICATION_ID, TENANT_ID
from connectors.sandbox.dataverse.tokens import Tokens

CLIENT_ID: Final = APPLICATION_ID
CLIENT_SECRET: Final = "sandbox-secret"
GRANT: Final = "client_credentials"
_SCOPE: Final = "/.default"


@dataclass(frozen=True)
class Refusal(Exception):
    """A login refused: OAuth's code, Entra's number, what it says."""

    error: str
    number: int
    description: str
    status: int = 400

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        text = f"AADSTS{self.number}: {self.description}"
        return {"error": self.error, "error_description": text, "error_codes": [self.number], "correlation_id": str(uuid4())}


class Login:
    """The endpoints below `/{tenant}`."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [
            Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """POST /{tenant}/oauth2/v2.0/token"""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            _check(form, request)
        except Refusal as refusal:
            return JSONResponse(refusal.as_json(), refusal.status)
        seconds = int(self._tokens.lifetime.total_seconds())
        answer = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": self._tokens.issue()}
        return JSONResponse(answer, headers={"Cache-Control": "no-store, no-cache"})

    async def discovery(self, request: Request) -> Response:
        """GET /{tenant}/v2.0/.well-known/openid-configuration"""
        tenant = request.path_params["tenant"]
        base = f"{str(request.base_url).rstrip('/')}/{tenant}"
        return JSONResponse(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )


def _check(form: dict[str, str], request: Request) -> None:
    """Raises Refusal for whatever is wrong first, in Entra's order: tenant, grant, client, secret, scope."""
    client, secret = _client(form, request)
    if request.path_params["tenant"] != TENANT_ID:
        raise Refusal("invalid_request", 90002, f"Tenant '{request.path_params['tenant']}' not found.")
    if form.get("grant_type") != GRANT:
        raise Refusal("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{form.get('grant_type', '')}'.")
    if client != CLIENT_ID:
        raise Refusal("unauthorized_client", 700016, f"Application with identifier '{client}' was not found in the directory.")
    if secret != CLIENT_SECRET:
        raise Refusal("invalid_client", 7000215, "Invalid client secret provided.", 401)
    _check_scope(form.get("scope", ""), request)


def _check_scope(scope: str, request: Request) -> None:
    if not scope.endswith(_SCOPE):
        raise Refusal("invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
    resource = scope.removesuffix(_SCOPE)
    if urlsplit(resource).netloc != request.url.netloc or resource.endswith("/"):
        raise Refusal("invalid_resource", 500011, f"The resource principal named {resource} was not found in the tenant.")


def _client(form: dict[str, str], request: Request) -> tuple[str, str]:
    """Client id and secret, from the form or from Basic authorization."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise Refusal("invalid_request", 9002313, "Invalid request. Request is malformed or invalid.") from error
    return unquote_plus(client), unquote_plus(secret)
