"""`make bench`: all comparisons on the medium sandbox (a million activities); `python -m benchmarks small` for a quick look."""

import sys

from benchmarks import environment, extraction, nightly
from benchmarks.org import running


def main() -> None:
    """Print every comparison."""
    size = sys.argv[1] if len(sys.argv) > 1 else "medium"
    with running(size) as org:
        for module in (extraction, environment, nightly):
            print(f"\n## {(module.__doc__ or '').splitlines()[0]}\n", flush=True)
            for line in module.table(org):
                print(line, flush=True)


if __name__ == "__main__":
    main()
