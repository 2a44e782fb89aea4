"""simple-salesforce as the surface for small REST calls, with our client as its transport.

It knows the resources (describe, limits, deleted records, tooling); it does not know timeouts, retry, quota, plain http
on loopback or our error texts. A requests adapter hands each of its requests to `SalesforceClient`, so both ways of
calling behave alike. Bulk 2.0 does not go this way (see `client.py`).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from simple_salesforce.api import Salesforce

from connectors.salesforce.client import SalesforceClient

_NOT_FORWARDED = frozenset({"authorization", "host", "accept-encoding", "connection", "content-length", "user-agent"})


class ClientAdapter(BaseAdapter):
    """Sends what requests prepared through a `SalesforceClient`; raises `connectors.errors`, never requests' exceptions."""

    def __init__(self, client: SalesforceClient) -> None:
        super().__init__()
        self._client = client

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer as requests knows it; the arguments but `request` are the client's own business."""
        parts = urlsplit(str(request.url))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self._client.request(str(request.method), target, content=request.body, headers=headers, expects="json")
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update({name: value for name, value in answer.headers.items() if name != "content-encoding"})
        response.url = str(request.url)
        response.request = request
        response._content = answer.content
        return response

    def close(self) -> None:
        """Nothing to close: the connections are the client's."""


def salesforce(client: SalesforceClient) -> Salesforce:
    """A simple-salesforce object of the client's org; no call is made yet. The token it holds is a placeholder."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", ClientAdapter(client))
    settings = client.settings
    return Salesforce(session_id="-", instance_url=settings.instance_url, version=settings.api_version, session=session)
