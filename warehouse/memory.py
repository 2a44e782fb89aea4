"""How much memory the engine may take unless the configuration says: it goes on from disk, and the pipeline shares its machine."""

import os
from pathlib import Path
from typing import Final

MB: Final = 1024 * 1024
LEAST, MOST = 512 * MB, 768 * MB
CONTAINER: Final = Path("/sys/fs/cgroup/memory.max")
"""Where Linux tells a container how much it may use; `max` where nothing is set."""


def limit_of(memory: int) -> str:
    """A quarter of `memory` (bytes), at least 512 MB, at most 768 MB, as DuckDB reads it."""
    return f"{min(max(memory // 4, LEAST), MOST) // MB}MiB"


def machine_memory(container: Path = CONTAINER) -> int:
    """Bytes of memory of this machine, or of the container where that is less."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        allowed = container.read_text(encoding="ascii").strip()
    except OSError:
        return whole
    return min(whole, int(allowed)) if allowed.isdigit() else whole
