"""A gate on the wire between guanxi and the org: it holds one chosen request, before the org sees it or after it answered.

A test waits until the request is held, does what it wants to the process that sent it, and then lets it go on or drops it. So
a process can be killed at a known moment, between what the org did and what the process learned of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

import httpx

HOP_BY_HOP = {"connection", "content-encoding", "content-length", "transfer-encoding", "host"}


@dataclass
class Hold:
    """The `nth` request (from 1) whose `METHOD path` matches; `answered`: it is held after the org answered it."""

    pattern: re.Pattern[str]
    nth: int = 1
    answered: bool = False
    dropped: bool = False
    _seen: int = 0
    _lock: Lock = field(default_factory=Lock)
    _held: Event = field(default_factory=Event)
    _open: Event = field(default_factory=Event)

    def wait(self, seconds: float = 120) -> None:
        """Until the request is held."""
        assert self._held.wait(seconds), f"no request {self.nth} like {self.pattern.pattern} in {seconds:.0f} s"

    def release(self, *, drop: bool) -> None:
        """Let everything through; `drop`: what is held goes no further."""
        self.dropped = drop
        self._open.set()

    def passes(self, line: str, *, answered: bool) -> bool:
        """Called for each request before and after the org; False when it was dropped."""
        if answered is not self.answered or not self.pattern.search(line):
            return True
        with self._lock:
            self._seen += 1
            if self._seen != self.nth or self._open.is_set():
                return True
        self._held.set()
        self._open.wait()
        return not self.dropped


class Gate:
    """The org as seen through the gate: the same credentials, another address."""

    def __init__(self, sandbox: Any) -> None:
        self.client_id, self.client_secret = sandbox.client_id, sandbox.client_secret
        self.org = httpx.Client(base_url=sandbox.url, timeout=120)
        self.holds: list[Hold] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gate": self}))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def holding(self, pattern: str, nth: int = 1, *, answered: bool = False) -> Iterator[Hold]:
        """Hold one request inside the block; what is still held at its end is dropped."""
        hold = Hold(re.compile(pattern), nth, answered)
        self.holds.append(hold)
        try:
            yield hold
        finally:
            self.holds.remove(hold)
            hold.release(drop=True)

    def passes(self, line: str, *, answered: bool) -> bool:
        """Whether a request goes on; waits where it is held."""
        return all(hold.passes(line, answered=answered) for hold in list(self.holds))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self.org.close()


class _Handler(BaseHTTPRequestHandler):
    gate: Gate
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = f"{self.command} {self.path}"
        if not self.gate.passes(line, answered=False):
            self.close_connection = True
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        answer = self.gate.org.request(self.command, self.path, content=body, headers=headers)
        if not self.gate.passes(line, answered=True):
            self.close_connection = True
            return
        self._answer(answer)

    def _answer(self, answer: httpx.Response) -> None:
        try:
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
