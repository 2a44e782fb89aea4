"""Control calls for the Dynamics environment, under `/_sandbox/dynamics/`: what an administrator, or time, does to it.

POST clock      {"advance_seconds": 3700}
POST access     {"secured_columns": ["contact.jobtitle"], "hidden_tables": [...], "organization_read": false, ...}   see `Restrictions`
POST tokens     {"expire": true} ends every token; {"lifetime_seconds": 60} for those to come
POST limits     {"requests": 100, "window_seconds": 5, "read_row_seconds": 0.0001, ...}   see `limits.Settings`
POST tracking   {"retention_days": 0, "stamp_first_page": true, "page_rows": 50}
GET  truth/pairs|twins|traps   CSV
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.control import json_object, refusal
from connectors.sandbox.dataverse.access import Restrictions
from connectors.sandbox.dataverse.api import Api
from connectors.sandbox.dataverse.preferences import LARGEST_PAGE
from connectors.sandbox.faults import BadRule

Switch = Callable[[Mapping[str, Any]], Mapping[str, Any]]
TRUTH: Final = {name: f"select * from _truth_{name} order by all" for name in ("pairs", "twins", "traps")}  # noqa: S608
_HOME: Final = "/_sandbox/dynamics"


class Switches:
    """The handlers: each takes the body and returns what holds now."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._switches: dict[str, Switch] = {
            "clock": self._clock,
            "access": self._access,
            "tokens": self._tokens,
            "limits": self._limits,
            "tracking": self._tracking,
        }

    def routes(self) -> list[Route]:
        """Ready to mount at the root."""
        return [
            Route(f"{_HOME}/truth/{{name}}", self._truth, methods=["GET"]),
            Route(f"{_HOME}/{{switch}}", self._answer, methods=["POST"]),
        ]

    async def _answer(self, request: Request) -> Response:
        switch = self._switches.get(request.path_params["switch"])
        if switch is None:
            return refusal(f"switches are {', '.join(self._switches)}", 404)
        try:
            return JSONResponse(dict(await run_in_threadpool(switch, await json_object(request))))
        except (BadRule, TypeError, ValueError) as error:
            return refusal(str(error))

    async def _truth(self, request: Request) -> Response:
        try:
            text = await run_in_threadpool(self.api.store.csv, TRUTH[request.path_params["name"]])
        except KeyError:
            return refusal(f"truth is {' or '.join(TRUTH)}", 404)
        return Response(text, media_type="text/csv; charset=utf-8")

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

    def _limits(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.api.protection.use(self.api.protection.settings.with_changes(body))
        return asdict(self.api.protection.settings)

    def _tracking(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        _known(body, "retention_days", "stamp_first_page", "page_rows")
        if "retention_days" in body:
            with self.api.store.write() as cursor:
                cursor.execute("update organization set expirechangetrackingindays = ?", [int(body["retention_days"])])
        self.api.stamp_first_page = bool(body.get("stamp_first_page", self.api.stamp_first_page))
        self.api.page_rows = min(LARGEST_PAGE, max(1, int(body.get("page_rows", self.api.page_rows))))
        days = self.api.store.read("select expirechangetrackingindays from organization")[0][0]
        return {"retention_days": days, "stamp_first_page": self.api.stamp_first_page, "page_rows": self.api.page_rows}


def _known(body: Mapping[str, Any], *names: str) -> None:
    if unknown := sorted(set(body) - set(names)):
        raise BadRule(f"unknown key {unknown[0]!r}; known are {', '.join(names)}")
