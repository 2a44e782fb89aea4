"""Mails and their answers: threads between one of ours and one of theirs, with copies; answers follow closeness.

A user whose inbound mail is not captured sends as much as others, but nothing comes in.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.sandbox.company import names
from connectors.sandbox.company.arrays import Bools, Column, Floats, Ints, arrow, choose, frame, instants, nullable, texts
from connectors.sandbox.company.contacts import Chunk, Draw

ROLES = ("from", "to", "cc", "bcc")
FROM, TO, CC, BCC = range(4)


@dataclass(frozen=True)
class _Letters:
    """Single mails: their thread's row in the draw, when, whether incoming, whether answered."""

    row: Ints
    at: Ints
    incoming: Bools
    answered: Bools


def mails(chunk: Chunk, rates: Floats, first_id: int) -> tuple[pa.Table, pa.Table]:
    """Mails and their addresses."""
    world, rng = chunk.world, chunk.rng
    reachable = world.person_has_address[world.pair_person[chunk.rows]][:, None]
    theirs = rates * (0.04 + 0.3 * chunk.closeness)
    ours = rates * 0.32 + chunk.unasked()
    started = [chunk.draw(theirs * reachable), chunk.draw(ours * reachable)]
    draw = Draw(*(np.concatenate([getattr(part, name) for part in started]) for name in ("pair", "window", "closeness")))
    incoming = np.arange(len(draw)) < len(started[0])
    letters = _kept(chunk, draw, _threads(rng, draw, chunk.at(draw), incoming))
    table = _mail_table(chunk, draw, letters, first_id)
    return table, _addresses(chunk, draw, letters, first_id)


def _threads(rng: np.random.Generator, draw: Draw, at: Ints, incoming: Bools) -> _Letters:
    """Each opening mail, then an answer and an answer to that, each with its own chance and delay."""
    row, closeness = np.arange(len(draw)), draw.closeness
    parts = []
    for _ in range(3):
        chance = np.where(incoming, 0.55 + 0.3 * closeness, 0.05 + 0.75 * closeness)
        answered = rng.random(len(row)) < chance
        parts.append((row, at, incoming, answered))
        delay = rng.lognormal(9.6 - 1.6 * closeness, 1.1) + 60
        row, at, incoming, closeness = row[answered], (at + delay.astype(np.int64))[answered], ~incoming[answered], closeness[answered]
    return _Letters(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _kept(chunk: Chunk, draw: Draw, letters: _Letters) -> _Letters:
    """Without mails after the as-of time, and without incoming ones of users whose inbound is not captured."""
    user = chunk.world.pair_user[draw.pair[letters.row]]
    keep = (letters.at <= chunk.world.calendar.as_of) & (~letters.incoming | chunk.world.user_captures[user])
    order = np.flatnonzero(keep)
    return _Letters(letters.row[order], letters.at[order], letters.incoming[order], letters.answered[order])


def _mail_table(chunk: Chunk, draw: Draw, letters: _Letters, first_id: int) -> pa.Table:
    letter_draw = draw.take(letters.row)
    n, (_, thread) = len(letters.row), np.unique(letters.row, return_inverse=True)
    subject = choose(chunk.rng, [1.0] * len(names.MAIL_SUBJECTS), len(draw))
    return frame(
        {
            "activity": first_id + np.arange(n),
            "user": chunk.world.pair_user[letter_draw.pair],
            **chunk.side(letter_draw, letters.at),
            "at": instants(letters.at),
            "direction": texts(("out", "in"), letters.incoming.astype(np.int64)),
            "thread": first_id + thread,
            "subject": texts(names.MAIL_SUBJECTS, subject[letters.row]),
            "answered": letters.answered,
        }
    )


def _addresses(chunk: Chunk, draw: Draw, letters: _Letters, first_id: int) -> pa.Table:
    """Sender, receiver, then copies; copies go to people who have an address and to colleagues."""
    rng, n, letter_draw = chunk.rng, len(letters.row), draw.take(letters.row)
    row, person = chunk.others(letter_draw, choose(rng, (0.72, 0.15, 0.08, 0.05), n))
    reachable = chunk.world.person_has_address[person]
    row, person = row[reachable], person[reachable]
    mate_row, mate = chunk.colleagues(letter_draw, choose(rng, (0.8, 0.16, 0.04), n))
    number = np.concatenate([np.arange(n), np.arange(n), row, mate_row])
    users, people = chunk.world.pair_user[letter_draw.pair], chunk.world.pair_person[letter_draw.pair]
    user = np.concatenate([np.where(letters.incoming, -1, users), np.where(letters.incoming, users, -1), np.full(len(row), -1), mate])
    outside = np.concatenate(
        [np.where(letters.incoming, people, -1), np.where(letters.incoming, -1, people), person, np.full(len(mate), -1)]
    )
    copied = np.where(rng.random(len(row)) < 0.35, TO, CC)
    copied_mates = np.where(~letters.incoming[mate_row] & (rng.random(len(mate)) < 0.15), BCC, CC)
    role = np.concatenate([np.full(n, FROM), np.full(n, TO), copied, copied_mates])
    return address_table(first_id + number, role, user, outside)


def address_table(activity: Ints, role: Ints, user: Ints, person: Ints, address: Column | None = None) -> pa.Table:
    """The mail_addresses table, sorted by mail and role."""
    order = np.lexsort((role, activity))
    spelled = address if address is not None else pa.nulls(len(order), pa.string())
    return frame(
        {
            "activity": activity[order],
            "role": texts(ROLES, role[order]),
            "user": nullable(user[order]),
            "person": nullable(person[order]),
            "address": spelled.take(arrow(order)),
        }
    )
