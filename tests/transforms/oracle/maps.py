"""Account fields of contract 4.1: key persons, averages, levels, maps and breadth, one account after the other."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from tests.transforms.oracle import persons
from tests.transforms.oracle.deals import Deals
from tests.transforms.oracle.evidence import DAY, Evidence, Row, day_of, ids, last, mean, rounded
from tests.transforms.oracle.persons import ENGAGED

ROLES = ("Gatekeeper", "Buyer", "User", "Decider", "Influencer")
VOTES = ("Approve", "Veto", "Both")
LEVELS = ("None", "Initial", "Mid", "Strong")


def roles(person: Row) -> set[str]:
    return {role.strip() for role in (person["buying_roles"] or "").split(";")} - {""}


class Maps:
    """What one log, and what people entered, say about the people of each account."""

    def __init__(self, log: Evidence) -> None:
        self.log, self.world, self.method = log, log.world, log.method
        self.contacts: dict[str, list[Row]] = defaultdict(list)
        for person in self.world.people:
            if person["is_live"] and person["person_kind"] == "contact" and person["account_key"] is not None:
                self.contacts[person["account_id"]].append(person)
        self.deals = Deals(self.world, log.at)
        self.bosses = {person["reports_to_id"] for person in self.world.people}
        synonyms = self.method["departments.synonyms"].items()
        self.names = {self.plain(word): self.plain(name) for name, words in synonyms for word in (name, *words)}

    @staticmethod
    def plain(text: str | None) -> str:
        return "".join((text or "").lower().split())

    def department(self, text: str | None) -> str:
        """Departments compared: no case, no spaces, synonyms replaced; empty = unknown."""
        return self.names.get(self.plain(text), self.plain(text))

    def key_departments(self, account: Row) -> dict[str, str]:
        """Name by what is compared, in the order of names."""
        typed = account["key_departments"] or ""
        for separator in ";；，、|\n":
            typed = typed.replace(separator, ",")
        listed = [name.strip() for name in typed.split(",") if name.strip()] or self.method.of(account["industry"])["departments.key"]
        found: dict[str, str] = {}
        for name in sorted(listed, reverse=True):
            found[self.department(name)] = name
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @cached_property
    def level(self) -> dict[str, str]:
        return {one["person_id"]: persons.level(self.log, one) for people in self.contacts.values() for one in people}

    def engaged(self, account: str) -> list[Row]:
        return [person for person in self.contacts[account] if self.level[person["person_id"]] in ENGAGED]

    def key_persons(self, account: str) -> list[Row]:
        """Marked, with a role or a vote; else the engaged."""
        entered = [one for one in self.contacts[account] if one["key_person"] or roles(one) or one["vote"] in VOTES]
        return entered or self.engaged(account)

    def closeness(self, account: str) -> float | None:
        return rounded(mean(persons.effective(self.log, person) for person in self.key_persons(account)), 1)

    def features(self, person: Row) -> int:
        """Known of the seven; the top of the tree has a known reporting and influence line."""
        top = person["reports_to_id"] is None and person["person_id"] in self.bosses
        known = [
            persons.effective(self.log, person),
            person["solution_acceptance"],
            person["price_acceptance"],
            person["vote"],
            person["vote"],
        ]
        lines = [person["reports_to_id"] or top or None, person["influenced_by_id"] or top or None]
        return sum(value is not None for value in (*known, *lines))

    def insight(self, person: Row) -> bool:
        rows = self.log.of_person[person["person_id"]]
        return self.features(person) == 7 and bool(self.log.users_in_touch(rows, self.method["insight.days"]))

    def seats(self, account: Row) -> tuple[int, list[str]]:
        """Seats required, and the names of those nobody fills."""
        people, wanted = self.contacts[account["account_id"]], self.key_departments(account)
        held = {role for person in people for role in roles(person)}
        filled = {self.department(person["department_name"]) for person in people}
        missing = [role for role in ROLES if role not in held] + [name for match, name in wanted.items() if match not in filled]
        return len(ROLES) + len(wanted), missing

    def completeness(self, account: Row) -> float | None:
        required, missing = self.seats(account)
        key = self.key_persons(account["account_id"])
        filled = required - len(missing) + sum(self.features(person) for person in key)
        return rounded(100 * filled / (required + 7 * max(len(key), 1)), 1)

    def targets(self, account: str) -> list[Row]:
        """The voters, else the deciders."""
        people = self.contacts[account]
        return [one for one in people if one["vote"] in VOTES] or [one for one in people if "Decider" in roles(one)]

    def relationship(self, account: Row, closeness: float | None, user: str | None = None) -> str:
        """None, Initial, Mid or Strong, in the company's view or in that of one user."""
        cuts = [self.method.of(account["industry"])[f"level.{label.lower()}"] for label in LEVELS[1:]]
        reached = sum(closeness is not None and closeness >= cut for cut in cuts)
        return "Mid" if reached == 3 and not self.strong(account, user) else LEVELS[reached]

    def strong(self, account: Row, user: str | None) -> bool:
        people, targets = self.contacts[account["account_id"]], self.targets(account["account_id"])
        reached = {self.department(one["department_name"]) for one in people if self.seen(one, user) in ENGAGED}
        against = any("Decider" in roles(one) and (one["attitude"] or 0) < 0 for one in people)
        deep = [self.seen(one, user) == "Deep" or (self.judged(one, user) or 0) >= self.method["level.influence"] for one in targets]
        return set(self.key_departments(account)) <= reached and not against and bool(targets) and all(deep)

    def seen(self, person: Row, user: str | None) -> str:
        """Interaction_Level, of our company or of one user alone."""
        if user is None:
            return self.level[person["person_id"]]
        pair = (user, person["person_id"])
        return self.log.level(self.log.of_pair[pair], self.log.pair[pair]) if pair in self.log.pair else "No contact"

    def judged(self, person: Row, user: str | None) -> float | None:
        """Effective closeness, of our company or of one user who has met the person."""
        if user is None:
            return persons.effective(self.log, person)
        pair = self.log.pair.get((user, person["person_id"]))
        stated = persons.stated(self.log, person)
        return None if pair is None else rounded(pair, 1) if stated is None else stated

    def bus_factor(self, account: str) -> float | None:
        held: dict[str, float] = defaultdict(float)
        people = {row["person_id"] for row in self.log.rows if row["account_id"] == account}
        for (user, person), value in self.log.intensity.items():
            if person in people:
                held[user] += value
        return rounded(100 * max(held.values()) / sum(held.values()), 1) if held else None

    def account(self, account: Row, month: "Maps", year: "Maps") -> dict[str, Any]:
        name, log = account["account_id"], self.log
        rows = [row for row in log.rows if row["account_id"] == name]
        quarter, key, now = log.within(rows, 90), self.key_persons(name), self.closeness(name)
        return {
            "closeness": now,
            "closeness_grade": persons.grade(log, now),
            "solution_acceptance_avg": rounded(mean(one["solution_acceptance"] for one in key), 2),
            "price_acceptance_avg": rounded(mean(one["price_acceptance"] for one in key), 2),
            "relationship_level": self.relationship(account, now),
            "map_completeness": self.completeness(account),
            "insight_rate": rounded(mean(100.0 * self.insight(one) for one in key), 1),
            "missing_seats": ", ".join(self.seats(account)[1])[:255] or None,
            "touches_90d": ids(quarter),
            "contact_days_90d": len({row["at_s"] // DAY for row in quarter}),
            "last_touch": day_of(last(rows)),
            "people_engaged": len(self.engaged(name)),
            "departments_engaged": len({self.department(one["department_name"]) for one in self.engaged(name)} - {""}),
            "our_people": len(log.users_in_touch(rows, 365)),
            "bus_factor": self.bus_factor(name),
            "trend_30d": persons.trend(now, month.closeness(name)),
            "trend_365d": persons.trend(now, year.closeness(name)),
            "confidence": rounded(mean(persons.confidence(log, log.of_person[one["person_id"]]) or 0 for one in key), 1),
            "lifecycle_stage": self.deals.stage(name, rows),
            "importance": self.deals.importance[name],
            "key_account": self.deals.key_account(account),
            "scored_on": day_of(log.at),
        }
