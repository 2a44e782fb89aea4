"""The envelope around every call of the data API: version, session, allowance, JSON and errors in Salesforce's form, gzip when asked.

A handler is a plain function `Call -> payload`; it runs in a worker thread, so it may use the store freely. It returns
JSON-able data (200), None (204) or a Starlette `Response` of its own, and raises `SalesforceError` to refuse.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.salesforce.cursors import Cursors
from connectors.sandbox.salesforce.errors import SalesforceError, malformed_body, not_found
from connectors.sandbox.salesforce.limits import API_REQUESTS, Limits
from connectors.sandbox.salesforce.permissions import Access
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.tokens import Tokens
from connectors.sandbox.wire import compact_json, compressed

OLDEST_VERSION: Final = 31
NEWEST_VERSION: Final = 67
METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
_VERSION: Final = re.compile(r"(\d{1,3})\.0")


class Api:
    """One org behind its API: what handlers share."""

    def __init__(self, store: Store, access: Access | None = None) -> None:
        self.store = store
        self.access = access or Access(store)
        self.tokens = Tokens(store.clock)
        self.limits = Limits(store.clock)
        self.cursors = Cursors(store)
        self.registered: list[tuple[Route, Handlers]] = []

    def route(self, path: str, handlers: "Handlers") -> Route:
        """A route under `/services/data/v{version}` with one handler per HTTP method; it can also be part of a composite request."""

        async def endpoint(request: Request) -> Response:
            return await self._answer(request, handlers)

        route = Route("/services/data/v{version}" + path, endpoint, methods=METHODS)
        self.registered.append((route, handlers))
        return route

    async def _answer(self, request: Request, handlers: "Handlers") -> Response:
        try:
            version = checked_version(request.path_params["version"])
            self.tokens.check(request.headers.get("authorization", ""))
            self.limits.use(API_REQUESTS)
            handler = handler_of(request.method, handlers)
            call = Call(self, request, version, await request.body())
            response = as_response(await run_in_threadpool(handler, call), request)
        except SalesforceError as refusal:
            response = as_response(json_response(refusal.as_json(), refusal.status), request)
        response.headers["Sforce-Limit-Info"] = self.limits.header()
        return response


@dataclass(frozen=True)
class Call:
    """One authenticated request; `version` as in the path, e.g. "59.0"."""

    api: Api
    request: Request
    version: str
    body: bytes

    @property
    def store(self) -> Store:
        """The org's rows."""
        return self.api.store

    @property
    def access(self) -> Access:
        """The caller's rights."""
        return self.api.access

    @property
    def base(self) -> str:
        """Path prefix of this API version."""
        return f"/services/data/v{self.version}"

    def path(self, name: str) -> str:
        """A path parameter."""
        return str(self.request.path_params[name])

    def param(self, name: str) -> str | None:
        """A query parameter."""
        return self.request.query_params.get(name)

    def json(self) -> Any:
        """The body; raises JSON_PARSER_ERROR."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise malformed_body(f"Unexpected end-of-input or character: {error}") from error

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        payload = self.json()
        if not isinstance(payload, dict):
            raise malformed_body("Cannot deserialize instance of a record from this JSON value")
        return payload


Handler = Callable[[Call], Any]
Handlers = Mapping[str, Handler]


def checked_version(text: str) -> str:
    """The version of a path: 404 when it is none, 410 when it is retired."""
    match = _VERSION.fullmatch(text)
    number = int(match[1]) if match else 0
    if 0 < number < OLDEST_VERSION:
        raise SalesforceError("GONE", "The requested resource has been retired or removed", status=410)
    if not OLDEST_VERSION <= number <= NEWEST_VERSION:
        raise not_found()
    return text


def handler_of(method: str, handlers: Handlers) -> Handler:
    """The handler of a method; raises METHOD_NOT_ALLOWED (405), or NOT_FOUND where no method is served."""
    if not handlers:
        raise not_found()
    found = handlers.get("GET" if method == "HEAD" else method)
    if found is None:
        allowed = ",".join(handlers)
        raise SalesforceError("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}", status=405)
    return found


def json_response(payload: Any, status: int = 200) -> Response:
    """A JSON answer as Salesforce labels it."""
    return Response(compact_json(payload), status, media_type="application/json;charset=UTF-8")


def as_response(payload: Any, request: Request) -> Response:
    """What a handler returned, as a response, compressed when the client asked for it."""
    if payload is None:
        return Response(status_code=204)
    response = payload if isinstance(payload, Response) else json_response(payload)
    plain = isinstance(getattr(response, "body", None), bytes) and "content-encoding" not in response.headers
    if plain and (body := compressed(bytes(response.body), request.headers.get("accept-encoding", ""))):
        response.body = body
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response
