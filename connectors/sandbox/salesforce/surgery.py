"""What an administrator does to records by hand: control calls under `/_sandbox/salesforce/`, for tests of what integrations overlook.

POST merge        {"object": "Contact", "master": id, "losers": [ids]}
POST hard_delete  {"object": "Contact", "ids": [ids]}   past the recycle bin
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.records import delete_many
from connectors.sandbox.salesforce.removal import merge

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Surgery:
    """The handlers; no credentials are asked."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [
            Route("/_sandbox/salesforce/merge", self._endpoint(self._merge), methods=["POST"]),
            Route("/_sandbox/salesforce/hard_delete", self._endpoint(self._hard_delete), methods=["POST"]),
        ]

    def _endpoint(self, operation: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(dict(await run_in_threadpool(operation, await request.json())))
            except SalesforceError as refusal:
                return JSONResponse({"error": f"{refusal.code}: {refusal.message}"}, 400)
            except (KeyError, ValueError) as error:
                return JSONResponse({"error": f"the body lacks or misspells {error}"}, 400)

        return endpoint

    def _merge(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        merge(self._api.store, body["object"], body["master"], body["losers"])
        return {"merged": len(body["losers"])}

    def _hard_delete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        verdicts = delete_many(self._api.store, self._api.access, body["object"], body["ids"], hard=True).to_pylist()
        return {"deleted": [verdict["id"] for verdict in verdicts if verdict["success"]]}
