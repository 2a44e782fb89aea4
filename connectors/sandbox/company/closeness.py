"""The hidden truth: how close each (user, person) pair really is, and how that drifted over three years.

Most pairs of a team and an account hardly know each other. The owner of a home account knows everybody there well and for long;
whoever owns a lead works it. Those who know each other follow one of four patterns; the truth that is
kept is the value at the as-of time, the history is what activities are drawn from.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company.arrays import (
    Bools,
    Column,
    Floats,
    Ints,
    arrow,
    choose,
    expand,
    frame,
    is_text,
    mask,
    starts,
    stream,
    texts,
    whole,
)
from connectors.sandbox.company.calendar import WINDOWS
from connectors.sandbox.company.customers import TEAM_ROLES
from connectors.sandbox.company.sizes import Size

PATTERNS = ("steady", "growing", "cooling", "lapsed")
STEADY, GROWING, COOLING, LAPSED = range(4)
KNOWS_SHARE = np.array([0.7, 0.25, 0.2, 0.3, 0.3, 0.12, 0.45])
LEADERS_ONLY = ("executive", "manager")


def pairs(seed: int, size: Size, users: pa.Table, people: pa.Table, teams: pa.Table) -> pa.Table:
    """group, member (position in the team), user, person, peak, pattern, turn (window of change), chatter and pester (hidden habits),
    closeness (now).

    Ordered by group, then team member, then person: the pair of member t and person p of a group sits at start + t * people + p.
    """
    rng = stream(seed, size.name, "pairs")
    team_row, person = _cross(teams, people)
    n = len(person)
    role = _codes(teams["role"], TEAM_ROLES)[team_row]
    user = teams["user"].to_numpy()[team_row]
    drawn = _peak(rng, role, users["strength"].to_numpy()[user], people["level"].to_numpy()[person])
    usual = np.where(role == TEAM_ROLES.index("former"), LAPSED, choose(rng, (0.48, 0.17, 0.2, 0.15), n))
    owns = role == TEAM_ROLES.index("owner")
    at_home = owns & people["home"].to_numpy(zero_copy_only=False)[person]
    worked = owns & mask(is_text(people["kind"], "lead"))[person]
    more = stream(seed, size.name, "homes and leads").random(n)
    peak = np.select([at_home, worked], [0.8 + 0.18 * more, np.maximum(drawn, 0.3 + 0.5 * more)], drawn)
    pattern = np.select([at_home, worked], [np.full(n, STEADY), person % len(PATTERNS)], usual)
    turn = np.where(pattern == LAPSED, rng.integers(4, 28, n), rng.integers(3, 24, n))
    group = people["group"].to_numpy()[person]
    return frame(
        {
            "group": group,
            "member": team_row - starts(np.bincount(teams["group"].to_numpy()))[group],
            "user": user,
            "person": person,
            "peak": peak,
            "pattern": texts(PATTERNS, pattern),
            "turn": turn,
            "chatter": rng.lognormal(0.0, 0.25, n),
            "pester": np.where(rng.random(n) < 0.05, 0.25, 0.0003),
            "closeness": np.round(history(peak, pattern, turn)[:, 0], 4),
        }
    )


def history(peak: Floats, pattern: Ints, turn: Ints) -> Floats:
    """Closeness of each pair in each window, newest first: (pairs, WINDOWS)."""
    return at_window(peak[:, None], pattern[:, None], turn[:, None], np.arange(WINDOWS)[None, :])


def at_window(peak: Floats, pattern: Ints, turn: Ints, window: Ints) -> Floats:
    """Closeness of each pair in one window each; the arguments broadcast."""
    grown = np.clip((turn - window) / np.maximum(0.7 * turn, 1.0), 0.0, 1.0)
    cooled = np.clip(0.4 + 0.6 * window / turn, 0.4, 1.0)
    gone = np.clip((window - turn + 2) / 2.0, 0.03, 1.0)
    conditions = [pattern == GROWING, pattern == COOLING, pattern == LAPSED]
    return np.asarray(peak * np.select(conditions, [grown, cooled, gone], 1.0), dtype=np.float64)


def pattern_codes(pairs: pa.Table) -> Ints:
    """The pattern column as numbers for `history`."""
    return _codes(pairs["pattern"], PATTERNS)


def _codes(column: Column, options: tuple[str, ...]) -> Ints:
    found: Column = pc.index_in(whole(column), arrow(options))
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _cross(teams: pa.Table, people: pa.Table) -> tuple[Ints, Ints]:
    """Row of the team and person of every pair: each team member with each person of the group."""
    persons = np.bincount(people["group"].to_numpy())
    team_group = teams["group"].to_numpy()
    team_row, position = expand(persons[team_group])
    return team_row, starts(persons)[team_group[team_row]] + position


def _peak(rng: np.random.Generator, role: Ints, strength: Floats, level: Ints) -> Floats:
    n = len(role)
    knows: Bools = rng.random(n) < KNOWS_SHARE[role]
    knows &= ~np.isin(role, [TEAM_ROLES.index(name) for name in LEADERS_ONLY]) | (level <= 2)
    known = rng.beta(1.5, 1.3, n) * (0.45 + 0.55 * strength)
    return np.where(knows, known, np.maximum(rng.beta(1.0, 25.0, n) - 0.06, 0.0))
