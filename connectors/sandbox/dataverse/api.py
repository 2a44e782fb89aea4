"""The envelope around every call of the Web API: token, service protection, JSON and errors in Dataverse's form, gzip when asked.

    HTTP -> `Api.endpoint` (token, admission, server time) -> `dispatch` (errors to answers) -> `perform` (address to handler) -> handler

A handler is a plain function `Call -> payload`; it runs in a worker thread, so it may use the store freely. It returns
JSON-able data (200), None (204) or an `Answer` of its own, and raises `DataverseError` to refuse. A part of a `$batch` enters
at `dispatch` or `perform`: it is neither authenticated nor admitted again. Which templates exist: see `routing`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.dataverse.errors import BAD_URI, DataverseError, bad_payload
from connectors.sandbox.dataverse.limits import Admission, Protection, Throttled
from connectors.sandbox.dataverse.preferences import LARGEST_PAGE, Preferences
from connectors.sandbox.dataverse.routing import Router
from connectors.sandbox.dataverse.walks import Walks
from connectors.sandbox.wire import compact_json, compressed

if TYPE_CHECKING:
    from connectors.sandbox.dataverse.access import Access
    from connectors.sandbox.dataverse.store import Store
    from connectors.sandbox.dataverse.tokens import Tokens

METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
JSON_TYPE: Final = "application/json; odata.metadata=minimal"
AFFINITY: Final = "ARRAffinity"
LONGEST_ADDRESS: Final = 32_768
_OPTIONS: Final = frozenset(
    {"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$apply", "$skiptoken", "$deltatoken", "$format"}
)


@dataclass
class Work:
    """What a request made the server do; service protection charges it."""

    rows_read: int = 0
    rows_written: int = 0


@dataclass(frozen=True)
class Incoming:
    """A request below the service root: `path` decoded and without a leading slash, `query` as sent, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    root: str
    """Address of the service root, ending in a slash."""


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request on its way to its handler."""

    api: Api
    incoming: Incoming
    names: Mapping[str, str]
    work: Work

    @property
    def store(self) -> Store:
        """The environment's rows."""
        return self.api.store

    @property
    def access(self) -> Access:
        """The caller's rights."""
        return self.api.access

    @property
    def root(self) -> str:
        """Address of the service root, ending in a slash."""
        return self.incoming.root

    @cached_property
    def preferences(self) -> Preferences:
        """What the Prefer header asks for."""
        return Preferences.parse(self.incoming.headers.get("prefer", "")).within(self.api.page_rows)

    @cached_property
    def options(self) -> Mapping[str, str]:
        """Query options and parameter aliases (`@name`), decoded once; raises QueryError for a system option nobody knows."""
        found = dict(parse_qsl(self.incoming.query, keep_blank_values=True))
        if "$skip" in found:
            raise DataverseError(BAD_URI, "Skip Clause is not supported in CRM")
        if unknown := [name for name in found if name.startswith("$") and name not in _OPTIONS]:
            raise DataverseError(BAD_URI, f"The query parameter {unknown[0]} is not supported")
        return found

    def name(self, name: str) -> str:
        """A name of the address template."""
        return self.names[name]

    def option(self, name: str) -> str | None:
        """A query option, e.g. `$filter`."""
        return self.options.get(name)

    def header(self, name: str) -> str | None:
        """A request header, name in any case."""
        return self.incoming.headers.get(name.lower())

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            payload = json.loads(self.incoming.body)
        except ValueError as error:
            raise bad_payload(f"An error occurred while parsing the request body: {error}") from error
        if not isinstance(payload, dict):
            raise bad_payload("Expected a JSON object")
        return payload


Handler = Callable[[Call], Any]


