"""What goes wrong on purpose: countable rules that make chosen requests fail the way a real CRM does.

A rule matches a method and a path pattern, lets `skip` matches pass, then strikes `times` of them (every `every`-th). Nothing is random,
so a test knows exactly which request fails. Three families:

    the answer is replaced     unavailable expired busy not_acceptable reset lose_answer concurrent_limit total_limit slow
    the org changes first      expire_tokens hide_field drop_object throttle     (effects registered by each CRM's half)
    the work itself is spoilt  cut_page fail_job lock_rows lose_rows skip_rows deadlock sql_timeout poison_row
                               (asked for by the handler that does the work)

Deliberately absent: probabilities, and faults that only a client could cause.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

EFFECTS = frozenset({"expire_tokens", "hide_field", "drop_object", "throttle"})
WORK = frozenset({"cut_page", "fail_job", "lock_rows", "lose_rows", "skip_rows", "deadlock", "sql_timeout", "poison_row"})
FINAL = frozenset({"unavailable", "expired", "busy", "not_acceptable", "concurrent_limit", "total_limit", "reset", "lose_answer"})
ACTIONS = FINAL | EFFECTS | WORK | {"slow"}


class BadRule(ValueError):
    """A rule or profile that cannot be: the message names the key and the allowed values."""


@dataclass(frozen=True)
class Rule:
    """One fault.

    action: one of `ACTIONS`; method, path: patterns (`*`, `?`); object: SObject the work is on (work faults only);
    skip, times, every: which matches are struck (times 0: all); value: seconds (slow) or share of rows (work faults);
    target: `Contact.Title` or `TaskRelation` (effects).
    """

    action: str
    method: str = "*"
    path: str = "*"
    object: str = "*"
    skip: int = 0
    times: int = 1
    every: int = 1
    value: float = 0.0
    target: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise BadRule(f"action {self.action!r} is not one of {', '.join(sorted(ACTIONS))}")
        if self.every < 1 or self.skip < 0 or self.times < 0:
            raise BadRule("every must be at least 1, skip and times at least 0")

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Rule:
        """A rule from JSON; raises `BadRule` for an unknown key or action."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise BadRule(f"unknown key {unknown[0]!r}; a rule has {', '.join(sorted(known))}")
        if "action" not in raw:
            raise BadRule(f"a rule needs action: one of {', '.join(sorted(ACTIONS))}")
        return cls(**raw)

    def matches(self, method: str, path: str, object_name: str) -> bool:
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path) and fnmatchcase(object_name, self.object)

    def strikes(self, match: int) -> bool:
        """Whether the n-th match (from 0) is struck."""
        index, rest = divmod(match - self.skip, self.every)
        return index >= 0 and rest == 0 and (self.times == 0 or index < self.times)


_POLL, _PAGE, _CREATE = "/services/data/*/jobs/*/750???????????????", "/services/data/*/results", "/services/data/*/jobs/query"
_CLOSE = "/services/data/*/jobs/ingest/750???????????????"
_DYNAMICS, _MULTIPLE = "/api/data/v9.?/*", "/api/data/v9.?/*/Microsoft.Dynamics.CRM.UpdateMultiple"

