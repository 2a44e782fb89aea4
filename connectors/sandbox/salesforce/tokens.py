"""Access tokens: issued by a login, good for two hours of the sandbox's clock, or until a control call ends them."""

import secrets
import threading
from datetime import datetime, timedelta
from typing import Final

from connectors.sandbox.clock import Clock
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.store import ORGANIZATION_ID

LIFETIME: Final = timedelta(hours=2)


class Tokens:
    """The live sessions, thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._expiry: dict[str, datetime] = {}
        self.lifetime = LIFETIME

    def issue(self) -> str:
        """A new session."""
        token = f"{ORGANIZATION_ID[:15]}!{secrets.token_urlsafe(48)}"
        with self._lock:
            self._expiry[token] = self._clock.now() + self.lifetime
        return token

    def check(self, authorization: str) -> None:
        """Raises INVALID_SESSION_ID (401) unless the header carries a live token."""
        scheme, _, token = authorization.partition(" ")
        expiry = self._expiry.get(token.strip())
        if scheme.lower() not in ("bearer", "oauth") or expiry is None or expiry <= self._clock.now():
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)

    def expire_all(self) -> int:
        """End every session; returns how many there were."""
        with self._lock:
            ended = len(self._expiry)
            self._expiry.clear()
        return ended
