"""Who stands on which side of an activity: our users, outside people, and those left out with the reason.

Meetings and calls: everyone who did not decline. An outbound mail: its sender against everyone it went to; an inbound
one: its sender against the users in To and Cc. A stand-in counts only where its place is empty. Contract section 3.

Those who count and those left out are told apart by different columns, so they are brought together separately: a group
of a few short keys takes a third of the memory of one with ids and addresses in it, and nearly all rows are of that kind.
What is refused, repeated or filled are tables of their own for the same reason: inside one statement their joins held twice
the memory, and an engine with little of it gave up.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import null
from transforms.interactions.mails import RECEIVERS
from transforms.interactions.tables import filled, mails, participants, refused, repeated

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

COUNTING = ("event_key", "side", "user_key", "person_key")
KEYS = (*COUNTING, "left_out", "record_id", "address")

_row = participants
_user = _row.c.standing == "user"
_person = _row.c.standing == "person"
_is_mail = _row.c.channel == "email"
_outbound = sa.and_(_is_mail, mails.c.direction == "out")
_inbound = sa.and_(_is_mail, mails.c.direction == "in")
_sends = sa.or_(_row.c.user_key == mails.c.user_key, _row.c.person_key == mails.c.person_key)
_is_sender = sa.and_(_row.c.role == "from", _sends)
_speaks = sa.and_(_row.c.role == "owner", mails.c.owner_speaks)
_receives = _row.c.role.not_in(("from", "owner"))
_is_about = _row.c.role == "regarding"


def side_rows(context: Context) -> Rows:
    """`int_sides`: one row per event and party; those left out keep their record id or address."""
    joined = (
        _row.outerjoin(mails, mails.c.event_key == _row.c.event_key)
        .outerjoin(refused, sa.and_(refused.c.event_key == _row.c.event_key, refused.c.party_key == _row.c.party_key))
        .outerjoin(repeated, _is_line(repeated))
        .outerjoin(filled, sa.and_(_row.c.stands_in, filled.c.event_key == _row.c.event_key, filled.c.role == _row.c.role))
    )  # fmt: skip
    declined = sa.and_(sa.or_(_row.c.declined, refused.c.event_key.is_not(None)), sa.not_(_is_mail))
    is_repeated = sa.and_(_row.c.from_header, repeated.c.event_key.is_not(None))
    is_spare = sa.or_(filled.c.event_key.is_not(None), sa.and_(_is_about, sa.not_(_person)))
    side, left_out = _side(declined), _left_out(declined)
    keys = {
        "event_key": _row.c.event_key,
        "side": side,
        "user_key": _only(side == "us", _row.c.user_key),
        "person_key": _only(side == "them", _row.c.person_key),
        "left_out": left_out,
        "record_id": _only(left_out.is_not(None), _row.c.party_id),
        "address": _only(sa.and_(left_out.is_not(None), _row.c.party_id.is_(None)), _row.c.address),
    }
    cells = [cell.label(name) for name, cell in keys.items()]
    measures = (
        sa.case((_row.c.role.in_(("cc", "bcc")), 1), else_=0).label("copied"),
        _outsider().label("outsider"),
        sa.case((sa.and_(_user, _receives), 1), else_=0).label("colleague"),
    )
    part = sa.select(*cells, *measures).select_from(joined).where(sa.not_(is_repeated), sa.not_(is_spare)).cte("part")
    counting = _once(part, COUNTING).where(part.c.left_out.is_(None))
    omitted = _once(part, KEYS).where(part.c.left_out.is_not(None))
    return sa.select(sa.union_all(counting, omitted).subquery("sides"))


def _once(part: sa.CTE, keys: Sequence[str]) -> Rows:
    """One row for all parts that agree in `keys`; the key columns beside these are null in all of them."""
    columns = [part.c[name] if name in keys else null(part.c[name].type).label(name) for name in KEYS]
    return sa.select(
        *columns,
        sa.func.min(part.c.copied).label("copied"),
        sa.func.max(part.c.outsider).label("outsider"),
        sa.func.max(part.c.colleague).label("colleague"),
    ).group_by(*(part.c[name] for name in keys))


def _side(declined: Cell) -> Cell:
    """us, them, or neither."""
    us = sa.or_(
        sa.not_(_is_mail),
        _speaks,
        sa.and_(_outbound, _is_sender),
        sa.and_(_inbound, _row.c.role.in_(("to", "cc"))),
    )
    them = sa.or_(sa.not_(_is_mail), sa.and_(_outbound, _receives), sa.and_(_inbound, sa.or_(_is_sender, _is_about)))
    return sa.case((declined, null(sa.String)), (sa.and_(_user, us), "us"), (sa.and_(_person, them), "them"), else_=null(sa.String))


def _left_out(declined: Cell) -> Cell:
    """The reason of `participants_dropped`; null for those who count or play no part (the owner of a mail someone sent)."""
    silent_owner = sa.and_(_is_mail, _row.c.role == "owner", sa.not_(mails.c.owner_speaks))
    return sa.case(
        (silent_owner, null(sa.String)),
        (declined, "declined"),
        (sa.and_(_user, _row.c.is_outside), "ours"),
        (_row.c.standing == "nobody", "not_a_person"),
        (sa.not_(sa.or_(_user, _person)), _row.c.standing),
        (sa.or_(sa.not_(_is_mail), _row.c.role.in_(("from", "owner", "regarding")), _sends), null(sa.String)),
        (sa.and_(_outbound, _user), "ours"),
        (sa.and_(_inbound, _user, _row.c.role == "bcc"), "ours"),
        (sa.and_(_inbound, _person), "not_sender"),
        else_=null(sa.String),
    )


def _outsider() -> Cell:
    """Anyone who is not of ours; an unknown sender of an outbound mail is taken for one of us."""
    ours = sa.or_(_row.c.standing.in_(("user", "nobody")), sa.and_(_outbound, _row.c.role == "from"))
    return sa.case((ours, 0), else_=1)


def refused_rows(context: Context) -> Rows:
    """`int_refused`."""
    known = sa.and_(participants.c.declined, participants.c.party_key.is_not(None))
    return sa.select(participants.c.event_key, participants.c.party_key).where(known).distinct()


def repeated_rows(context: Context) -> Rows:
    """`int_repeated`."""
    line, named = participants.alias("line"), participants.alias("named")
    same = sa.and_(named.c.event_key == line.c.event_key, named.c.address == line.c.address)
    one_side = (named.c.role == "from") == (line.c.role == "from")
    relation = sa.and_(named.c.role.in_(("from", *RECEIVERS)), sa.not_(named.c.from_header))
    other = sa.or_(line.c.party_key.is_(None), line.c.party_key != named.c.party_key)
    pair = sa.select(line.c.event_key, line.c.address, line.c.role).join(named, sa.and_(same, one_side, relation, other))
    return pair.where(line.c.from_header).distinct()


def filled_rows(context: Context) -> Rows:
    """`int_filled`."""
    spare, named = participants.alias("spare"), participants.alias("present")
    wanted = sa.case((spare.c.role == "owner", "user"), else_="person")
    taken = sa.and_(named.c.event_key == spare.c.event_key, named.c.standing == wanted, sa.not_(named.c.stands_in))
    return sa.select(spare.c.event_key, spare.c.role).join(named, taken).where(spare.c.stands_in).distinct()


def _is_line(line: sa.FromClause) -> Cell:
    return sa.and_(line.c.event_key == _row.c.event_key, line.c.address == _row.c.address, line.c.role == _row.c.role)


def _only(when: Cell, cell: Cell) -> Cell:
    return sa.case((when, cell), else_=null(cell.type))