PROFILES: Mapping[str, tuple[Rule, ...]] = {
    "none": (),
    "flaky": (
        Rule("unavailable", "GET", _PAGE, skip=2, times=2, every=5),
        Rule("expired", "GET", _POLL, skip=3),
        Rule("busy", "GET", "/services/data/*", skip=20, times=2, every=15),
        Rule("reset", "GET", _PAGE, skip=4),
        Rule("lock_rows", "PATCH", _CLOSE, value=0.03),
        Rule("throttle", "GET", _DYNAMICS, skip=10, times=2, every=15, value=1, target="requests"),
        Rule("unavailable", "GET", _DYNAMICS, skip=5),
        Rule("reset", "GET", _DYNAMICS, skip=8),
        Rule("deadlock", "POST", _MULTIPLE),
    ),
    "storm": (
        Rule("unavailable", "GET", "/services/data/*", skip=3, times=0, every=11),
        Rule("busy", "*", "/services/data/*", skip=5, times=0, every=17),
        Rule("not_acceptable", "GET", "/services/data/*", skip=7, times=0, every=23),
        Rule("concurrent_limit", "POST", _CREATE, skip=1, times=3, every=4),
        Rule("expire_tokens", "GET", _POLL, skip=4, times=3, every=9),
        Rule("reset", "GET", _PAGE, skip=1, times=0, every=7),
        Rule("slow", "GET", _PAGE, times=0, every=5, value=0.5),
        Rule("cut_page", "GET", _PAGE, skip=5, times=1, value=0.1),
        Rule("fail_job", "POST", _CREATE, object="Event"),
        Rule("lock_rows", "PATCH", _CLOSE, times=2, value=0.03),
        Rule("skip_rows", "PATCH", _CLOSE, skip=1, value=0.02),
        Rule("throttle", "*", _DYNAMICS, skip=4, times=0, every=13, value=1, target="execution_seconds"),
        Rule("throttle", "*", _DYNAMICS, skip=9, times=3, every=20, value=2, target="concurrent"),
        Rule("unavailable", "GET", _DYNAMICS, skip=3, times=0, every=17),
        Rule("reset", "GET", _DYNAMICS, skip=7, times=0, every=19),
        Rule("slow", "GET", _DYNAMICS, times=0, every=10, value=0.3),
        Rule("expire_tokens", "*", _DYNAMICS, skip=12, times=3, every=25),
        Rule("deadlock", "POST", _MULTIPLE, times=2, every=3),
        Rule("lose_answer", "POST", _MULTIPLE, skip=1, times=2, every=4),
        Rule("sql_timeout", "POST", _MULTIPLE, times=0, value=150),
    ),
}

Effect = Callable[[Rule], object]


class Faults:
    """The rules in force and how often each has matched and struck. Thread safe."""

    def __init__(self, profile: str = "none") -> None:
        self._lock = threading.Lock()
        self._effects: dict[str, list[tuple[str, Effect]]] = {}
        self.use(profile)

    def use(self, profile: str) -> None:
        """Replace the rules by a named profile; raises `BadRule` for an unknown name."""
        if profile not in PROFILES:
            raise BadRule(f"fault profile {profile!r} is not one of {', '.join(PROFILES)}")
        self.replace(PROFILES[profile])

    def replace(self, rules: Iterable[Rule]) -> None:
        """Replace the rules and start counting from zero."""
        with self._lock:
            self._rules = tuple(rules)
            self._matched, self._struck = [0] * len(self._rules), [0] * len(self._rules)

    def on(self, action: str, effect: Effect, under: str = "") -> None:
        """Register what an effect does to the org that answers requests `under` this path."""
        self._effects.setdefault(action, []).append((under, effect))

    def report(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        with self._lock:
            return [asdict(rule) | {"matched": m, "struck": s} for rule, m, s in zip(self._rules, self._matched, self._struck, strict=True)]

    def answer(self, method: str, path: str) -> list[Rule]:
        """The rules that strike a request before it is handled."""
        return self._take(method, path, "", ACTIONS - WORK)

    def work(self, action: str, method: str, path: str, object_name: str = "") -> Rule | None:
        """The rule that spoils this piece of work, if one does."""
        struck = self._take(method, path, object_name, frozenset({action}))
        return struck[0] if struck else None

    def apply(self, rule: Rule, path: str) -> None:
        """Carry out an effect on the org that the struck request is for, when its half registered one."""
        for under, effect in self._effects.get(rule.action, ()):
            if path.startswith(under):
                effect(rule)

    def _take(self, method: str, path: str, object_name: str, actions: frozenset[str]) -> list[Rule]:
        struck = []
        with self._lock:
            for index, rule in enumerate(self._rules):
                if rule.action not in actions or not rule.matches(method, path, object_name):
                    continue
                if rule.strikes(self._matched[index]):
                    self._struck[index] += 1
                    struck.append(rule)
                self._matched[index] += 1
                if struck and struck[-1].action in FINAL:
                    break
        return struck
