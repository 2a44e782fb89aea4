"""Which titles and departments speak for which seat: the words of the method, tried once per distinct text."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.maps.links import on_map
from transforms.tables import people


def spoken_for(context: Context) -> sa.CTE:
    """`person_key, kind, match, title, department`: 1 where the title, or the department, speaks for the seat."""
    hits = _hits(context)
    ways = [_way(hits, "title", sa.true()), _way(hits, "department", hits.c.kind == "role")]
    each = sa.union_all(*ways).subquery("ways")
    keys = (each.c.person_key, each.c.kind, each.c.match)
    flags = [sa.func.max(each.c[name]).label(name) for name in ("title", "department")]
    return sa.select(*keys, *flags).group_by(*keys).cte("spoken_for")


def _way(hits: sa.CTE, column: str, fits: sa.ColumnElement[bool]) -> sa.Select[Any]:
    flags = [sa.literal(int(name == column)).label(name) for name in ("title", "department")]
    rows = sa.select(people.c.person_key, hits.c.kind, hits.c.match, *flags)
    return rows.join(hits, hits.c.text == sa.func.lower(people.c[column])).where(on_map(people), fits)


def _hits(context: Context) -> sa.CTE:
    texts = sa.union(*(sa.select(sa.func.lower(people.c[name]).label("text")).where(on_map(people)) for name in ("title", "department")))
    text = texts.cte("texts")
    seats = [("role", role, words) for role, words in context.method["suggestions.roles"].items()]
    seats += [("department", _plain(name), [name, *words]) for name, words in context.method["departments.synonyms"].items()]
    rows = [_seat(text, *seat) for seat in seats if seat[2]]
    return (sa.union_all(*rows) if rows else _seat(text, "", "", ["-"]).where(sa.false())).cte("hits")


def _seat(text: sa.CTE, kind: str, match: str, words: Sequence[str]) -> sa.Select[Any]:
    named = (sa.literal(kind).label("kind"), sa.literal(match).label("match"))
    return sa.select(text.c.text, *named).where(text.c.text.regexp_match(pattern(words)))


def pattern(words: Sequence[str]) -> str:
    """Latin words as whole words (`it` is not in `recruiter`), all others wherever they stand."""
    lower = sorted({word.lower() for word in words})
    latin = [re.escape(word) for word in lower if word.isascii()]
    whole = [f"(^|[^a-z0-9])({'|'.join(latin)})([^a-z0-9]|$)"] if latin else []
    return "|".join([*whole, *(re.escape(word) for word in lower if not word.isascii())])


def _plain(name: str) -> str:
    return "".join(name.lower().split())
