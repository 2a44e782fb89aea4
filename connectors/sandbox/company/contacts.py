"""One chunk of contacts between our people and theirs, drawn from closeness: meetings, calls, mails and their answers.

Closeness drives how often people meet, how long, whether mails are answered and calls are taken. Habit (chatter), effort, season
and bursts blur it; so do guests who are only along, copies, and mails sent by weak reps to people who never answer.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.sandbox.company import names
from connectors.sandbox.company.arrays import Bools, Column, Floats, Ints, arrow, choose, expand, frame, instants, nullable, stream, texts
from connectors.sandbox.company.closeness import history
from connectors.sandbox.company.world import World

RATE_FLOOR = 0.0005
RATE_POWER = 1.4
RESPONSES = ("accepted", "declined", "tentative", "none")
OUTCOMES = ("connected", "voicemail", "no answer")
MINUTES = np.array([30, 45, 60, 90, 120, 240])


@dataclass(frozen=True)
class Draw:
    """Contacts of one channel: for each its pair, the window it falls in and the closeness then."""

    pair: Ints
    window: Ints
    closeness: Floats

    def __len__(self) -> int:
        return len(self.pair)

    def take(self, rows: Ints) -> "Draw":
        return Draw(self.pair[rows], self.window[rows], self.closeness[rows])


class Chunk:
    """The pairs of some groups, and their closeness in each window."""

    def __init__(self, world: World, rows: slice, scale: float) -> None:
        self.world, self.first, self.scale = world, rows.start, scale
        self.rng = stream(world.seed, world.size.name, "contacts", rows.start)
        self.closeness = history(world.peak[rows], world.pattern[rows], world.turn[rows])
        self.rows = rows

    def rates(self) -> Floats:
        """Expected number of contacts per pair and window, all channels."""
        world, rows = self.world, self.rows
        habit = world.chatter[rows] * world.user_effort[world.pair_user[rows]]
        rate = self.scale * (RATE_FLOOR + self.closeness**RATE_POWER) * habit[:, None] * world.calendar.season[None, :]
        return np.asarray(rate, dtype=np.float64)

    def unasked(self) -> Floats:
        """Expected number of contacts that one of ours forces on somebody, whatever the closeness: weak reps do so most."""
        world, rows = self.world, self.rows
        rate = self.scale * world.pester[rows] * world.user_spray[world.pair_user[rows]]
        return np.asarray(rate[:, None] * world.calendar.season[None, :], dtype=np.float64)

    def draw(self, rates: Floats, regular: bool = False) -> Draw:
        """Contacts with the given expectation: at random times (Poisson), or in a rhythm with a random start."""
        pair, window = np.nonzero(counts := self.rhythm(rates) if regular else self.rng.poisson(rates))
        which, _ = expand(counts[pair, window])
        return Draw(self.first + pair[which], window[which], self.closeness[pair[which], window[which]])

    def rhythm(self, rates: Floats) -> Ints:
        """Numbers per window whose running total follows the running expectation."""
        total = np.floor(np.cumsum(rates, axis=1) + self.rng.random((len(rates), 1)))
        return np.asarray(np.diff(total, axis=1, prepend=0.0), dtype=np.int64)

    def at(self, draw: Draw) -> Ints:
        region = self.world.group_region[self.world.pair_group[draw.pair]]
        return self.world.calendar.draw(self.rng, region, draw.window)

    def others(self, draw: Draw, counts: Ints) -> tuple[Ints, Ints]:
        """Further people of the same group: (row of the draw, person), without the first person, each once per row.

        Of two candidates the one closer to our user comes along."""
        row, _ = expand(counts)
        base, group = draw.pair[row], self.world.pair_group[draw.pair[row]]
        member, people = self.world.pair_member[base], self.world.group_people[group]
        first, second = (self.world.pair_at(group, member, (self.rng.random(len(row)) * people).astype(np.int64)) for _ in range(2))
        chosen, comes = self.closer(first, second, draw.window[row])
        return _distinct(row[comes], self.world.pair_person[chosen[comes]], self.world.pair_person[draw.pair])

    def colleagues(self, draw: Draw, counts: Ints) -> tuple[Ints, Ints]:
        """Further people of ours on the same team: (row of the draw, user), chosen like `others`."""
        row, _ = expand(counts)
        base, group = draw.pair[row], self.world.pair_group[draw.pair[row]]
        position = self.world.pair_person[base] - self.world.group_first_person[group]
        team = self.world.group_team[group]
        first, second = (self.world.pair_at(group, (self.rng.random(len(row)) * team).astype(np.int64), position) for _ in range(2))
        chosen, comes = self.closer(first, second, draw.window[row])
        return _distinct(row[comes], self.world.pair_user[chosen[comes]], self.world.pair_user[draw.pair])

    def closer(self, first: Ints, second: Ints, window: Ints) -> tuple[Ints, Bools]:
        """The closer pair of two candidates, and whether it comes along at all: strangers rarely do."""
        one, other = self.closeness[first - self.first, window], self.closeness[second - self.first, window]
        return np.where(one >= other, first, second), self.rng.random(len(first)) < 2.0 * np.maximum(one, other) - 0.08

    def account(self, draw: Draw) -> Ints:
        group = self.world.pair_group[draw.pair]
        return np.where(group < self.world.accounts, group, -1)

    def deal(self, draw: Draw, at: Ints) -> Ints:
        """A deal of the account that was open then, for half of the contacts that have one; else -1."""
        world, group = self.world, self.world.pair_group[draw.pair]
        count = world.deal_count[group]
        deal = world.deal_first[group] + (self.rng.random(len(draw)) * count).astype(np.int64)
        known = np.minimum(deal, max(len(world.deal_begins) - 1, 0))
        running = (count > 0) & (at >= world.deal_begins[known]) & (at <= world.deal_ends[known])
        return np.where(running & (self.rng.random(len(draw)) < 0.5), known, -1)

    def side(self, draw: Draw, at: Ints) -> dict[str, Column]:
        """The columns every contact has."""
        return {
            "person": arrow(self.world.pair_person[draw.pair]),
            "account": nullable(self.account(draw)),
            "deal": nullable(self.deal(draw, at)),
        }


def _distinct(row: Ints, guest: Ints, first: Ints) -> tuple[Ints, Ints]:
    keep = guest != first[row]
    key = np.unique(row[keep] << 32 | guest[keep])
    return key >> 32, key & 0xFFFFFFFF


def meetings(chunk: Chunk, rates: Floats, first_id: int) -> tuple[pa.Table, pa.Table]:
    """Meetings and their guests."""
    draw = chunk.draw(rates * (0.08 + 0.16 * chunk.closeness), regular=True)
    rng, n = chunk.rng, len(draw)
    at = chunk.at(draw) // 1_800 * 1_800
    longer = np.clip(choose(rng, (0.3, 0.1, 0.35, 0.15, 0.08, 0.02), n) + (rng.random(n) < 0.5 * draw.closeness), 0, len(MINUTES) - 1)
    table = frame(
        {
            "activity": first_id + np.arange(n),
            "organizer": chunk.world.pair_user[draw.pair],
            **chunk.side(draw, at),
            "starts": instants(at),
            "minutes": MINUTES[longer],
            "all_day": rng.random(n) < 0.01,
            "subject": texts(names.MEETING_SUBJECTS, choose(rng, [1.0] * len(names.MEETING_SUBJECTS), n)),
            "private": np.zeros(n, dtype=bool),
            "cancelled": rng.random(n) < 0.015,
            "created": instants(np.minimum(at - rng.integers(3_600, 14 * 86_400, n), chunk.world.calendar.as_of - 60)),
        }
    )
    people = chunk.others(draw, choose(rng, (0.5, 0.25, 0.15, 0.1), n))
    users = chunk.colleagues(draw, choose(rng, (0.55, 0.32, 0.13), n))
    return table, _guests(rng, first_id, chunk.world.pair_person[draw.pair], people, users)


def _guests(rng: np.random.Generator, first_id: int, first: Ints, people: tuple[Ints, Ints], users: tuple[Ints, Ints]) -> pa.Table:
    """Guests in the order of their meetings, the first person of each leading."""
    row = np.concatenate([np.arange(len(first)), people[0], users[0]])
    nobody = np.full(len(row), -1)
    person, user = nobody.copy(), nobody
    person[: len(first) + len(people[0])] = np.concatenate([first, people[1]])
    user[len(first) + len(people[0]) :] = users[1]
    response = choose(rng, (0.72, 0.06, 0.05, 0.17), len(row))
    order = np.argsort(row, kind="stable")
    columns = {"user": nullable(user[order]), "person": nullable(person[order]), "response": texts(RESPONSES, response[order])}
    return frame({"activity": first_id + row[order], **columns})


def calls(chunk: Chunk, rates: Floats, first_id: int) -> tuple[pa.Table, pa.Table]:
    """Calls, taken the likelier the closer people are, and further people on the line."""
    draw = chunk.draw(rates * 0.2 + chunk.unasked() * 0.2, regular=True)
    rng, n = chunk.rng, len(draw)
    at = chunk.at(draw)
    outgoing = rng.random(n) > 0.1 + 0.3 * draw.closeness
    taken = ~outgoing | (rng.random(n) < 0.35 + 0.5 * draw.closeness)
    seconds = np.where(taken, np.round(rng.lognormal(5.6, 0.8, n)), rng.integers(3, 40, n)).astype(np.int64)
    table = frame(
        {
            "activity": first_id + np.arange(n),
            "user": chunk.world.pair_user[draw.pair],
            **chunk.side(draw, at),
            "at": instants(at),
            "seconds": nullable(seconds, rng.random(n) < 0.1),
            "direction": texts(("in", "out"), outgoing.astype(np.int64)),
            "outcome": texts(OUTCOMES, np.where(taken, 0, 1 + (rng.random(n) < 0.5))),
            "subject": texts(names.CALL_SUBJECTS, choose(rng, [1.0] * len(names.CALL_SUBJECTS), n)),
        }
    )
    row, person = chunk.others(draw, (rng.random(n) < 0.05).astype(np.int64))
    return table, frame({"activity": first_id + row, "person": person})
