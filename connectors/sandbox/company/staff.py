"""Our own people: executives, directors, managers, reps from novice to top, presales and support.

Rows are ordered by rank (executive first), so a manager's index is always smaller than that of the people below.
"""

from datetime import datetime

import numpy as np
import pyarrow as pa

from connectors.sandbox.company import names
from connectors.sandbox.company.arrays import DAY, Ints, choose, frame, instants, joined, nullable, stream, texts
from connectors.sandbox.company.sizes import Size

ROLES = ("executive", "director", "manager", "rep", "presales", "support")
TITLES = (
    "Chief Executive Officer",
    "Sales Director",
    "Sales Manager",
    "Account Executive",
    "Solution Engineer",
    "Customer Success Manager",
)
DEPARTMENTS = ("Executive Board", "Sales", "Sales", "Sales", "Presales", "Support")
COMPANY_DOMAIN = "@guanxi-sales.example"


def users(seed: int, size: Size, as_of: datetime) -> pa.Table:
    """user, first_name, last_name, name, email, role, title, department, manager, strength (hidden, 0-1), effort (hidden),
    captures_inbound, active, region, created."""
    rng = stream(seed, size.name, "users")
    role = np.repeat(np.arange(len(ROLES)), head_counts(size))
    n = len(role)
    first, last = choose(rng, [1.0] * len(names.FIRST), n), choose(rng, [1.0] * len(names.LAST), n)
    number = np.arange(n)
    return frame(
        {
            "user": number,
            "first_name": texts(names.FIRST, first),
            "last_name": texts(names.LAST, last),
            "name": joined(texts(names.FIRST, first), texts(names.LAST, last), separator=" "),
            "email": joined(texts(names.FIRST_ASCII, first), ".", texts(names.LAST_ASCII, last), number, COMPANY_DOMAIN),
            "role": texts(ROLES, role),
            "title": texts(TITLES, role),
            "department": texts(DEPARTMENTS, role),
            "manager": nullable(_managers(rng, role)),
            "strength": _strength(rng, role),
            "effort": rng.lognormal(0.0, 0.18, n),
            "captures_inbound": rng.random(n) > 0.08,
            "active": _active(role),
            "region": choose(rng, (0.45, 0.25, 0.30), n),
            "created": instants(int(as_of.timestamp()) - rng.integers(1_110, 2_500, n) * DAY),
        }
    )


def head_counts(size: Size) -> list[int]:
    """People per role, in the order of ROLES."""
    return [1, size.directors, size.managers, size.reps, size.specialists, size.specialists]


def _managers(rng: np.random.Generator, role: Ints) -> Ints:
    manager = np.full(len(role), -1)
    above = (0, 0, 1, 2, 1, 1)
    for rank in range(1, len(ROLES)):
        mine, bosses = np.flatnonzero(role == rank), np.flatnonzero(role == above[rank])
        manager[mine] = bosses[rng.permutation(len(mine)) % len(bosses)]
    return manager


def _strength(rng: np.random.Generator, role: Ints) -> np.ndarray:
    strength = 0.4 + 0.4 * rng.random(len(role))
    reps = np.flatnonzero(role == ROLES.index("rep"))
    strength[reps] = rng.permutation(np.linspace(0.05, 1.0, len(reps)))
    return strength


def _active(role: Ints) -> np.ndarray:
    """One rep in twelve, and always the last one, has left."""
    reps = np.flatnonzero(role == ROLES.index("rep"))
    active = np.ones(len(role), dtype=bool)
    active[reps[::-12]] = False
    return active
