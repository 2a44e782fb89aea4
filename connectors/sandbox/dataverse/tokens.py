"""Access tokens: issued by a login, good for an hour of the sandbox's clock, or until a control call ends them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from connectors.sandbox.dataverse.errors import Unauthorized
from connectors.sandbox.dataverse.standing import TENANT_ID

LIFETIME: Final = timedelta(seconds=3_599)


class Tokens:
    """The live tokens. Thread safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._expiry: dict[str, datetime] = {}
        self.lifetime = LIFETIME

    def issue(self) -> str:
        """A new token."""
        token = f"sbx.{secrets.token_urlsafe(48)}"
        with self._lock:
            self._expiry[token] = self._now() + self.lifetime
        return token

    def check(self, authorization: str, root: str) -> None:
        """Raises Unauthorized unless the header carries a live token."""
        scheme, _, token = authorization.partition(" ")
        expiry = self._expiry.get(token.strip())
        if scheme.lower() != "bearer" or expiry is None or expiry <= self._now():
            origin = root.partition("/api/data/")[0]
            raise Unauthorized(f"{origin}/{TENANT_ID}", f"{origin}/")

    def expire_all(self) -> int:
        """End every token; returns how many there were."""
        with self._lock:
            ended = len(self._expiry)
            self._expiry.clear()
        return ended
