"""One change of an environment's definitions: Dataverse makes one at a time, slowly, and not twice.

While somebody else is customizing a change is refused, and a long one may outlast the connection: both are asked for again for a while.
What is there already, be it from an attempt whose answer was lost, is no failure.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.faults import TooHeavy
from connectors.errors import RequestRejected

CUSTOMIZING: Final = "0x80071151"
"""Somebody else is changing definitions."""
PATIENCE_SECONDS: Final = 300.0
PAUSE: Final = 2.0


def send(
    client: DynamicsClient, path: str, body: Mapping[str, Any], *, there_already: str, headers: Mapping[str, str] | None = None
) -> None:
    """POST one change; `there_already` is the code of something that is. Raises CrmError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            client.post_json(path, body, headers=headers)
        except (RequestRejected, TooHeavy) as error:
            code = error.code if isinstance(error, RequestRejected) else CUSTOMIZING
            if code == there_already:
                return
            if code != CUSTOMIZING or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
        else:
            return
