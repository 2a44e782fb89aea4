"""`python -m connectors.sandbox`: the sandbox without the console script."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from connectors.sandbox.faults import PROFILES
from connectors.sandbox.server import serve
from connectors.sandbox.state import SandboxError, WrongUsage, prepare


def main(arguments: list[str] | None = None) -> int:
    """Parse, then serve (or only generate); 0 = ended cleanly, 1 = could not run, 2 = wrong usage."""
    given = _parser().parse_args(arguments)
    state = given.state or Path(".guanxi/sandbox") / given.size
    try:
        if given.generate_only:
            prepare(state, given.seed, given.size, given.as_of, _say)
        else:
            serve(given.port, given.seed, given.size, given.as_of, state, given.faults, _say)
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, WrongUsage) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8710, help="0 takes a free port (default 8710)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", default="small", help="tiny, small, medium or large (default small)")
    parser.add_argument("--as-of", type=_instant, help="date or ISO time, UTC (default: today's midnight)")
    parser.add_argument("--state", type=Path, help="folder of the state (default .guanxi/sandbox/SIZE)")
    parser.add_argument("--faults", choices=sorted(PROFILES), default="none")
    parser.add_argument("--generate-only", action="store_true", help="make the state and end")
    return parser


def _instant(text: str) -> datetime:
    """A date or time as naive UTC."""
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
