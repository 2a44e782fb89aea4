"""What fills calendars and mailboxes besides contact with customers: internal meetings and mails, private appointments, newsletters,
automatic mails, mails with strangers, to-dos, and meetings planned for the coming weeks. None of it says anything about closeness.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from connectors.sandbox.company import names
from connectors.sandbox.company.arrays import (
    DAY,
    Bools,
    Column,
    Ints,
    arrow,
    choose,
    expand,
    frame,
    instants,
    joined,
    nullable,
    stream,
    texts,
)
from connectors.sandbox.company.calendar import WINDOWS
from connectors.sandbox.company.mails import BCC, CC, FROM, TO, address_table
from connectors.sandbox.company.model import EMPTY, Activities
from connectors.sandbox.company.world import World

PER_CHUNK = 40_000
INTERNAL, PRIVATE, PLANNED = range(3)
AMONG_US, MACHINE, STRANGER, NEWSLETTER = range(4)
MIX = (0.3, 0.1, 0.06, 0.2, 0.08, 0.12, 0.02, 0.12)
"""Shares of the three kinds of meetings, the four kinds of mails, and to-dos."""
AUTOMATIC = ("noreply@shop.example", "no-reply@travel.example", "mailer-daemon@mail.example", "donotreply@portal.example")


def background(world: World, chunk: int, n: int, first_id: int) -> Activities:
    """About n activities of all kinds."""
    rng = stream(world.seed, world.size.name, "background", chunk)
    counts = np.bincount(choose(rng, MIX, n), minlength=len(MIX))
    meetings, guests = _meetings(world, rng, counts[:3].tolist(), first_id)
    mails, addresses = _mails(world, rng, counts[3:7].tolist(), first_id + len(meetings))
    todos = _todos(world, rng, int(counts[7]), first_id + len(meetings) + len(mails))
    return Activities(meetings, guests, EMPTY["calls"], EMPTY["call_guests"], mails, addresses, todos)


def _meetings(world: World, rng: np.random.Generator, counts: Sequence[int], first_id: int) -> tuple[pa.Table, pa.Table]:
    """Internal, private, then planned meetings with customers; only internal ones have colleagues, only planned ones a person."""
    kind = np.repeat(np.arange(3), counts)
    n = len(kind)
    pair = _known_pair(world, rng, n)
    user = np.where(kind == PLANNED, world.pair_user[pair], rng.integers(0, len(world.user_effort), n))
    person = np.where(kind == PLANNED, world.pair_person[pair], -1)
    group = world.pair_group[pair]
    past = world.calendar.draw(rng, world.user_region[user], rng.integers(0, WINDOWS, n)) // 1_800 * 1_800
    starts = np.where(kind == PLANNED, (world.calendar.as_of // 3_600 + rng.integers(24, 400, n)) * 3_600, past)
    table = frame(
        {
            "activity": first_id + np.arange(n),
            "organizer": user,
            "person": nullable(person),
            "account": nullable(np.where((kind == PLANNED) & (group < world.accounts), group, -1)),
            "deal": nullable(np.full(n, -1)),
            "starts": instants(starts),
            "minutes": 30 * rng.integers(1, 5, n),
            "all_day": (kind == PRIVATE) & (rng.random(n) < 0.2),
            "subject": texts(("Team meeting", "Private", "Planned visit"), kind),
            "private": kind == PRIVATE,
            "cancelled": np.zeros(n, dtype=bool),
            "created": instants(np.minimum(starts - rng.integers(DAY, 20 * DAY, n), world.calendar.as_of - 60)),
        }
    )
    return table, _meeting_guests(world, rng, kind, user, person, first_id)


def _meeting_guests(world: World, rng: np.random.Generator, kind: Ints, user: Ints, person: Ints, first_id: int) -> pa.Table:
    row, mate = _colleagues(world, rng, user, np.where(kind == INTERNAL, rng.integers(1, 5, len(kind)), 0))
    planned = np.flatnonzero(kind == PLANNED)
    number = np.concatenate([row, planned])
    order = np.argsort(number, kind="stable")
    mates = np.concatenate([mate, np.full(len(planned), -1)])[order]
    guests = np.concatenate([np.full(len(row), -1), person[planned]])[order]
    response = texts(("accepted", "none"), (rng.random(len(number)) < 0.2).astype(np.int64))
    return frame({"activity": first_id + number[order], "user": nullable(mates), "person": nullable(guests), "response": response})


def _mails(world: World, rng: np.random.Generator, counts: Sequence[int], first_id: int) -> tuple[pa.Table, pa.Table]:
    """Internal mails, automatic ones, mails with strangers, newsletters."""
    kind = np.repeat(np.arange(4), counts)
    n = len(kind)
    user = rng.integers(0, len(world.user_effort), n)
    incoming = (kind == MACHINE) | ((kind == STRANGER) & (rng.random(n) < 0.4) & world.user_captures[user])
    at = world.calendar.draw(rng, world.user_region[user], rng.integers(0, WINDOWS, n))
    readers, first_reader = _newsletter_readers(world, rng, np.where(kind == NEWSLETTER, rng.integers(11, 26, n), 0))
    table = frame(
        {
            "activity": first_id + np.arange(n),
            "user": user,
            "person": nullable(first_reader),
            "account": nullable(np.full(n, -1)),
            "deal": nullable(np.full(n, -1)),
            "at": instants(np.minimum(at, world.calendar.as_of - 60)),
            "direction": texts(("out", "in"), incoming.astype(np.int64)),
            "thread": first_id + np.arange(n),
            "subject": texts(("Agenda", "Your order", "Introduction", "News"), kind),
            "answered": np.zeros(n, dtype=bool),
        }
    )
    return table, _mail_addresses(world, rng, kind, user, incoming, readers, first_id)


def _mail_addresses(
    world: World, rng: np.random.Generator, kind: Ints, user: Ints, incoming: Bools, readers: tuple[Ints, Ints], first_id: int
) -> pa.Table:
    n = len(kind)
    outside = np.flatnonzero((kind == MACHINE) | (kind == STRANGER))
    mate_row, mate = _colleagues(world, rng, user, np.where(kind == AMONG_US, rng.integers(1, 4, n), 0))
    number = np.concatenate([np.arange(n), outside, mate_row, readers[0]])
    role = np.concatenate(
        [
            np.where(incoming, TO, FROM),
            np.where(incoming[outside], FROM, TO),
            np.where(rng.random(len(mate)) < 0.7, TO, CC),
            np.full(len(readers[0]), BCC),
        ]
    )
    users = np.concatenate([user, np.full(len(outside), -1), mate, np.full(len(readers[0]), -1)])
    people = np.concatenate([np.full(n + len(outside) + len(mate), -1), readers[1]])
    strangers = joined("visitor", rng.integers(0, 5_000, len(outside)), "@elsewhere.example")
    machines = texts(AUTOMATIC, rng.integers(0, len(AUTOMATIC), len(outside)))
    address = pa.concat_arrays(
        [
            pa.nulls(n, pa.string()),
            _either(kind[outside] == MACHINE, machines, strangers),
            pa.nulls(len(mate) + len(readers[0]), pa.string()),
        ]
    )
    return address_table(first_id + number, role, users, people, address)


def _either(condition: Bools, yes: Column, no: Column) -> Column:
    n = len(condition)
    return pa.concat_arrays([yes, no]).take(arrow(np.where(condition, np.arange(n), n + np.arange(n))))


def _newsletter_readers(world: World, rng: np.random.Generator, counts: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """People who get a newsletter as (mail row, person), each once per mail; and the first of each mail, -1 where it is none."""
    row, _ = expand(counts)
    reachable = np.flatnonzero(world.person_has_address)
    key = np.unique(row << 32 | reachable[rng.integers(0, len(reachable), len(row))])
    rows, people = key >> 32, key & 0xFFFFFFFF
    first = np.full(len(counts), -1)
    first[rows[::-1]] = people[::-1]
    return (rows, people), first


def _todos(world: World, rng: np.random.Generator, n: int, first_id: int) -> pa.Table:
    pair = _known_pair(world, rng, n)
    group = world.pair_group[pair]
    due = world.calendar.as_of // DAY - rng.integers(-30, 1_090, n)
    done = rng.random(n) < np.where(due * DAY < world.calendar.as_of, 0.9, 0.2)
    return frame(
        {
            "activity": first_id + np.arange(n),
            "user": world.pair_user[pair],
            "person": world.pair_person[pair],
            "account": nullable(np.where(group < world.accounts, group, -1)),
            "due": due,
            "done": done,
            "subject": texts(names.TODO_SUBJECTS, choose(rng, [1.0] * len(names.TODO_SUBJECTS), n)),
            "created": instants(np.minimum((due - rng.integers(1, 20, n)) * DAY + 36_000, world.calendar.as_of - 60)),
        }
    )


def _known_pair(world: World, rng: np.random.Generator, n: int) -> Ints:
    """Pairs that know each other at least a little."""
    known = np.flatnonzero(world.peak > 0.25)
    return known[rng.integers(0, len(known), n)]


def _colleagues(world: World, rng: np.random.Generator, user: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Other users, each once per row: (row, user); at least one where the count is positive."""
    row, _ = expand(counts)
    staff = len(world.user_effort)
    step = rng.integers(1, staff, len(row))
    key = np.unique(row << 32 | (user[row] + step) % staff)
    return key >> 32, key & 0xFFFFFFFF
