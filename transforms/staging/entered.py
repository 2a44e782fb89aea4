"""Fields people enter (contract 4.2): free input on one side, a value list or a range on the other.

Each reader gives the accepted value, and what it refused: a value outside the list is unknown, and it is listed in
`model.entered_dropped`, so that nobody wonders where it went. Mapped fields may be of any type, hence text first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from transforms.functions import null, number_in

Cell = sa.ColumnElement[Any]

ATTITUDES: Final = {"strong support": 2, "support": 1, "neutral": 0, "against": -1, "strongly against": -2}
VOTES: Final = {"none": "None", "approve": "Approve", "veto": "Veto", "both": "Both"}
YES_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
ROLES: Final = ("Gatekeeper", "Buyer", "User", "Decider", "Influencer")


@dataclass(frozen=True)
class Entered:
    """An entered field: the value we use, and the reason why what was typed is not used (null = it is, or nothing was)."""

    value: Cell
    refused: Cell


def choice(raw: Cell, values: Mapping[str, Any], type_: Any) -> Entered:
    """One of a list, compared in lower case."""
    typed = _typed(raw)
    value = sa.case(*((typed == word, sa.cast(sa.literal(meaning), type_)) for word, meaning in values.items()), else_=null(type_))
    return Entered(value, _refused(sa.and_(typed.is_not(None), value.is_(None)), "unknown_value"))


def attitude(raw: Cell) -> Entered:
    """Five attitudes to -2..2."""
    return choice(raw, ATTITUDES, sa.Integer)


def vote(raw: Cell) -> Entered:
    """None, Approve, Veto or Both."""
    return choice(raw, VOTES, sa.String)


def yes_no(raw: Cell) -> Entered:
    """A checkbox, or a field mapped to one."""
    return choice(raw, YES_NO, sa.Boolean)


def text(raw: Cell) -> Entered:
    """As typed; blank = nothing entered."""
    return Entered(sa.func.nullif(sa.func.trim(sa.cast(raw, sa.String)), "", type_=sa.String), null(sa.String))


def number(raw: Cell, low: float, high: float, type_: Any = sa.Double) -> Entered:
    """A number from `low` to `high`."""
    typed = _typed(raw)
    figure = number_in(typed)
    fits = figure.between(low, high)
    value = sa.case((fits, sa.cast(figure, type_)), else_=null(type_))
    unreadable = sa.and_(typed.is_not(None), figure.is_(None))
    refused = sa.case((unreadable, "unknown_value"), (sa.not_(fits), "out_of_range"), else_=null(sa.String))
    return Entered(value, refused)


def roles(raw: Cell, known: Sequence[str] = ROLES) -> Entered:
    """A multi-select (`A;B`) to its known values in fixed order; unknown ones are refused, known ones kept."""
    listed = sa.func.concat(";", sa.func.replace(sa.func.replace(_typed(raw), "; ", ";"), ";", ";;"), ";", type_=sa.String)
    named = [sa.case((listed.contains(f";{role.lower()};"), role), else_=null(sa.String)) for role in known]
    rest: Cell = listed
    for role in known:
        rest = sa.func.replace(rest, f";{role.lower()};", "", type_=sa.String)
    value = sa.func.nullif(sa.func.concat_ws(";", *named), "", type_=sa.String)
    unknown = sa.and_(_typed(raw).is_not(None), sa.func.replace(rest, ";", "", type_=sa.String) != "")
    return Entered(value, _refused(unknown, "unknown_value"))


def _typed(raw: Cell) -> Cell:
    return sa.func.nullif(sa.func.lower(sa.func.trim(sa.cast(raw, sa.String))), "", type_=sa.String)


def _refused(when: Cell, reason: str) -> Cell:
    return sa.case((when, reason), else_=null(sa.String))
