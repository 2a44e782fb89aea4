"""Departments: compared ignoring case, spaces and synonyms; an account's own list, else the default one (of its industry)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import String

from transforms.base import Context
from transforms.functions import split_rows, squeezed
from transforms.tables import accounts, people

GENERAL = ""
SEPARATORS = "[;；，、|\n]"


def comparable(text: Any) -> sa.ColumnElement[Any]:
    """Lower case without any space."""
    return squeezed(sa.func.lower(text), "")


def people_departments(context: Context) -> sa.CTE:
    """Live contacts with a known department: `account_key, person_key, match`."""
    synonyms, key = _synonyms(context, "synonyms_of_people"), comparable(people.c.department_name)
    return (
        sa.select(people.c.account_key, people.c.person_key, sa.func.coalesce(synonyms.c.match, key).label("match"))
        .select_from(people.outerjoin(synonyms, synonyms.c.alias == key))
        .where(people.c.is_live.is_(True), people.c.person_kind == "contact", people.c.account_key.is_not(None), key != "")
        .cte("people_departments")
    )


def key_departments(context: Context) -> sa.CTE:
    """Key departments of each live account: `crm, account_key, match, name`, each once."""
    listed = _listed()
    default = _default(context)
    live = _live(context)
    own = sa.select(listed.c.account_key).distinct().cte("own_list")
    standing = (
        sa.select(live.c.crm, live.c.account_key, default.c.name)
        .select_from(live.join(default, default.c.list_of == live.c.list_of).outerjoin(own, own.c.account_key == live.c.account_key))
        .where(own.c.account_key.is_(None))
    )
    either = sa.union_all(sa.select(listed), standing).cte("departments_listed")
    return _once(context, either)


def _live(context: Context) -> sa.CTE:
    """Live accounts, and the industry whose list stands in for their own; blank for the general one."""
    compared = sa.func.lower(sa.func.trim(accounts.c.industry))
    list_of = sa.case((compared.in_(list(_lists(context))), compared), else_=GENERAL)
    live = sa.select(accounts.c.crm, accounts.c.account_key, list_of.label("list_of")).where(accounts.c.is_live.is_(True))
    return live.cte("live_accounts")


def _lists(context: Context) -> dict[str, Sequence[str]]:
    """Default lists by industry, the general one first."""
    own = {name: values["departments.key"] for name, values in context.method.industries.items() if "departments.key" in values}
    return {GENERAL: context.method["departments.key"], **own}


def _listed() -> sa.CTE:
    """The entered lists, taken apart."""
    parts = split_rows(sa.func.regexp_replace(accounts.c.key_departments, SEPARATORS, ",", "g"), ",")
    split = (
        sa.select(accounts.c.crm, accounts.c.account_key, parts.label("part"))
        .where(accounts.c.is_live.is_(True), accounts.c.key_departments.is_not(None))
        .cte("split")
    )
    name = sa.func.trim(split.c.part)
    return sa.select(split.c.crm, split.c.account_key, sa.cast(name, String).label("name")).where(name != "").cte("listed")


def _once(context: Context, either: sa.CTE) -> sa.CTE:
    synonyms, key = _synonyms(context, "synonyms_of_lists"), comparable(either.c.name)
    match = sa.func.coalesce(synonyms.c.match, key)
    named = (
        sa.select(either.c.crm, either.c.account_key, either.c.name, match.label("match"))
        .select_from(either.outerjoin(synonyms, synonyms.c.alias == key))
        .cte("departments_matched")
    )
    name = sa.func.min(named.c.name).label("name")
    keys = (named.c.crm, named.c.account_key, named.c.match)
    return sa.select(*keys, name).group_by(*keys).cte("key_departments")


def _default(context: Context) -> sa.CTE:
    rows = [(industry, name) for industry, names in _lists(context).items() for name in names]
    return _values("default_departments", rows, sa.column("list_of", String), sa.column("name", String))


def _synonyms(context: Context, name: str) -> sa.CTE:
    rows = [
        (_plain(alias), _plain(canonical)) for canonical, aliases in context.method["departments.synonyms"].items() for alias in aliases
    ]
    return _values(name, sorted(set(rows)), sa.column("alias", String), sa.column("match", String))


def _plain(name: str) -> str:
    return "".join(name.lower().split())


def _values(name: str, rows: list[tuple[Any, ...]], *columns: sa.ColumnClause[Any]) -> sa.CTE:
    """A small constant table, which may be empty."""
    if rows:
        return sa.values(*columns, name=f"{name}_rows").data(rows).cte(name)
    return sa.select(*(sa.cast(sa.null(), column.type).label(column.name) for column in columns)).where(sa.false()).cte(name)
