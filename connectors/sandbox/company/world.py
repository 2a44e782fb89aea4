"""The company as plain arrays, for the drawing of activities, and how the pairs are cut into chunks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from connectors.sandbox.company.arrays import DAY, Bools, Floats, Ints, choose, present, starts, stream
from connectors.sandbox.company.calendar import Calendar, calendar
from connectors.sandbox.company.closeness import pattern_codes
from connectors.sandbox.company.sizes import Size

PAIRS_PER_CHUNK = 16_000


@dataclass(frozen=True)
class World:
    """Arrays by user, group (accounts first, then leads), pair and deal. Pairs lie by group, member, person."""

    seed: int
    size: Size
    calendar: Calendar
    user_effort: Floats
    user_spray: Floats
    user_captures: Bools
    user_region: Ints
    group_region: Ints
    group_people: Ints
    group_first_person: Ints
    group_team: Ints
    group_first_pair: Ints
    pair_group: Ints
    pair_member: Ints
    pair_user: Ints
    pair_person: Ints
    peak: Floats
    pattern: Ints
    turn: Ints
    chatter: Floats
    pester: Floats
    deal_first: Ints
    deal_count: Ints
    deal_begins: Ints
    deal_ends: Ints
    person_has_address: Bools

    @property
    def accounts(self) -> int:
        return self.size.accounts

    def chunks(self) -> Iterator[slice]:
        """Slices of the pairs, cut between groups."""
        borders = np.append(self.group_first_pair, len(self.pair_group))
        start = 0
        while start < len(self.pair_group):
            stop = int(
                borders[max(np.searchsorted(borders, start + PAIRS_PER_CHUNK, "right") - 1, np.searchsorted(borders, start, "right"))]
            )
            yield slice(start, stop)
            start = stop

    def pair_at(self, group: Ints, member: Ints, position: Ints) -> Ints:
        """Row of the pair of a team member and a person, both as positions within the group."""
        return np.asarray(self.group_first_pair[group] + member * self.group_people[group] + position, dtype=np.int64)


def world(seed: int, size: Size, as_of: datetime, tables: Mapping[str, pa.Table]) -> World:
    """Arrays of the company's tables, by name."""
    users, accounts, people, teams = (tables[name] for name in ("users", "accounts", "people", "teams"))
    pairs, deals = tables["pairs"], tables["deals"]
    heads, members = np.bincount(people["group"].to_numpy()), np.bincount(teams["group"].to_numpy())
    deal_count = np.bincount(deals["account"].to_numpy(), minlength=len(heads))
    begins = deals["created"].cast(pa.int64()).to_numpy() // 1_000_000
    lead_region = choose(stream(seed, size.name, "lead regions"), (0.45, 0.25, 0.30), size.leads)
    return World(
        seed=seed,
        size=size,
        calendar=calendar(as_of),
        user_effort=users["effort"].to_numpy(),
        user_spray=1.6 - 1.2 * users["strength"].to_numpy(),
        user_captures=users["captures_inbound"].to_numpy(),
        user_region=users["region"].to_numpy(),
        group_region=np.concatenate([accounts["region"].to_numpy(), lead_region]),
        group_people=heads,
        group_first_person=starts(heads),
        group_team=members,
        group_first_pair=starts(heads * members),
        pair_group=pairs["group"].to_numpy(),
        pair_member=pairs["member"].to_numpy(),
        pair_user=pairs["user"].to_numpy(),
        pair_person=pairs["person"].to_numpy(),
        peak=pairs["peak"].to_numpy(),
        pattern=pattern_codes(pairs),
        turn=pairs["turn"].to_numpy(),
        chatter=pairs["chatter"].to_numpy(),
        pester=pairs["pester"].to_numpy(),
        deal_first=starts(deal_count),
        deal_count=deal_count,
        deal_begins=begins,
        deal_ends=deals["closes"].to_numpy() * DAY,
        person_has_address=present(people["email"]),
    )
