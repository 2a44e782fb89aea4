"""What our people would enter by hand: attitudes, roles and votes of contacts, plans for accounts, facts about deals.

Opinions follow the hidden closeness with an error, as in life; most records have none. Null means nobody entered it.
Deliberately absent: values outside the agreed lists, because the fields are restricted picklists.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company.arrays import (
    NO_TEXT,
    Bools,
    Column,
    Floats,
    Ints,
    arrow,
    choose,
    frame,
    is_text,
    mask,
    nullable,
    stream,
    texts,
)
from connectors.sandbox.company.deals import BUYING_ROLES
from connectors.sandbox.company.sizes import Size

VOTES = ("None", "Approve", "Veto", "Both")
COMPETITORS = ("Contoso", "Fabrikam", "Initech", "海川软件")
PLANS = ("Grow into all sites", "Renew, then replace the competitor", "Win the pilot", "三年框架协议")
FACTORS = 8
KEY_DEPARTMENTS = ("IT, Finance, Management", "IT, Procurement", "Operations, Finance", "信息部, 采购部")
PROPOSITIONS = ("Lower running costs", "Faster rollout", "One supplier for all sites", "本地化服务")


def opinions(seed: int, size: Size, people: pa.Table, pairs: pa.Table) -> pa.Table:
    """person, attitude, solution, price, competitor (-2..2), vote, buying_roles (semicolons), key_person, influenced_by; contacts only."""
    rng = stream(seed, size.name, "opinions")
    contacts = np.flatnonzero(mask(is_text(people["kind"], "contact")))
    n = len(contacts)
    best = _best(people, pairs)
    stated, leader = rng.random(n) < 0.34, people["level"].to_numpy()[contacts] <= 1
    boss = people["reports_to"].combine_chunks().fill_null(-1).to_numpy()[contacts]
    return frame(
        {
            "person": contacts,
            "attitude": _attitude(rng, best[contacts], stated),
            "solution": _attitude(rng, best[contacts], stated & (rng.random(n) < 0.7)),
            "price": _attitude(rng, best[contacts] * 0.8, stated & (rng.random(n) < 0.6)),
            "competitor": _attitude(rng, 0.9 - best[contacts], stated & (rng.random(n) < 0.4)),
            "vote": texts((*VOTES, None), np.where(leader | stated, choose(rng, (0.2, 0.4, 0.1, 0.05, 0.25), n), len(VOTES))),
            "buying_roles": _buying_roles(rng, stated, leader),
            "key_person": arrow((leader | (stated & (rng.random(n) < 0.4))) & (rng.random(n) < 0.8)),
            "influenced_by": nullable(np.where(stated & (rng.random(n) < 0.6), boss, -1)),
        }
    )


def lead_opinions(seed: int, size: Size, people: pa.Table, pairs: pa.Table) -> pa.Table:
    """person, attitude (-2..2) of leads: hopeful, and wider of the mark than those of contacts."""
    rng = stream(seed, size.name, "lead opinions")
    leads = np.flatnonzero(mask(is_text(people["kind"], "lead")))
    attitude = _attitude(rng, _best(people, pairs)[leads] + rng.normal(0.1, 0.25, len(leads)), rng.random(len(leads)) < 0.7)
    return frame({"person": leads, "attitude": attitude})


def _best(people: pa.Table, pairs: pa.Table) -> Floats:
    """Closeness of each person to whoever of us is closest."""
    best = np.zeros(len(people))
    np.maximum.at(best, pairs["person"].to_numpy(), pairs["closeness"].to_numpy())
    return best


def _attitude(rng: np.random.Generator, closeness: Floats, entered: Bools) -> Column:
    value = np.clip(np.round(closeness * 4 - 1.6 + rng.normal(0, 0.7, len(closeness))), -2, 2).astype(np.int64)
    return nullable(value, ~entered)


def _buying_roles(rng: np.random.Generator, stated: Bools, leader: Bools) -> Column:
    n = len(stated)
    first = np.where(leader, BUYING_ROLES.index("Decider"), choose(rng, (0.15, 0.25, 0.3, 0.05, 0.25), n))
    second = choose(rng, [1.0] * len(BUYING_ROLES), n)
    single = texts(BUYING_ROLES, first)
    double = pc.binary_join_element_wise(single, texts(BUYING_ROLES, second), ";")
    both = pc.if_else(arrow((first != second) & (rng.random(n) < 0.25)), double, single)
    return pc.if_else(arrow(stated | (leader & (rng.random(n) < 0.6))), both, NO_TEXT)


def account_plans(seed: int, size: Size) -> pa.Table:
    """account, potential, demonstration, can_win (0-10), key_departments (text), competitor, plan (text)."""
    rng = stream(seed, size.name, "account plans")
    n = size.accounts
    return frame(
        {
            "account": np.arange(n),
            **{name: nullable(rng.integers(0, 11, n), rng.random(n) < 0.65) for name in ("potential", "demonstration", "can_win")},
            "key_departments": texts((*KEY_DEPARTMENTS, None), choose(rng, (1, 1, 1, 1, 8), n)),
            "competitor": texts((*COMPETITORS, None), choose(rng, (1, 1, 1, 1, 4), n)),
            "plan": texts((*PLANS, None), choose(rng, (1, 1, 1, 1, 3), n)),
        }
    )


def deal_facts(seed: int, size: Size, deals: pa.Table) -> pa.Table:
    """deal, compelling_event, inside_source, competitor_rank (1-9), value_proposition, factor_1 to factor_8 (0-10)."""
    rng = stream(seed, size.name, "deal facts")
    n = len(deals)
    return frame(
        {
            "deal": deals["deal"],
            "compelling_event": rng.random(n) < 0.5,
            "inside_source": rng.random(n) < 0.4,
            "competitor_rank": nullable(1 + choose(rng, (4, 4, 3, 1, 1, 0.5, 0.3, 0.2, 0.1), n), rng.random(n) < 0.4),
            "value_proposition": texts((*PROPOSITIONS, None), choose(rng, (1, 1, 1, 1, 4), n)),
            **{f"factor_{number}": nullable(rng.integers(0, 11, n), rng.random(n) < 0.5) for number in range(1, FACTORS + 1)},
        }
    )


def experts(seed: int, size: Size, users: pa.Table) -> pa.Table:
    """user, industry_expert: one in seven, and the strongest rep."""
    rng = stream(seed, size.name, "experts")
    strongest: Ints = np.argsort(users["strength"].to_numpy())[-1:]
    expert = rng.random(len(users)) < 0.14
    expert[strongest] = True
    return frame({"user": users["user"], "industry_expert": expert})
