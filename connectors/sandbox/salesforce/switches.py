"""Control calls for the Salesforce org, under `/_sandbox/salesforce/`: what an administrator, or time, does to it.

POST clock    {"advance_seconds": 7300}
POST access   {"hidden_fields": ["Contact.Email"], "hidden_objects": [...], "view_all": false, ...}   see `Restrictions`
POST tokens   {"expire": true} ends every session; {"lifetime_seconds": 60} for those to come
POST bulk     {"processing_seconds": 2, "page_rows": 1000}
POST limits   {"DailyApiRequests": 100}   the most that is allowed in a day
POST later    {}   carries out what has yet to happen: rows committed late, deletes without a trace
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.control import json_object, refusal
from connectors.sandbox.faults import BadRule
from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.bulk.routes import Bulk
from connectors.sandbox.salesforce.permissions import Restrictions

Switch = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Switches:
    """The handlers: each takes the body and returns what holds now."""

    def __init__(self, api: Api, bulk: Bulk, later: Switch) -> None:
        self.api, self.bulk = api, bulk
        self._switches: dict[str, Switch] = {
            "clock": self._clock,
            "access": self._access,
            "tokens": self._tokens,
            "bulk": self._bulk,
            "limits": self._limits,
            "later": later,
        }

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [Route("/_sandbox/salesforce/{switch}", self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        switch = self._switches.get(request.path_params["switch"])
        if switch is None:
            return refusal(f"switches are {', '.join(self._switches)}", 404)
        try:
            return JSONResponse(dict(await run_in_threadpool(switch, await json_object(request))))
        except (BadRule, TypeError, ValueError) as error:
            return refusal(str(error))

    def _clock(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        _known(body, "advance_seconds")
        self.api.store.clock.advance(float(body.get("advance_seconds", 0)))
        return {"now": self.api.store.clock.now().isoformat()}

    def _access(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        names = [field.name for field in fields(Restrictions)]
        _known(body, *names)
        self.api.access.restrict(**body)
        held = self.api.access.restrictions
        return {name: value if isinstance(value := getattr(held, name), bool) else sorted(value) for name in names}

    def _tokens(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        _known(body, "expire", "lifetime_seconds")
        if "lifetime_seconds" in body:
            self.api.tokens.lifetime = timedelta(seconds=float(body["lifetime_seconds"]))
        return {"ended": self.api.tokens.expire_all() if body.get("expire") else 0}

    def _bulk(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        _known(body, "processing_seconds", "page_rows")
        runner, query = self.bulk.runner, self.bulk.query
        runner.processing_seconds = float(body.get("processing_seconds", runner.processing_seconds))
        query.page_rows = max(1, int(body.get("page_rows", query.page_rows)))
        return {"processing_seconds": runner.processing_seconds, "page_rows": query.page_rows}

    def _limits(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        _known(body, *self.api.limits.maximum)
        self.api.limits.maximum |= {name: int(value) for name, value in body.items()}
        return self.api.limits.as_json()


def _known(body: Mapping[str, Any], *names: str) -> None:
    if unknown := sorted(set(body) - set(names)):
        raise BadRule(f"unknown key {unknown[0]!r}; known are {', '.join(names)}")
