"""Text as a search compares it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from transforms.functions import squeezed


class unaccented(FunctionElement[str]):
    """Text -> the text without accents: `é` is `e`."""

    type = sa.String()
    inherit_cache = True


@compiles(unaccented)
def _unaccented(element: unaccented, compiler: SQLCompiler, **kw: Any) -> str:
    return f"unaccent({compiler.process(element.clauses, **kw)})"


@compiles(unaccented, "duckdb")
def _unaccented_duckdb(element: unaccented, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strip_accents({compiler.process(element.clauses, **kw)})"


def folded(text: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Lower case without accents, single spaces."""
    return sa.func.lower(unaccented(squeezed(sa.func.trim(text), sa.literal(" "))), type_=sa.String)
