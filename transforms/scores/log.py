"""The tables that one scoring of pairs reads and fills.

Pairs are scored three times by the same selects: in each CRM by itself (`EACH_CRM`, what is written back), over the whole
company (`transforms.company`), where people and users are identities and the log is that of all CRMs, and in any event log
(`transforms.closeness`), where everybody is a person and a pair has no order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import tables
from transforms.scores.instants import TRENDS, instants
from transforms.tables import interactions, people, users


@dataclass(frozen=True)
class Log:
    """Tables, or selects with their columns. `people` says which CRMs there are (`crm`), `users` who can be a strongest user.

    `at`: the instants scored in one go, by name; each name of `trends` gets a kappa, frozen at the instant `<name>_quarter`, of the
    instant `fallback` (the name itself where none is given) where that has too few pairs. `mutual`: both sides of a pair are of
    one kind, so a message is two-way evidence only with one in return, and a person's partners are counted on both sides.
    `last_s`: second of the last event where it is known: an instant from it on sees the whole log.
    `together`: decayed co-presence of pairs (`user_key`, `person_key`, `together_<instant>`), where the log shows it.
    """

    interactions: sa.FromClause
    people: sa.FromClause
    users: sa.FromClause
    capture: sa.FromClause
    facts: sa.FromClause
    intensity: sa.FromClause
    kappa: sa.FromClause
    pairs: sa.FromClause
    at: Callable[[Context], Mapping[str, int]] = instants
    trends: Sequence[str] = TRENDS
    fallback: str | None = None
    mutual: bool = False
    together: sa.FromClause | None = None
    last_s: int | None = None

    def sees_all(self, context: Context, at: int) -> bool:
        """Whether no counted event is later than an instant."""
        return at >= (context.as_of if self.last_s is None else self.last_s)


EACH_CRM: Final = Log(
    interactions,
    people,
    users,
    tables.user_capture,
    tables.pair_facts,
    tables.pair_intensity,
    tables.kappa,
    tables.pairs,
)
