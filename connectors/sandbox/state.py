"""The state folder: which company it holds, and making it hold the wanted one.

A state is complete when `sandbox.json` is there: it is written last, so a half-generated folder is built anew. Files that are not the
sandbox's own are never removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

MARK = "sandbox.json"
FORMAT = 3

Announce = Callable[[str], None]


class SandboxError(Exception):
    """The sandbox cannot run; the message is one line saying why and what to do."""


class WrongUsage(SandboxError):
    """An argument that can never be right."""


@dataclass(frozen=True)
class Settings:
    """What a state was generated from; as_of is the instant (ISO, UTC) its story ends and its clock starts."""

    seed: int
    size: str
    as_of: str
    format: int = FORMAT


def read_mark(state: Path) -> Settings:
    """What the folder's state was made from; raises `SandboxError` when it holds no complete state."""
    try:
        return Settings(**json.loads((state / MARK).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SandboxError(f"{state} holds no complete sandbox state") from error


def prepare(state: Path, seed: int, size: str, as_of: datetime | None, announce: Announce) -> Settings:
    """Make sure the folder holds the wanted company; without `as_of` any state of that seed and size will do, else today's midnight.

    Raises:
        WrongUsage: unknown size.
        SandboxError: a folder that cannot be written.
    """
    try:
        held: Settings | None = read_mark(state)
    except SandboxError:
        held = None
    stamp = as_of.isoformat() if as_of else (held.as_of if held else today().isoformat())
    wanted = Settings(seed, size, stamp)
    if held != wanted:
        check_size(size)
        announce(f"generating the {size} company (seed {seed}, as of {stamp}) in {state}")
        _generate(state, wanted)
    return wanted


def check_size(size: str) -> None:
    """Raises `WrongUsage` for a size that does not exist. The company is imported only where it is needed: it costs half a second."""
    from connectors.sandbox.company import SIZES

    if size not in SIZES:
        raise WrongUsage(f"size {size!r} is not one of {', '.join(SIZES)}")


def today() -> datetime:
    """The midnight (UTC, naive) that began this day."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def _generate(state: Path, wanted: Settings) -> None:
    from connectors.sandbox.dataverse import environment
    from connectors.sandbox.salesforce import org

    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / MARK).unlink(missing_ok=True)
        for half in (org, environment):
            half.remove(state)
            half.generate(state, wanted.seed, wanted.size, datetime.fromisoformat(wanted.as_of))
        (state / MARK).write_text(json.dumps(asdict(wanted)), encoding="utf-8")
    except (OSError, duckdb.Error) as error:
        raise SandboxError(f"cannot write the state into {state}: {error}") from error
