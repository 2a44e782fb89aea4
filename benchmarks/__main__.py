"""`make bench`: all comparisons on the medium sandbox (a million activities) and two logs of 20 million events.

`python -m benchmarks small` is a quick look.
"""

import sys
from collections.abc import Iterable

from benchmarks import environment, extraction, nightly, scoring
from benchmarks.org import running


def main() -> None:
    """Print every comparison."""
    size = sys.argv[1] if len(sys.argv) > 1 else "medium"
    with running(size) as org:
        for module in (extraction, environment, nightly):
            _show(module.__doc__, module.table(org))
    _show(scoring.__doc__, scoring.table(20_000_000 if size == "medium" else 2_000_000))


def _show(title: str | None, lines: Iterable[str]) -> None:
    print(f"\n## {(title or '').splitlines()[0]}\n", flush=True)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
