"""Random worlds of a few accounts, and the best paths in them found by trying every path: the rule once more, in plain Python."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.transforms.scores.small_company import context, instant, key, store
from transforms import tables as model
from transforms.base import DAY
from transforms.maps import deciders, links, paths, steps
from transforms.maps import tables as maps
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

ACCOUNTS, USERS, PEOPLE = ("acme", "beta", "ciao", "demo"), ("ann", "bob", "cyd", "dan"), ("p1", "p2", "p3", "p4")
NOW = context("2026-06-01")
Step = tuple[str, float, str]


@dataclass
class World:
    """Users by name: active, manager. People `account/person`: boss, influencer, decides. Pairs: closeness, days since two-way."""

    owner: Mapping[str, str | None]
    users: Mapping[str, tuple[bool, str | None]]
    people: Mapping[str, tuple[str | None, str | None, bool]]
    pairs: Mapping[tuple[str, str], tuple[float, int | None]] = field(default_factory=dict)
    on_deals: Sequence[str] = ()

    def fill(self, warehouse: DuckDBWarehouse) -> None:
        """Write the tables that paths are made of, and build these."""
        store(warehouse, model.users, [self._user(name) for name in self.users])
        store(warehouse, model.accounts, [{**_account(name), "owner_id": self.owner[name], "is_live": True} for name in ACCOUNTS])
        store(warehouse, model.people, [self._person(name) for name in self.people])
        store(warehouse, scores.people, [{**_named(name), "level": "Occasional"} for name in self.people])
        deciding = [{**_named(name), "decider": True, "target": False} for name, person in self.people.items() if person[2]]
        store(warehouse, scores.key_persons, deciding)
        store(warehouse, maps.decision_chain, [{**_named(name), "role": "Decider", "filled": True} for name in self.on_deals])
        store(warehouse, scores.pairs, [self._pair(*pair) for pair in self.pairs])
        for one in (links.MODEL, deciders.MODEL, steps.MODEL, paths.MODEL):
            one.build(warehouse, NOW)

    def _user(self, name: str) -> dict[str, Any]:
        active, manager = self.users[name]
        return {"user_id": name, "user_key": key(name), "is_active": active, "is_person": True, "manager_id": manager}

    def _person(self, name: str) -> dict[str, Any]:
        boss, influencer, _ = self.people[name]
        lines = {"reports_to_id": boss, "influenced_by_id": influencer}
        return {**_named(name), **_account(name.split("/")[0]), **lines, "person_kind": "contact", "is_live": True}

    def _pair(self, user: str, person: str) -> dict[str, Any]:
        closeness, days = self.pairs[user, person]
        seen = {} if days is None else {"last_two_way_s": NOW.as_of - days * DAY}
        return {**_named(person), **seen, "user_id": user, "user_key": key(user), "closeness": closeness, "last_s": instant("2026-05-01")}

    def meets(self, user: str, person: str) -> float | None:
        """Strength of a contact; None where it is no step."""
        closeness, days = self.pairs.get((user, person), (0.0, None))
        return closeness / 100 if self.users[user][0] and closeness > 0 and days is not None and days < 365 else None

    def goals(self) -> Iterator[tuple[str, str]]:
        for name, (_, _, decides) in self.people.items():
            owner = self.owner[name.split("/")[0]]
            days = self.pairs.get((owner or "", name), (0.0, None))[1]
            if (decides or name in self.on_deals) and owner and self.users[owner][0] and not (days is not None and days < 365):
                yield owner, name

    def onward(self, owner: str, node: str, account: str) -> Iterator[Step]:
        """Every step that can follow."""
        if node == owner:
            for user, (active, manager) in self.users.items():
                same = self.users[owner][1]
                team = (manager is not None and manager in (same, owner)) or same == user
                if active and user != owner:
                    yield user, NOW.method["maps.team" if team else "maps.colleague"], "colleague"
        if node in self.users:
            for person in self.people:
                if person.startswith(account) and (strength := self.meets(node, person)):
                    yield person, strength, "contact"
            return
        for other, (boss, influencer, _) in self.people.items():
            if other != node and node in (boss, influencer) and other.startswith(account):
                yield from ((other, NOW.method["maps.boss_to_report"], "reporting") for _ in range(boss == node))
                yield from ((other, NOW.method["maps.influence"], "influence") for _ in range(influencer == node))
        above = self.people[node][0]
        if above and above != node and above.startswith(account):
            yield above, NOW.method["maps.report_to_boss"], "reporting"

    def best(self, owner: str, goal: str) -> float | None:
        """Strength of the best path of two or three steps."""
        return max(self._reach(owner, owner, goal, 3), default=None)

    def _reach(self, owner: str, node: str, goal: str, left: int) -> Iterator[float]:
        if node == goal:
            yield 1.0
        elif left:
            for following, strength, _ in self.onward(owner, node, goal.split("/")[0]):
                yield from (strength * rest for rest in self._reach(owner, following, goal, left - 1))


def _account(name: str) -> dict[str, Any]:
    return {"account_id": name, "account_key": key(name)}


def _named(name: str) -> dict[str, Any]:
    return {"person_id": name, "person_key": key(name), "account_key": key(name.split("/")[0])}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any lines, circles included; any contacts, old and one-way ones included; any owner, none and one who left included."""
    names = [f"{account}/{person}" for account, person in product(ACCOUNTS, PEOPLE)]
    other, manager = st.none() | st.sampled_from(names), st.none() | st.sampled_from(USERS)
    closeness = st.tuples(st.integers(0, 99).map(float), st.none() | st.sampled_from([5, 364, 366]))
    return World(
        owner={name: draw(manager) for name in ACCOUNTS},
        users={name: (draw(st.integers(0, 3)) > 0, draw(manager)) for name in USERS},
        people={name: (draw(other), draw(other), draw(st.booleans())) for name in names},
        pairs=draw(st.dictionaries(st.tuples(st.sampled_from(USERS), st.sampled_from(names)), closeness, max_size=30)),
        on_deals=draw(st.lists(st.sampled_from(names), max_size=3)),
    )
