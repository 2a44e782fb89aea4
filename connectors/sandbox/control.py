"""The routes under `/_sandbox`: what a real CRM would never offer, for tests, benchmarks and demonstrations. No credentials are asked.

GET  /_sandbox                       what runs: seed, size, as-of, the sandbox's present time
GET  /_sandbox/requests              counts of answered requests;  DELETE starts them again
GET  /_sandbox/faults                rules in force with counts;   POST {"profile": ...} or {"rules": [...]};  DELETE clears them
GET  /_sandbox/truth/pairs|traps     CSV
...  /_sandbox/<crm>/...             what each CRM's half adds
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.faults import BadRule, Faults, Rule
from connectors.sandbox.traffic import Traffic

Describe = Callable[[], Mapping[str, Any]]
Truth = Callable[[str], str]


class Control:
    """The handlers shared by all CRMs; `truth(name)` gives CSV text and raises KeyError for an unknown name."""

    def __init__(self, faults: Faults, traffic: Traffic, describe: Describe, truth: Truth) -> None:
        self.faults, self.traffic, self.describe, self.truth = faults, traffic, describe, truth

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [
            Route("/_sandbox", self.show, methods=["GET"]),
            Route("/_sandbox/requests", self.requests, methods=["GET", "DELETE"]),
            Route("/_sandbox/faults", self.fault_rules, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/truth/{name}", self.truth_table, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        return JSONResponse(dict(self.describe()))

    async def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.traffic.reset()
        return JSONResponse(self.traffic.report())

    async def fault_rules(self, request: Request) -> Response:
        try:
            if request.method == "DELETE":
                self.faults.use("none")
            elif request.method == "POST":
                self._put(await json_object(request))
        except (BadRule, TypeError) as error:
            return refusal(str(error))
        return JSONResponse({"rules": self.faults.report()})

    def _put(self, body: Mapping[str, Any]) -> None:
        if "profile" in body:
            self.faults.use(str(body["profile"]))
        elif isinstance(body.get("rules"), list):
            self.faults.replace(Rule.parse(raw) for raw in body["rules"])
        else:
            raise BadRule('give {"profile": name} or {"rules": [...]}')

    async def truth_table(self, request: Request) -> Response:
        try:
            text = await run_in_threadpool(self.truth, request.path_params["name"])
        except KeyError:
            return refusal("truth is pairs or traps", 404)
        return Response(text, media_type="text/csv; charset=utf-8")


async def json_object(request: Request) -> dict[str, Any]:
    """The body as an object; raises `BadRule` when it is none."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise BadRule(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRule("the body must be a JSON object")
    return body


def refusal(message: str, status: int = 400) -> JSONResponse:
    """A control call that cannot be: one line saying why."""
    return JSONResponse({"error": message}, status)