class Api:
    """One environment behind its Web API: what handlers share, and the router they are registered in."""

    def __init__(self, store: Store, access: Access, tokens: Tokens, protection: Protection | None = None) -> None:
        self.store = store
        self.access = access
        self.tokens = tokens
        self.protection = protection or Protection()
        self.walks = Walks(store)
        self.router: Router[Handler] = Router()
        self.stamp_first_page = False
        """Whether the delta token of a walk of several pages is stamped with its first page instead of its last."""
        self.page_rows = LARGEST_PAGE
        """Rows of a page at most, whatever a client prefers."""

    def on(self, method: str, template: str, handler: Handler) -> None:
        """Serve `METHOD template`, e.g. `on("PATCH", "{set}({key})", update)`."""
        self.router.on(method, template, handler)

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [Route(f"/api/data/v9.{minor}{{rest:path}}", self.endpoint, methods=METHODS) for minor in range(3)]

    def perform(self, incoming: Incoming, work: Work) -> Answer:
        """Carry a request out; raises DataverseError when it is refused."""
        method = "GET" if incoming.method == "HEAD" else incoming.method
        handler, names = self.router.find(method, incoming.path)
        return as_answer(handler(Call(self, incoming, names, work)))

    def dispatch(self, incoming: Incoming, work: Work) -> Answer:
        """As `perform`, with a refusal as an answer."""
        try:
            return self.perform(incoming, work)
        except DataverseError as refusal:
            return refused(refusal)

    async def endpoint(self, request: Request) -> Response:
        """One HTTP request, from token to compressed answer."""
        incoming = incoming_of(request, await request.body())
        try:
            self.tokens.check(incoming.headers.get("authorization", ""), incoming.root)
            self.access.check_membership()
            _check_length(incoming)
            with self.protection.admit(self.access.user_id, _affinity(request)) as admission:
                answer = await self._timed(incoming, admission)
                answer = with_headers(answer, {**admission.headers(), "Set-Cookie": f"{AFFINITY}={admission.server}; path=/; HttpOnly"})
        except Throttled as error:
            headers = {"Retry-After": str(error.retry_after)}
            answer = refused(DataverseError(error.code, error.message, status=429, headers=headers))
        except DataverseError as refusal:
            answer = refused(refusal)
        return await run_in_threadpool(response_of, answer, incoming.headers.get("accept-encoding", ""))

    async def _timed(self, incoming: Incoming, admission: Admission) -> Answer:
        """Carry it out and let the server time pass that such a request takes."""
        work = Work()
        answer = await run_in_threadpool(self.dispatch, incoming, work)
        if remaining := admission.remaining_seconds(work.rows_read, work.rows_written):
            await asyncio.sleep(remaining)
        return answer


def incoming_of(request: Request, body: bytes) -> Incoming:
    """An HTTP request as handlers see it."""
    version = request.url.path.removeprefix("/api/data/").partition("/")[0]
    root = f"{str(request.base_url).rstrip('/')}/api/data/{version}/"
    path = str(request.path_params["rest"]).strip("/")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Incoming(request.method, path, request.url.query, headers, body, root)


def json_answer(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON as Dataverse labels it."""
    return Answer(status, compact_json(payload), {"Content-Type": JSON_TYPE, **(headers or {})})


def as_answer(payload: Any) -> Answer:
    """What a handler returned, as an answer."""
    if payload is None:
        return Answer(204)
    return payload if isinstance(payload, Answer) else json_answer(payload)


def refused(refusal: DataverseError) -> Answer:
    """A refusal as an answer."""
    payload = refusal.as_json()
    return Answer(refusal.status, headers=refusal.headers) if payload is None else json_answer(payload, refusal.status, refusal.headers)


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """The answer with further headers; its own win."""
    return Answer(answer.status, answer.body, {**headers, **answer.headers})


def response_of(answer: Answer, accept_encoding: str) -> Response:
    """The answer over HTTP, compressed when the client asked for it."""
    headers = {"OData-Version": "4.0", "x-ms-service-request-id": str(uuid4()), **answer.headers}
    if (body := compressed(answer.body, accept_encoding)) is not None:
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(answer.body if body is None else body, answer.status, headers)


def _check_length(incoming: Incoming) -> None:
    """Raises DataverseError (414) for an address the service does not take; in a `$batch` it may be twice as long."""
    if len(incoming.root) + len(incoming.path) + len(incoming.query) > LONGEST_ADDRESS:
        raise DataverseError(BAD_URI, "The request URI is too long.", status=414)


def _affinity(request: Request) -> int | None:
    """The web server a client's cookie sticks to."""
    value = request.cookies.get(AFFINITY, "")
    return int(value) if value.isdecimal() else None
