"""The one HTTP client to a Salesforce org: token, timeouts, retries, quota and error texts in one place.

Every request, also those simple-salesforce makes (`rest.py`), goes through `SalesforceClient`. simple-salesforce alone
has no timeouts, no retry, no quota guard, and insists on https; its Bulk 2.0 holds pages as text and loses newlines. It
is used as the surface for describe, limits and deleted records, with this client as its transport.

Retried with back-off and jitter: 5xx, 406 and 420, lock contention, resets and timeouts, "too many at once". Never: bad
queries, missing rights, a used-up day. An expired session is renewed. Absent on purpose: following redirects (a
moved org must be configured) and logging of request or response bodies.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Literal, Self

import httpx
import stamina

from connectors import retries
from connectors.errors import CrmError, RateLimited, RetryableError, ServerBusy, Unreachable
from connectors.salesforce.auth import TokenSource
from connectors.salesforce.faults import fault
from connectors.salesforce.quota import Quota
from connectors.salesforce.settings import SalesforceSettings
from connectors.silence import silence

TIMEOUT = httpx.Timeout(connect=10, read=150, write=60, pool=150)
ATTEMPTS = 6
PATIENCE_SECONDS = 300.0
MAX_CONNECTIONS = 16
RENEWALS = 3
NO_ASSIGNMENT: Final = {"Sforce-Auto-Assign": "FALSE"}
"""Without it, any update of a lead or an account by REST runs the org's assignment rules: leads change their owner."""
Expected = Literal["", "json", "csv"]

retries.log_retries()


class SalesforceClient:
    """A thread-safe client of one org.

    Paths without a leading slash are below `/services/data/v<api_version>/`. All methods raise `connectors.errors`.
    """

    def __init__(self, settings: SalesforceSettings) -> None:
        self.settings = settings
        self.quota = Quota(settings.max_calls_share)
        self._http = httpx.Client(
            base_url=settings.instance_url,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
            headers={"Accept-Encoding": "gzip", "User-Agent": "guanxi", **NO_ASSIGNMENT},
            follow_redirects=False,
        )
        self._tokens = TokenSource(settings, self._http)
        self._server_date: dt.datetime | None = None

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Decoded JSON of a GET."""
        return self.request("GET", path, params=params, expects="json").json()

    def post_json(self, path: str, body: Any) -> Any:
        """Decoded JSON of a POST, None for an empty answer."""
        return _decoded(self.request("POST", path, json=body, expects="json"))

    def patch_json(self, path: str, body: Any) -> Any:
        """Decoded JSON of a PATCH, None for an empty answer."""
        return _decoded(self.request("PATCH", path, json=body, expects="json"))

    def put(self, path: str, content: bytes, content_type: str) -> None:
        """PUT a body, e.g. the CSV of an ingest job."""
        self.request("PUT", path, content=content, headers={"Content-Type": content_type})

    def delete(self, path: str) -> None:
        """DELETE a resource."""
        self.request("DELETE", path)

    def request(self, method: str, path: str, *, expects: Expected = "", **options: Any) -> httpx.Response:
        """One request, retried where that can help; the response is a success and read in full.

        `options` are httpx's params, json, content, headers. An HTML page under status 200 where data is expected counts as busy.
        """
        for attempt in stamina.retry_context(on=_backoff, attempts=ATTEMPTS, timeout=PATIENCE_SECONDS, wait_initial=0.5, wait_max=30):
            with attempt, self._opened(method, path, options) as response:
                _read(response)
                if _is_page(response, expects):
                    raise ServerBusy(
                        f"{method} {response.request.url.path}: Salesforce answered with a page instead of data; run again later"
                    )
                return response
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        """An open, successful response whose body the caller reads once; not retried, a cut body raises httpx's errors as `Unreachable`."""
        with self._opened(method, path, options) as response:
            try:
                yield response
            except httpx.RequestError as error:
                raise self._unreachable(error) from error

    def server_now(self) -> dt.datetime | None:
        """The org's clock at its last answer, UTC; None before the first one."""
        return self._server_date

    def url(self, path: str) -> str:
        """Path on the host of a versioned or absolute path."""
        return path if path.startswith("/") else f"/services/data/v{self.settings.api_version}/{path}"

    @contextmanager
    def _opened(self, method: str, path: str, options: Mapping[str, Any]) -> Iterator[httpx.Response]:
        self.quota.ensure()
        response = self._answered(method, path, options)
        try:
            if not response.is_success:
                _read(response)
                raise fault(response)
            yield response
        finally:
            response.close()

    def _answered(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        """The answer under a valid session: a renewed one may be ended in turn, so this is tried a few times."""
        token = self._tokens.current()
        for _ in range(RENEWALS):
            response = self._send(method, path, options, token)
            if response.status_code != 401:
                return response
            response.close()
            token = self._tokens.renew(token)
        return self._send(method, path, options, token)

    def _send(self, method: str, path: str, options: Mapping[str, Any], token: str) -> httpx.Response:
        headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
        request = self._http.build_request(method, self.url(path), **{**options, "headers": headers})
        try:
            response = self._http.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        self.quota.observe(response.headers.get("Sforce-Limit-Info"))
        self._note_date(response.headers.get("Date"))
        return response

    def _note_date(self, header: str | None) -> None:
        if header:
            self._server_date = parsedate_to_datetime(header).astimezone(dt.UTC)

    def _unreachable(self, error: httpx.RequestError) -> CrmError:
        return Unreachable(f"{self.settings.instance_url} {silence(error, 'instance_url')}")

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _read(response: httpx.Response) -> None:
    try:
        response.read()
    except httpx.HTTPError as error:
        raise Unreachable(f"{response.request.url.host} broke off an answer ({type(error).__name__}); check the network") from error


def _is_page(response: httpx.Response, expects: Expected) -> bool:
    kind = response.headers.get("Content-Type", expects)
    return "html" in kind if expects == "csv" else expects not in kind


def _decoded(response: httpx.Response) -> Any:
    return response.json() if response.content else None


def _backoff(error: Exception) -> bool | float:
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after
    return isinstance(error, RetryableError)
