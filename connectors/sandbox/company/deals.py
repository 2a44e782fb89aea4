"""Deals of three years, who plays which role in them, and which began as a lead.

A deal is won the likelier, the closer our people are to theirs."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company.arrays import (
    DAY,
    NO_TIME,
    Floats,
    Ints,
    arrow,
    choose,
    expand,
    frame,
    instants,
    joined,
    starts,
    stream,
    texts,
)
from connectors.sandbox.company.calendar import WINDOW_DAYS, WINDOWS
from connectors.sandbox.company.closeness import at_window, pattern_codes
from connectors.sandbox.company.sizes import Size

OPEN_STAGES = ("prospect", "qualify", "propose", "negotiate")
STAGES = (*OPEN_STAGES, "won", "lost")
PROBABILITY = np.array([10, 25, 60, 80, 100, 0])
BUYING_ROLES = ("Gatekeeper", "Buyer", "User", "Decider", "Influencer")
SUBJECTS = ("Rollout", "Renewal", "Pilot", "Expansion", "Platform", "Service contract", "扩容项目")


def deals(seed: int, size: Size, as_of: datetime, accounts: pa.Table, teams: pa.Table, pairs: pa.Table) -> pa.Table:
    """deal, account, owner, name, amount, stage, is_closed, is_won, probability, closes (epoch day), created,
    stage_since (null: still in its first stage)."""
    rng = stream(seed, size.name, "deals")
    account, _ = expand(rng.poisson(3.0, size.accounts))
    n = len(account)
    today = int(as_of.timestamp()) // DAY
    begins = today - (rng.random(n) * 1_080).astype(np.int64)
    closes = begins + rng.integers(45, 300, n)
    closed = closes <= today
    warmth = account_warmth(pairs, account, np.clip((today - closes) // WINDOW_DAYS, 0, WINDOWS - 1))
    won = closed & (rng.random(n) < 1 / (1 + np.exp(-7.0 * (warmth - 0.42))))
    progress = np.minimum(3, ((today - begins) / (closes - begins) * 4).astype(np.int64))
    stage = np.where(won, 4, np.where(closed, 5, progress))
    moved = np.where(closed, closes, begins + (closes - begins) * progress // 4 + 1)
    _, first_team = np.unique(teams["group"].to_numpy(), return_index=True)
    return frame(
        {
            "deal": np.arange(n),
            "account": account,
            "owner": teams["user"].to_numpy()[first_team[account]],
            "name": joined(texts(SUBJECTS, choose(rng, [1.0] * len(SUBJECTS), n)), np.arange(n), separator=" "),
            "amount": _amounts(rng, accounts["employees"].to_numpy()[account]),
            "stage": texts(STAGES, stage),
            "is_closed": closed,
            "is_won": won,
            "probability": PROBABILITY[stage],
            "closes": closes,
            "created": instants(begins * DAY + 9 * 3600),
            "stage_since": pc.if_else(arrow(stage > 0), instants(np.minimum(moved, today - 1) * DAY + 10 * 3600), NO_TIME),
        }
    )


def account_warmth(pairs: pa.Table, account: Ints, window: Ints) -> Floats:
    """For each (account, window): the mean closeness of its pairs, each weighted by its closeness, so that strangers hardly count."""
    per_group = np.bincount(pairs["group"].to_numpy())
    owner, position = expand(per_group[account])
    row = starts(per_group)[account[owner]] + position
    columns = pairs["peak"].to_numpy()[row], pattern_codes(pairs)[row], pairs["turn"].to_numpy()[row]
    closeness = at_window(*columns, window[owner])
    total, squares = np.bincount(owner, closeness, len(account)), np.bincount(owner, closeness**2, len(account))
    return np.asarray(squares / np.maximum(total, 1e-9), dtype=np.float64)


def _amounts(rng: np.random.Generator, employees: Ints) -> Floats:
    return np.asarray(np.round(rng.lognormal(10.6, 0.9, len(employees)) * (employees / 300.0) ** 0.35, -2), dtype=np.float64)


def deal_roles(seed: int, size: Size, deals: pa.Table, people: pa.Table) -> pa.Table:
    """deal, person, role (buying role), is_primary: up to four different people of the account."""
    rng = stream(seed, size.name, "deal roles")
    heads = np.bincount(people["group"].to_numpy())
    account = deals["account"].to_numpy()
    deal, position = expand(np.minimum(rng.integers(1, 5, len(account)), heads[account]))
    shift = rng.integers(0, 1_000, len(account))[deal]
    person = starts(heads)[account[deal]] + (shift + position) % heads[account[deal]]
    level = people["level"].to_numpy()[person]
    drawn = choose(rng, (0.1, 0.25, 0.25, 0.1, 0.3), len(deal))
    role = np.where((level <= 1) & (rng.random(len(deal)) < 0.6), BUYING_ROLES.index("Decider"), drawn)
    return frame({"deal": deal, "person": person, "role": texts(BUYING_ROLES, role), "is_primary": position == 0})


def conversions(seed: int, size: Size, deals: pa.Table, roles: pa.Table) -> pa.Table:
    """lead (a number of its own), person and deal it became, created: half as many as there are leads, each some months before its deal."""
    rng = stream(seed, size.name, "conversions")
    first = roles.filter(roles["is_primary"])
    rows = np.sort(rng.permutation(len(first))[: size.leads // 2])
    deal = first["deal"].to_numpy()[rows]
    begins = deals["created"].cast(pa.int64()).to_numpy()[deal] // 1_000_000
    created = instants(begins - rng.integers(5, 120, len(rows)) * DAY)
    return frame({"lead": np.arange(len(rows)), "person": first["person"].to_numpy()[rows], "deal": deal, "created": created})
