"""How both halves put an answer on the wire: compact JSON, compressed when the client accepts it and it is worth it."""

import gzip
import json
from typing import Any, Final

_COMPRESS_FROM: Final = 1_000


def compact_json(payload: Any) -> bytes:
    """JSON without blanks, UTF-8."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def compressed(body: bytes, accept_encoding: str) -> bytes | None:
    """The body gzipped at the fastest level; None when it is to go as it is. `accept_encoding` is the client's header."""
    if len(body) < _COMPRESS_FROM or "gzip" not in accept_encoding:
        return None
    return gzip.compress(body, compresslevel=1)
