"""The rules of the contract once more, slowly and plainly: what a log shows about pairs at one instant.

An oracle for the SQL: written from contract section 4, `method.md` and `closeness.md`, one record after the other, with
nothing of `transforms` in it but the numbers of the method. An earlier instant is not a special case but the same code
with an earlier `at`; trends, kappa and frozen quarters all follow from that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from statistics import fmean, median
from typing import Any

DAY = 86_400
Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """The model tables as rows, of one CRM, and the method."""

    users: Sequence[Row]
    accounts: Sequence[Row]
    people: Sequence[Row]
    account_members: Sequence[Row]
    opportunities: Sequence[Row]
    opportunity_roles: Sequence[Row]
    interactions: Sequence[Row]
    method: Any = field(repr=False)


def rounded(value: float | None, decimals: int) -> float | None:
    """Half up (away from zero), after the noise of floating sums is cut off."""
    if value is None:
        return None
    return float(Decimal(f"{value:.9f}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of the known."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def day_of(second: int | None) -> date | None:
    return None if second is None else datetime.fromtimestamp(second, UTC).date()


def quarter_of(second: int) -> int:
    now = datetime.fromtimestamp(second, UTC)
    return int(datetime(now.year, (now.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC).timestamp())


def ids(rows: Iterable[Row]) -> int:
    """How many distinct events."""
    return len({row["event_id"] for row in rows})


def last(rows: Iterable[Row]) -> int | None:
    return max((row["at_s"] for row in rows), default=None)


class Evidence:
    """The log as it stood `at` an instant: nothing later exists."""

    def __init__(self, world: World, at: int) -> None:
        self.world, self.at, self.method = world, at, world.method
        self.rows = [row for row in world.interactions if row["at_s"] <= at]
        self.of_person: dict[str, list[Row]] = defaultdict(list)
        self.of_user: dict[str, list[Row]] = defaultdict(list)
        self.of_pair: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows:
            self.of_person[row["person_id"]].append(row)
            self.of_user[row["user_id"]].append(row)
            self.of_pair[row["user_id"], row["person_id"]].append(row)

    def within(self, rows: Iterable[Row], days: float) -> list[Row]:
        """`T - days < at <= T`."""
        return [row for row in rows if self.at - days * DAY < row["at_s"] <= self.at]

    def weight(self, row: Row) -> float:
        """Channel * quality / spread, decayed."""
        number = self.method
        kind = "unanswered" if row["unanswered"] else row["channel"]
        quality = 1.0
        if row["channel"] == "meeting" and row["minutes"] is not None:
            quality = (max(row["minutes"], 0) / number["closeness.quality_minutes"]) ** 0.5
            quality = min(max(quality, number["closeness.quality_min"]), number["closeness.quality_max"])
        if row["is_cc"]:
            quality *= number["closeness.cc"]
        crowd = row["recipients"] if row["channel"] == "email" else row["participants_outside"]
        spread = max(crowd or 1, 1) ** number[f"closeness.spread_{row['channel']}"]
        age = (self.at - row["at_s"]) / (number["closeness.half_life_days"] * DAY)
        return float(number[f"closeness.weight_{kind}"] * quality / spread * 2**-age)

    def sides(self, pair: tuple[str, str]) -> tuple[float, float]:
        """X_out, X_in: the largest weight per channel, side and UTC day, added up."""
        out: dict[tuple[str, int], float] = defaultdict(float)
        back: dict[tuple[str, int], float] = defaultdict(float)
        for row in self.of_pair[pair]:
            key, weight = (row["channel"], row["at_s"] // DAY), self.weight(row)
            if row["direction"] in ("out", "both"):
                out[key] = max(out[key], weight)
            if row["direction"] in ("in", "both"):
                back[key] = max(back[key], weight)
        return sum(out.values()), sum(back.values())

    def mails(self, user: str) -> tuple[int, int, int]:
        """Mails in, mails out and people written to, of a user, in the capture window."""
        recent = self.within(self.of_user[user], self.method["capture.window_days"])
        inbound = [row for row in recent if row["channel"] == "email" and row["direction"] == "in"]
        outbound = [row for row in recent if row["channel"] == "email" and row["direction"] == "out"]
        return ids(inbound), ids(outbound), len({row["person_id"] for row in outbound})

    def captured(self, user: str) -> bool:
        inbound, outbound, _ = self.mails(user)
        return inbound > 0 and inbound >= self.method["capture.min_share"] * (inbound + outbound)

    def blind(self, user: str) -> bool:
        inbound, outbound, people = self.mails(user)
        return people >= self.method["capture.min_people_mailed"] and inbound < self.method["capture.min_share"] * (inbound + outbound)

    @cached_property
    def intensity(self) -> dict[tuple[str, str], float]:
        blind = {user: self.blind(user) for user in list(self.of_user)}
        return {pair: self._intensity(pair, blind[pair[0]]) for pair in list(self.of_pair)}

    def _intensity(self, pair: tuple[str, str], blind: bool) -> float:
        out, back = self.sides(pair)
        if blind:
            return out + back
        balanced = float((out**0.5 + back**0.5) ** 2 / 2)
        one_way = not any(row["two_way"] for row in self.of_pair[pair])
        return min(balanced, self.method["closeness.cap_one_way"]) if one_way else balanced

    def live(self) -> list[float]:
        """Intensities of the pairs with two-way evidence in the last 90 days."""
        window = self.method["kappa.window_days"]
        return [self.intensity[pair] for pair, rows in self.of_pair.items() if any(row["two_way"] for row in self.within(rows, window))]

    @cached_property
    def kappa(self) -> float:
        for log in (Evidence(self.world, quarter_of(self.at)), self):
            if len(log.live()) >= self.method["kappa.min_pairs"]:
                return float(median(log.live()))
        return float(self.method["kappa.default"])

    @cached_property
    def pair(self) -> dict[tuple[str, str], float]:
        """Closeness of every pair, 0-100, not rounded."""
        return {pair: 100 * (1 - 2 ** (-value / self.kappa)) for pair, value in self.intensity.items()}

    def level(self, rows: Sequence[Row], closeness: float | None) -> str:
        """Interaction_Level on a set of events."""
        year, number = self.within(rows, 365), self.method
        days = len({row["at_s"] // DAY for row in year if row["two_way"]})
        if days == 0:
            return "No contact"
        if days < number["interaction_level.multiple_days"]:
            return "Occasional"
        meetings = ids(row for row in year if row["channel"] == "meeting")
        close = (rounded(closeness, 1) or 0) >= number["interaction_level.deep_closeness"]
        return "Deep" if close and meetings >= number["interaction_level.deep_meetings"] else "Multiple"

    def users_in_touch(self, rows: Iterable[Row], days: float) -> set[str]:
        """Users with two-way evidence among `rows` in the window."""
        return {row["user_id"] for row in self.within(rows, days) if row["two_way"]}
