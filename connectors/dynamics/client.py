"""The one HTTP client to a Dynamics 365 environment: token, timeouts, retries, politeness and error texts in one place.

    request -> gate (wait for a turn) -> send with the token -> read in full -> a success, or one of `connectors.errors`

A 429 stops all threads for as long as the service says, then the request is sent again; a wait never uses up an attempt.
Asked again with back-off and jitter: 5xx, deadlocks, resets, timeouts, web pages in place of data. A write that was too heavy is not:
its caller sends less at once. An expired token is renewed. Links of the service are followed byte for byte.

Absent on purpose: redirects (one that drops the token ends a walk in its middle), cookies (they would tie all threads to one
web server, and the limits count per server), and logging of bodies or query strings.
"""

import datetime as dt
import logging
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from connectors.dynamics.auth import TokenSource
from connectors.dynamics.faults import TooHeavy, fault, retry_after, where_of
from connectors.dynamics.gate import Gate, Turn
from connectors.dynamics.links import is_absolute, untouched, with_query
from connectors.dynamics.patience import Call, attempts_at
from connectors.dynamics.settings import DynamicsSettings
from connectors.errors import CrmError, IncompleteRead, RateLimited, ServerBusy, Unreachable
from connectors.silence import silence

TIMEOUT: Final = httpx.Timeout(connect=10, read=150, write=60, pool=150)
RENEWALS: Final = 3
HEADERS: Final = {
    "Accept": "application/json",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "If-None-Match": "null",
    "User-Agent": "guanxi",
}
_AFFINITY: Final = re.compile(r"\bARRAffinity=([^;]+)")

_log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)


class DynamicsClient:
    """A thread-safe client of one environment.

    Paths without a leading slash are below `/api/data/v<api_version>/`. All methods raise `connectors.errors`.
    `gate` may be given to keep to other limits than the service's own.
    """

    def __init__(self, settings: DynamicsSettings, gate: Gate | None = None) -> None:
        self.settings = settings
        self.gate = gate or Gate(settings.max_concurrency)
        self._http = httpx.Client(
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=settings.max_concurrency + 1, max_keepalive_connections=settings.max_concurrency + 1),
            headers={**HEADERS, "Accept-Encoding": "gzip" if settings.compress else "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )
        self._tokens = TokenSource(settings, self._http)
        self._server_date: dt.datetime | None = None

    @property
    def calls(self) -> int:
        """Requests sent to the environment so far; each counts against its daily entitlement."""
        return self.gate.begun

    def get_json(self, path: str, params: Mapping[str, str] | None = None, *, prefer: Sequence[str] = ()) -> Any:
        """Decoded JSON of a GET."""
        return _decoded(self.request("GET", path, params=params, headers=_preferring(prefer)))

    def post_json(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Any:
        """Decoded JSON of a POST, None for an empty answer."""
        response = self.request("POST", path, json=body, headers=headers)
        return _decoded(response) if response.content else None

    def page(self, link: str, *, prefer: Sequence[str]) -> bytes:
        """Body of one page. `link`: a path as in `get_json` with its query string, or a next or delta link, which goes out byte for byte.

        `prefer` must be the same for all pages of a walk. Raises `RequestRejected` for a link into another environment.
        """
        options: dict[str, Any] = {"headers": _preferring(prefer)}
        if is_absolute(link):
            link, options["extensions"] = untouched(link, self.settings.environment_url)
        return self._persist(Call("GET", self.url(link), options)).content

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request, sent again where that can help; the response is a success and read in full."""
        given = {"json": json, "content": content}
        options = {name: value for name, value in given.items() if value is not None}
        return self._persist(Call(method, self.url(with_query(path, params or {})), {**options, "headers": dict(headers or {})}))

    def server_now(self) -> dt.datetime | None:
        """The environment's clock at its last answer, UTC; None before the first one."""
        return self._server_date

    def url(self, path: str) -> str:
        """Address of a versioned path, of one from the root of the host, or of an absolute link."""
        if is_absolute(path):
            return path
        base = self.settings.environment_url
        return f"{base}{path}" if path.startswith("/") else f"{base}/api/data/v{self.settings.api_version}/{path}"

    def _persist(self, call: Call) -> httpx.Response:
        """Send until it is answered, or until it cannot help any more."""
        for attempt in attempts_at(call):
            with attempt:
                return self._admitted(call)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _admitted(self, call: Call) -> httpx.Response:
        """One attempt; refusals of service protection are waited out, at the gate."""
        while True:
            try:
                return self._answered(call)
            except RateLimited as error:
                _log.info("%s; all requests wait", error)
                if not call.may_wait(error):
                    raise

    def _answered(self, call: Call) -> httpx.Response:
        """The answer under a valid token: a renewed one may be ended in turn, so this is tried a few times."""
        token = self._tokens.current()
        for _ in range(RENEWALS):
            response = self._exchanged(call, token)
            if response.status_code != 401:
                break
            token = self._tokens.renew(token)
        else:
            response = self._exchanged(call, token)
        if response.is_success:
            return _checked(response)
        error = fault(response)
        _log.info("%s (service request %s)", error, response.headers.get("x-ms-service-request-id", "unknown"))
        raise error

    def _exchanged(self, call: Call, token: str) -> httpx.Response:
        """One request on the wire, in its turn, and its answer read in full, whatever it says."""
        with self.gate.turn() as turn:
            begun = time.monotonic()
            try:
                response = self._send(call, token, turn)
            except httpx.RequestError as error:
                call.failed += time.monotonic() - begun
                raise self._lost(call, error, turn) from error
            if response.status_code >= 500:
                call.failed += time.monotonic() - begun
            return response

    def _send(self, call: Call, token: str, turn: Turn) -> httpx.Response:
        headers = {**call.options.get("headers", {}), "Authorization": f"Bearer {token}", "x-ms-client-request-id": str(uuid4())}
        request = self._http.build_request(call.method, call.url, **{**call.options, "headers": headers})
        response = self._http.send(request, stream=True)
        try:
            self._note(response, turn)
            response.read()
        finally:
            response.close()
        return response

    def _note(self, response: httpx.Response, turn: Turn) -> None:
        """What the head of an answer tells beside the answer."""
        server = _AFFINITY.search(response.headers.get("Set-Cookie", ""))
        if response.status_code == 429:
            turn.refused(retry_after(response))
        elif response.status_code == 504:
            turn.timed_out()
        else:
            turn.answered(server[1] if server else "", _whole(response.headers.get("x-ms-dop-hint")))
        if date := response.headers.get("Date"):
            self._server_date = parsedate_to_datetime(date).astimezone(dt.UTC)

    def _lost(self, call: Call, error: httpx.RequestError, turn: Turn) -> CrmError:
        where = f"{call.method} {urlsplit(call.url).path}"
        if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            turn.timed_out()
            return TooHeavy(f"{where}: no answer within {TIMEOUT.read:.0f} s; ask for less at once or run again later")
        base = self.settings.environment_url
        return Unreachable(f"{where}: {base} {silence(error, 'environment_url')}")

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _preferring(prefer: Sequence[str]) -> dict[str, str]:
    return {"Prefer": ",".join(prefer)} if prefer else {}


def _checked(response: httpx.Response) -> httpx.Response:
    """A web page under status 200 comes from in front of the service, while it is down."""
    if "html" in response.headers.get("Content-Type", ""):
        raise ServerBusy(f"{where_of(response.request)}: a web page came instead of data; run again later")
    return response


def _decoded(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise IncompleteRead(f"{where_of(response.request)}: the answer is no JSON, or only a part of it; run again") from error


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None
