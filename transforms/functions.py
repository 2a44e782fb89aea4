"""The few places where engines differ, each as one SQLAlchemy element with a rendering per engine.

Everything else in the transforms is plain Core. DuckDB is the default engine; the rendering without a dialect name is
PostgreSQL's, which most warehouses understand.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class epoch_seconds(FunctionElement[int]):
    """Instant or date -> whole seconds since 1970-01-01 UTC, fractions cut off (bigint)."""

    type = sa.BigInteger()
    inherit_cache = True


class utc_timestamp(FunctionElement[Any]):
    """Epoch seconds -> naive timestamp in UTC."""

    type = sa.DateTime()
    inherit_cache = True


class split_rows(FunctionElement[str]):
    """Text, separator -> one row per part; only in the column list of a select."""

    type = sa.String()
    inherit_cache = True


class squeezed(FunctionElement[str]):
    """Text, replacement -> the text with every run of white space replaced."""

    type = sa.String()
    inherit_cache = True


class number_in(FunctionElement[float]):
    """Text -> the number it is, null where it is none."""

    type = sa.Double()
    inherit_cache = True


@compiles(epoch_seconds)
def _epoch_seconds(element: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    return f"cast(floor(extract(epoch from {compiler.process(element.clauses, **kw)})) as bigint)"


@compiles(epoch_seconds, "duckdb")
def _epoch_seconds_duckdb(element: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    return f"cast(floor(epoch_us({compiler.process(element.clauses, **kw)}) / 1000000) as bigint)"


@compiles(utc_timestamp)
def _utc_timestamp(element: utc_timestamp, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(to_timestamp({compiler.process(element.clauses, **kw)}) at time zone 'UTC')"


@compiles(utc_timestamp, "duckdb")
def _utc_timestamp_duckdb(element: utc_timestamp, compiler: SQLCompiler, **kw: Any) -> str:
    return f"make_timestamp({compiler.process(element.clauses, **kw)} * 1000000)"


@compiles(split_rows)
def _split_rows(element: split_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"unnest(string_to_array({compiler.process(element.clauses, **kw)}))"


@compiles(squeezed)
def _squeezed(element: squeezed, compiler: SQLCompiler, **kw: Any) -> str:
    text, replacement = (compiler.process(clause, **kw) for clause in element.clauses)
    return rf"regexp_replace({text}, '\s+', {replacement}, 'g')"


@compiles(number_in)
def _number_in(element: number_in, compiler: SQLCompiler, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return rf"(case when {text} ~ '^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$' then cast({text} as double precision) end)"


@compiles(number_in, "duckdb")
def _number_in_duckdb(element: number_in, compiler: SQLCompiler, **kw: Any) -> str:
    return f"try_cast({compiler.process(element.clauses, **kw)} as double)"


def tidy_address(text: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """An address as it is compared: lower case, trimmed, blank = null."""
    return sa.func.nullif(sa.func.lower(sa.func.trim(text)), "", type_=sa.String)


def local_part(address: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """What stands before the @, in lower case (a bare split_part compared with a word breaks DuckDB 2.0 where all values are null)."""
    return sa.func.lower(sa.func.split_part(address, "@", 1), type_=sa.String)


def mail_domain(address: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """What stands behind the @, in lower case."""
    return sa.func.lower(sa.func.split_part(address, "@", 2), type_=sa.String)


def masked(address: sa.ColumnElement[str]) -> sa.ColumnElement[str | None]:
    """`ann@example.com` -> `a***@example.com`: enough to recognise, too little to write to; null stays null."""
    short = sa.func.concat(sa.func.substr(address, 1, 1), "***@", sa.func.split_part(address, "@", 2), type_=sa.String)
    return sa.case((address.is_not(None), short), else_=null(sa.String))


def null(type_: Any) -> sa.ColumnElement[Any]:
    """Unknown, typed."""
    return sa.cast(sa.null(), type_)
