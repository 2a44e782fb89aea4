"""How much memory the engine may take unless the configuration says: little, for the pipeline shares its machine and the engine
goes on from disk; twice as much whenever a statement cannot do with it, up to half of the machine."""

import os
from pathlib import Path
from typing import Final

MB: Final = 1024 * 1024
LEAST, USUAL = 512 * MB, 768 * MB
CONTAINER: Final = Path("/sys/fs/cgroup/memory.max")
"""Where Linux tells a container how much it may use; `max` where nothing is set."""


def first_limit(memory: int, held: int = 0) -> int:
    """768 MB, or half of what the warehouse has `held` so far, but a quarter of the machine's `memory`; at least 512 MB (bytes)."""
    return max(min(memory // 4, max(USUAL, held // 2)), LEAST)


def next_limit(limit: int, memory: int) -> int:
    """Twice `limit`, at most half of the machine's `memory` (bytes); the same `limit` when that is reached."""
    return max(limit, min(2 * limit, memory // 2))


def spelled(limit: int) -> str:
    """Bytes as DuckDB reads them: `768MiB`."""
    return f"{limit // MB}MiB"


def machine_memory(container: Path = CONTAINER) -> int:
    """Bytes of memory of this machine, or of the container where that is less."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        allowed = container.read_text(encoding="ascii").strip()
    except OSError:
        return whole
    return min(whole, int(allowed)) if allowed.isdigit() else whole
