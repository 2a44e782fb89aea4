"""Customer firms, their people with departments, titles and reporting lines, leads, and which of us looks after whom.

A *group* is what shares a team of ours: every account, then every lead as a group of its own. People are ordered by
group, so a group's people are one run of rows. Within an account the first person heads it and everybody else
reports to somebody before them.
"""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import names
from connectors.sandbox.company.arrays import (
    DAY,
    NO_TEXT,
    Bools,
    Column,
    Floats,
    Ints,
    arrow,
    choose,
    expand,
    frame,
    instants,
    joined,
    nullable,
    starts,
    stream,
    texts,
    whole,
)
from connectors.sandbox.company.sizes import Size

KEY_DEPARTMENTS = 5
"""The first of `names.DEPARTMENTS`: those that decide in most firms."""
TEAM_ROLES = ("owner", "second", "manager", "presales", "support", "executive", "former")


def accounts(seed: int, size: Size, as_of: datetime) -> pa.Table:
    """account, name, domain, industry, kind, employees, revenue, region, parent, created."""
    rng = stream(seed, size.name, "accounts")
    n = size.accounts
    number = np.arange(n)
    employees = np.round(np.exp(rng.normal(5.8, 1.4, n))).astype(np.int64) + 5
    stem = choose(rng, [1.0] * len(names.ACCOUNT_STEMS), n)
    parts = [(names.ACCOUNT_STEMS, stem)] + [
        (options, choose(rng, [1.0] * len(options), n)) for options in (names.ACCOUNT_FIELDS, names.CITIES, names.ACCOUNT_FORMS)
    ]
    return frame(
        {
            "account": number,
            "name": joined(*(texts(options, index) for options, index in parts), separator=" "),
            "domain": joined("customer", number, ".example"),
            "industry": texts(names.INDUSTRIES, choose(rng, [1.0] * len(names.INDUSTRIES), n)),
            "kind": texts(("Customer", "Prospect", "Partner", None), choose(rng, (0.5, 0.35, 0.1, 0.05), n)),
            "employees": employees,
            "revenue": np.round(employees * rng.lognormal(12.0, 0.5, n), -3),
            "region": choose(rng, (0.45, 0.25, 0.30), n),
            "parent": nullable(np.where((rng.random(n) < 0.06) & (number > 5), (rng.random(n) * number).astype(np.int64), -1)),
            "created": instants(int(as_of.timestamp()) - rng.integers(1_100, 2_000, n) * DAY),
        }
    )


def people(seed: int, size: Size, as_of: datetime, accounts: pa.Table, owner_strength: Floats) -> pa.Table:
    """person, group, kind (contact|lead), account, first_name, last_name, name, email, department, title, level (0 = head),
    reports_to, company (leads), open (leads: not disqualified), home (hidden: of a home account, see `_homes`), created.

    `owner_strength`: of the user who owns each account."""
    rng = stream(seed, size.name, "people")
    heads = 2 + rng.poisson(1.5 + np.log10(accounts["employees"].to_numpy()) * 0.8)
    counts = np.concatenate([heads, np.ones(size.leads, dtype=np.int64)])
    group, position = expand(counts)
    is_lead = group >= size.accounts
    account = np.where(is_lead, -1, group)
    china = _region(accounts, account, rng) == 2
    level = np.where(position == 0, 0, np.minimum(3, 1 + (position > 2) + (rng.random(len(group)) < 0.6) * (position > 3)))
    home = np.append(_homes(seed, size, heads, owner_strength), np.zeros(size.leads, dtype=bool))[group]
    first = home & (position < KEY_DEPARTMENTS)
    department = np.where(first, position, np.where(position == 0, 0, choose(rng, names.DEPARTMENT_WEIGHTS, len(group))))
    return frame(
        {
            "person": np.arange(len(group)),
            "group": group,
            "kind": texts(("contact", "lead"), is_lead.astype(np.int64)),
            "account": nullable(account),
            **_names(rng, china, accounts, account),
            "department": texts(
                (*names.DEPARTMENTS, None), np.where(~first & (rng.random(len(group)) < 0.07), len(names.DEPARTMENTS), department)
            ),
            "title": _titles(rng, level, department, china),
            "level": level,
            "reports_to": nullable(_reports_to(rng, counts, position, level)),
            "company": pc.if_else(arrow(is_lead), joined("Prospect ", group, " Ltd"), NO_TEXT),
            "open": ~is_lead | (rng.random(len(group)) < 0.85),
            "home": home,
            "created": instants(
                int(as_of.timestamp()) - (rng.integers(1_095, 1_600, len(group)) - 1_090 * is_lead * rng.random(len(group))) * DAY
            ),
        }
    )


