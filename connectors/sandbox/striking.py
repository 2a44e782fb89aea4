"""Carries out the faults that a request meets before its handler: canned answers, delays, resets, changes of the org."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.faults import Faults, Rule

ABORT = "sandbox.abort"

_EDGE_PAGE = b"<html><head><title>We are down for maintenance</title></head><body><p>Server too busy</p></body></html>"
_JSON = b"application/json;charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """A canned answer: status, content type, body."""

    status: int
    content_type: bytes
    body: bytes


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, _JSON, json.dumps([{"message": message, "errorCode": code}]).encode())


ANSWERS: Mapping[str, Answer] = {
    "unavailable": Answer(503, b"text/html;charset=UTF-8", _EDGE_PAGE),
    "expired": _error(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "busy": Answer(420, b"text/plain", b""),
    "not_acceptable": Answer(406, b"text/plain", b""),
    "concurrent_limit": _error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    "total_limit": _error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
}


DYNAMICS_ANSWERS: Mapping[str, Answer] = {"expired": Answer(401, b"text/plain", b"")}
"""Where the Web API under `/api/` answers otherwise."""


def answer_to(path: str, action: str) -> Answer:
    """The canned answer, as the CRM that the path belongs to gives it."""
    return (DYNAMICS_ANSWERS.get(action) if path.startswith("/api/") else None) or ANSWERS[action]


class FaultMiddleware:
    """Applies the rules to every request outside `/_sandbox`."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        for rule in self.faults.answer(scope["method"], scope["path"]):
            if await self._strike(rule, scope, receive, send):
                return
        await self.app(scope, receive, send)

    async def _strike(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> bool:
        """Do what the rule says; True when the request is answered by it."""
        if rule.action == "slow":
            await asyncio.sleep(rule.value)
        elif rule.action == "reset":
            scope["extensions"][ABORT]()
            return True
        elif rule.action == "lose_answer":
            await self.app(scope, receive, _swallow)
            scope["extensions"][ABORT]()
            return True
        elif rule.action in ANSWERS:
            await _send(answer_to(scope["path"], rule.action), send)
            return True
        else:
            await asyncio.to_thread(self.faults.apply, rule, scope["path"])
        return False


async def _swallow(message: Message) -> None:
    """The work is done, its answer never arrives."""


async def _send(answer: Answer, send: Send) -> None:
    headers = [(b"content-type", answer.content_type), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def reset_connection(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN: the client sees ECONNRESET, as when a load balancer drops it."""
    if sock := transport.get_extra_info("socket"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
