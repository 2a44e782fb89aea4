"""Every case file as a company of its own CRM, so that one build serves them all and no company touches another's figures.

Beside what `small_company` reads, an event may be repeated (`2026-05-04 call anna -> kim times=5 every=7`: five of them, the
last on that day, seven days apart), and `[ladder.<user>]` stands for accounts that a user covers: so many in each band of his
or her own view (one key person each, met last week: attitude +2 Strong, 0 Mid, -1 Initial, -2 none), and a lead who wrote, so
that the user's inbound mail is captured.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.transforms.scores.small_company import Company

PARTS = ("users", "accounts", "people", "members", "events", "deals", "roles")
ATTITUDES = {"strong": 2, "mid": 0, "initial": -1, "none": -2}
SHIFT = 2**33


@dataclass(frozen=True)
class Case:
    """One file: `crm` is its name."""

    crm: str
    text: dict[str, Any]
    company: Company


def read(file: Path) -> Case:
    """A case file as a company."""
    text = tomllib.loads(file.read_text(encoding="utf-8"))
    parts = {name: text.get(name, {} if name in ("users", "accounts", "people", "deals") else []) for name in PARTS}
    for user, bands in text.get("ladder", {}).items():
        _climb(parts, user, bands)
    parts["events"] = [event for line in parts["events"] for event in _repeated(line)]
    return Case(file.stem, text, Company(**parts))


def _climb(parts: dict[str, Any], user: str, bands: Mapping[str, Any]) -> None:
    parts["users"][user] = {"industry_expert": bands.get("expert")}
    parts["people"][f"friend-{user}"] = {"person_kind": "lead"}
    parts["events"].append(f"2026-05-25 email {user} <- friend-{user}")
    for band, attitude in ATTITUDES.items():
        for number in range(bands.get(band, 0)):
            name = f"{user}-{band}-{number}"
            parts["accounts"][name] = {"key_departments": "Legal"}
            parts["people"][f"p-{name}"] = {"account_id": name, "attitude": attitude, "vote": "Approve", "department": "legal"}
            parts["members"].append(f"{name} {user}")
            parts["events"].append(f"2026-05-25 meeting {user} -> p-{name} minutes=30")


def _repeated(line: str) -> Iterator[str]:
    times, every = (int((re.findall(rf" {word}=(\d+)", line) or [1])[0]) for word in ("times", "every"))
    when, event = re.sub(r" (times|every)=\d+", "", line).split(maxsplit=1)
    for back in range(times):
        yield f"{(datetime.fromisoformat(when) - timedelta(days=back * every)).isoformat()} {event}"


def tables(cases: list[Case]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the model tables over all cases; keys are shifted so that equal ids of two cases stay apart."""
    found: dict[str, list[dict[str, Any]]] = {}
    for number, case in enumerate(cases, start=1):
        for name, rows in case.company.tables().items():
            found.setdefault(name, []).extend({**_apart(row, number), "crm": case.crm} for row in rows)
    return found


def _apart(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {name: value + number * SHIFT if name.endswith("_key") and value is not None else value for name, value in row.items()}