def _homes(seed: int, size: Size, heads: Ints, owner_strength: Floats) -> Bools:
    """Home accounts: one in fifteen, of the larger ones, mostly of strong reps, who know everybody there in every key department."""
    liking = owner_strength + stream(seed, size.name, "homes").random(size.accounts)
    order = np.argsort(np.where(heads > KEY_DEPARTMENTS, liking, liking - 10.0))
    return np.isin(np.arange(size.accounts), order[-max(1, size.accounts // 15) :])


def _region(accounts: pa.Table, account: Ints, rng: np.random.Generator) -> Ints:
    drawn = choose(rng, (0.45, 0.25, 0.30), len(account))
    return np.where(account >= 0, accounts["region"].to_numpy()[account], drawn)


def _names(rng: np.random.Generator, china: Bools, accounts: pa.Table, account: Ints) -> dict[str, Column]:
    first = _pick_name(rng, china, len(names.FIRST), names.CHINESE_FIRST)
    last = _pick_name(rng, china, len(names.LAST), names.CHINESE_LAST)
    domains = whole(accounts["domain"]).take(nullable(account)).fill_null("prospects.example")
    local = joined(texts(names.FIRST_ASCII, first), ".", texts(names.LAST_ASCII, last), np.arange(len(account)), "@", domains)
    return {
        "first_name": texts(names.FIRST, first),
        "last_name": texts(names.LAST, last),
        "name": joined(texts(names.FIRST, first), texts(names.LAST, last), separator=" "),
        "email": pc.if_else(arrow(rng.random(len(account)) < 0.04), NO_TEXT, local),
    }


def _pick_name(rng: np.random.Generator, china: Bools, options: int, chinese: range) -> Ints:
    western = (rng.random(len(china)) * chinese.start).astype(np.int64)
    eastern = chinese.start + (rng.random(len(china)) * (options - chinese.start)).astype(np.int64)
    return np.where(china & (rng.random(len(china)) < 0.55), eastern, western)


def _titles(rng: np.random.Generator, level: Ints, department: Ints, china: Bools) -> Column:
    """Title by level and department; a Chinese department, or a third of the people in China, has the Chinese word."""
    functions = names.DEPARTMENT_FUNCTION
    table = [
        form.format(function) if function else names.MANAGEMENT_TITLES[rank]
        for rank, form in enumerate(names.LEVELS)
        for function in functions
    ]
    chinese = np.isin(department, names.CHINESE_DEPARTMENTS) | (china & (rng.random(len(level)) < 0.33))
    missing = rng.random(len(level)) < 0.05
    index = np.where(chinese, len(table) + level, level * len(functions) + department)
    return texts((*table, *names.CHINESE_TITLES, None), np.where(missing, len(table) + len(names.CHINESE_TITLES), index))


def _reports_to(rng: np.random.Generator, counts: Ints, position: Ints, level: Ints) -> Ints:
    """Heads of department report to the first person, others to one of the first three; a sixth is unknown."""
    boss = np.repeat(starts(counts), counts) + np.where(
        level <= 1, 0, (rng.random(len(position)) * np.minimum(position, 3)).astype(np.int64)
    )
    return np.where((position == 0) | (rng.random(len(position)) < 0.17), -1, boss)


def teams(seed: int, size: Size, users: pa.Table, accounts: pa.Table, n_groups: int) -> pa.Table:
    """group, user, role (TEAM_ROLES), listed (in the CRM's account team). The owner comes first; a user appears once per group."""
    rng = stream(seed, size.name, "teams")
    candidates = _candidates(rng, users, n_groups)
    playing = rng.random(candidates.shape) < np.array([1.0, 0.35, 0.45, 0.65, 0.6, 0.12, 0.2])
    playing[len(accounts) :, 1:] = False
    for later in range(1, candidates.shape[1]):
        playing[:, later] &= (candidates[:, :later] != candidates[:, [later]]).all(axis=1) & (candidates[:, later] >= 0)
    group, column = np.nonzero(playing)
    return frame(
        {
            "group": group,
            "user": candidates[group, column],
            "role": texts(TEAM_ROLES, column),
            "listed": np.isin(column, (1, 3, 4)) & (rng.random(len(group)) < 0.8),
        }
    )


def owner_strength(users: pa.Table, teams: pa.Table) -> Floats:
    """Strength of the owner of each group."""
    _, first = np.unique(teams["group"].to_numpy(), return_index=True)
    return np.asarray(users["strength"].to_numpy()[teams["user"].to_numpy()[first]], dtype=np.float64)


def _candidates(rng: np.random.Generator, users: pa.Table, n: int) -> Ints:
    """One user per group and team role, -1 where nobody can play it; strong reps own more accounts."""
    role, active = users["role"].to_numpy(zero_copy_only=False), users["active"].to_numpy()
    strength, manager = users["strength"].to_numpy(), users["manager"].combine_chunks().fill_null(-1).to_numpy()
    reps, former = np.flatnonzero((role == "rep") & active), np.flatnonzero((role == "rep") & ~active)
    owner = reps[choose(rng, (0.4 + 1.2 * strength[reps]).tolist(), n)]

    def anyone(pool: Ints) -> Ints:
        return pool[rng.integers(0, len(pool), n)] if len(pool) else np.full(n, -1)

    executives = np.flatnonzero((role == "executive") | (role == "director"))
    pools = [np.flatnonzero(role == "presales"), np.flatnonzero(role == "support"), executives, former]
    return np.stack([owner, anyone(reps), manager[owner], *(anyone(pool) for pool in pools)], axis=1)
