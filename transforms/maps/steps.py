"""The steps that may lead from an account's owner to the deciders whom the owner does not reach.

Only what can be on a best path is a step: lines that end at such a decider, or one line before; contacts of the persons on
them; of the colleagues who know a person the one with the strongest first two steps. So an account of P people and L lines has
at most 2 P contacts and 2 L lines, however large our company is.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.maps.deciders import KEYS, active, window
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, num, real, zero
from transforms.tables import users


def select(context: Context) -> sa.Select[Any]:
    """One row per step and place in a path (`maps.steps`)."""
    account = _open()
    goal = sa.select(tables.deciders.c.person_key).where(tables.deciders.c.reached.is_(False))
    line = _lines(context, account).cte("open_lines")
    last = sa.select(*line.c).where(line.c.to_key.in_(goal)).cte("last_lines")
    before = sa.select(last.c.from_key)
    middle = sa.select(*line.c).where(sa.or_(line.c.to_key.in_(goal), line.c.to_key.in_(before))).cte("middle_lines")
    contact = _contacts(context, account, sa.select(middle.c.from_key), goal.union(before))
    steps = sa.union_all(_of_colleagues(contact), _of_contacts(contact), _of_lines(middle, 2), _of_lines(last, 3)).subquery("steps")
    return sa.select(steps).where(steps.c.strength > num(0))


def _share(context: Context, key: str) -> float:
    """A number of the method that stands for a closeness / 100: at most 1, or a path could be stronger than its steps."""
    return min(1.0, float(context.method[f"maps.{key}"]))


def _open() -> sa.CTE:
    """Accounts with a decider whom the owner does not reach."""
    goal = tables.deciders
    rows = sa.select(*(goal.c[name] for name in KEYS), goal.c.owner_key).where(goal.c.reached.is_(False))
    return rows.distinct().cte("open_accounts")


def _lines(context: Context, account: sa.CTE) -> sa.Select[Any]:
    """Lines in the directions in which somebody can be won: influence forwards, reporting up and down."""
    link = tables.links
    joined = link.join(account, account.c.account_key == link.c.account_key)
    ways = [
        ("influence", "from", "to", "influence"),
        ("reporting", "to", "from", "report_to_boss"),
        ("reporting", "from", "to", "boss_to_report"),
    ]
    rows = [
        sa.select(
            *(link.c[name] for name in KEYS),
            sa.literal(kind).label("kind"),
            link.c[f"{start}_key"].label("from_key"),
            link.c[f"{start}_id"].label("from_id"),
            link.c[f"{end}_key"].label("to_key"),
            link.c[f"{end}_id"].label("to_id"),
            num(_share(context, number)).label("strength"),
        )
        .select_from(joined)
        .where(link.c.kind == kind)
        for kind, start, end, number in ways
    ]  # fmt: skip
    return sa.select(sa.union_all(*rows).subquery("ways"))


def _contacts(context: Context, account: sa.CTE, of_owner: sa.SelectBase, of_colleagues: sa.SelectBase) -> sa.CTE:
    """The owner's contacts, and of the colleagues who know a person the best one, among the persons who matter to each."""
    pair, owner = scores.pairs, users.alias("owner")
    is_owner = pair.c.user_key == account.c.owner_key
    known = sa.case((is_owner, num(1)), (_one_team(owner), num(_share(context, "team"))), else_=num(_share(context, "colleague")))
    strength = pair.c.closeness / num(100)
    turn = sa.func.row_number().over(
        partition_by=(pair.c.person_key, is_owner), order_by=((known * strength).desc(), pair.c.last_s.desc(), pair.c.user_id)
    )
    joined = (
        pair.join(account, account.c.account_key == pair.c.account_key)
        .join(users, users.c.user_key == pair.c.user_key)
        .join(owner, owner.c.user_key == account.c.owner_key)
    )
    ranked = (
        sa.select(
            *(account.c[name] for name in KEYS),
            owner.c.user_id.label("owner_id"),
            pair.c.user_id,
            pair.c.person_id,
            is_owner.label("is_owner"),
            known.label("known"),
            strength.label("strength"),
            turn.label("turn"),
        )
        .select_from(joined)
        .where(active(), pair.c.last_two_way_s > window(context), pair.c.closeness > 0)
        .where(sa.or_(sa.and_(is_owner, pair.c.person_key.in_(of_owner)), sa.and_(~is_owner, pair.c.person_key.in_(of_colleagues))))
        .cte("contacts_ranked")
    )
    return sa.select(*ranked.c).where(ranked.c.turn == 1).cte("contacts")


def _one_team(owner: sa.FromClause) -> Condition:
    """Same manager, or one is the other's."""
    same = sa.or_(users.c.manager_id == owner.c.manager_id, users.c.manager_id == owner.c.user_id, users.c.user_id == owner.c.manager_id)
    return sa.and_(users.c.crm == owner.c.crm, sa.func.coalesce(same, False))


def _of_colleagues(contact: sa.CTE) -> sa.Select[Any]:
    rows = _step(contact, 1, "colleague", _user(contact.c.owner_id), _user(contact.c.user_id), contact.c.known)
    return rows.where(sa.not_(contact.c.is_owner)).distinct()


def _of_contacts(contact: sa.CTE) -> sa.Select[Any]:
    place = sa.case((contact.c.is_owner, 1), else_=2)
    return _step(contact, place, "contact", _user(contact.c.user_id), _person(contact.c.person_id), contact.c.strength)


def _of_lines(line: sa.CTE, place: int) -> sa.Select[Any]:
    return _step(line, place, line.c.kind, _person(line.c.from_id), _person(line.c.to_id), line.c.strength)


def _step(rows: sa.CTE, place: Any, kind: Any, start: Number, end: Number, strength: Number) -> sa.Select[Any]:
    told = {"place": place, "kind": kind, "from_node": start, "to_node": end, "strength": real(zero(strength))}
    cells = [(value if isinstance(value, sa.ColumnElement) else sa.literal(value)).label(name) for name, value in told.items()]
    return sa.select(*(rows.c[name] for name in KEYS), *cells)


def _user(record_id: Number) -> Number:
    return sa.func.concat("user:", record_id, type_=sa.String)


def _person(record_id: Number) -> Number:
    return sa.func.concat("person:", record_id, type_=sa.String)


MODEL = Model(tables.steps, select, ("model.users", "scores.pairs", "maps.deciders", "maps.links"))
