"""Text to tree, and the sentence Salesforce writes when it cannot: an excerpt, a caret, row and column."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.soql import tree

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": r"\\"}
_BEFORE: Final = 40
_AFTER: Final = 30


@cache
def _grammar() -> Lark:
    """The grammar, made at the first query: it costs more than the rest of the start."""
    text = Path(__file__).with_name("grammar.lark").read_text()
    return Lark(text, parser="lalr", propagate_positions=False, maybe_placeholders=True)


def parse(text: str) -> tree.Query:
    """The tree of a statement; raises MALFORMED_QUERY."""
    try:
        parsed = _grammar().parse(text)
        return cast(tree.Query, _Builder().transform(parsed))
    except UnexpectedInput as error:
        raise _malformed(text, error) from error
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from error
        raise


def located(error: QueryError, text: str, start: int) -> QueryError:
    """The refusal with the excerpt of `text` around `start` in front."""
    row = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    begin = max(0, start - _BEFORE)
    excerpt = text[begin : start + _AFTER].replace("\n", " ")
    spot = " " * (start - begin) + "^"
    return QueryError(error.code, f"\n{excerpt}\n{spot}\nERROR at Row:{row}:Column:{column}\n{error.message}")


@contextmanager
def spotted(text: str, start: int) -> Iterator[None]:
    """Shows the spot in any refusal raised inside that does not show one yet."""
    try:
        yield
    except QueryError as error:
        raise error if "ERROR at Row" in error.message else located(error, text, start) from error


def _malformed(text: str, error: UnexpectedInput) -> QueryError:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return located(QueryError("MALFORMED_QUERY", f"unexpected token: '{error.token}'"), text, error.token.start_pos or 0)
    if isinstance(error, UnexpectedCharacters):
        word = re.match(r"\w+|.", text[error.pos_in_stream :], re.DOTALL)
        shown = word[0] if word else "<EOF>"
        return located(QueryError("MALFORMED_QUERY", f"unexpected token: '{shown}'"), text, error.pos_in_stream or 0)
    return located(QueryError("MALFORMED_QUERY", "unexpected token: '<EOF>'"), text, len(text))


def _unescaped(token: Token) -> str:
    r"""The text of a string literal; `\\`, `\%` and `\_` stay escaped, for LIKE has to tell them from its wildcards."""

    def replaced(match: re.Match[str]) -> str:
        char = match[1]
        if char in "%_":
            return f"\\{char}"
        if char not in _ESCAPES:
            raise QueryError("MALFORMED_QUERY", f"Illegal character sequence '\\{char}' in string literal")
        return _ESCAPES[char]

    return re.sub(r"\\(.)", replaced, token[1:-1], flags=re.DOTALL)


def _instant(token: Token) -> datetime:
    text = token.upper().replace("Z", "+00:00")
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


class _Builder(Transformer[Token, Any]):
    """Lark's tree to ours, bottom up."""

    def start(self, children: list[Any]) -> tree.Query:
        return cast(tree.Query, children[0])

    def query(self, children: list[Any]) -> tree.Query:
        _, select, _, source, alias, where, group, having, order, limit, offset, _, all_rows = children
        return tree.Query(
            select=select,
            source=tree.Name(str(source), source.start_pos or 0),
            alias=str(alias) if alias else None,
            where=where,
            group=group or (),
            having=having,
            order=order or (),
            limit=limit,
            offset=offset,
            all_rows=bool(all_rows),
        )

    def select_list(self, children: list[Any]) -> tuple[Any, ...]:
        return tuple(children)

    def item(self, children: list[Any]) -> tree.Item:
        operand, alias = children
        return tree.Item(operand, str(alias) if alias else None)

    def subquery(self, children: list[Any]) -> tree.Query:
        return cast(tree.Query, children[0])

    def name(self, children: list[Token]) -> tree.Name:
        return tree.Name(str(children[0]), children[0].start_pos or 0)

    def call(self, children: list[Any]) -> tree.Call:
        function, *arguments = children
        return tree.Call(str(function).upper(), tuple(item for item in arguments if item is not None), function.start_pos or 0)

    def where(self, children: list[Any]) -> Any:
        return children[-1]

    having = where

    def conjunction(self, children: list[Any]) -> tree.Junction:
        return tree.Junction("and", tuple(item for item in children if not isinstance(item, Token)))

    def disjunction(self, children: list[Any]) -> tree.Junction:
        return tree.Junction("or", tuple(item for item in children if not isinstance(item, Token)))

    def negation(self, children: list[Any]) -> tree.Negation:
        return tree.Negation(children[-1])

    def comparison(self, children: list[Any]) -> tree.Comparison:
        operand, op, value = children
        return tree.Comparison(operand, "!=" if op == "<>" else str(op), value)

    def like(self, children: list[Any]) -> tree.Comparison:
        return tree.Comparison(children[0], "LIKE", children[2])

    def in_list(self, children: list[Any]) -> tree.Membership:
        operand, negated, _, *values = children
        return tree.Membership(operand, negated is not None, tuple(values))

    def in_query(self, children: list[Any]) -> tree.Membership:
        operand, negated, _, query = children
        return tree.Membership(operand, negated is not None, query)

    def includes(self, children: list[Any]) -> tree.Includes:
        return tree.Includes(children[0], False, tuple(children[2:]))

    def excludes(self, children: list[Any]) -> tree.Includes:
        return tree.Includes(children[0], True, tuple(children[2:]))

    def group(self, children: list[Any]) -> tuple[tree.Operand, ...]:
        return tuple(children[2:])

    def order(self, children: list[Any]) -> tuple[tree.OrderItem, ...]:
        return tuple(children[2:])

    def order_item(self, children: list[Any]) -> tree.OrderItem:
        words = {token.type for token in children[1:] if token is not None}
        nulls = "first" if "FIRST" in words else "last" if "LAST" in words else None
        return tree.OrderItem(children[0], "DESC" in words, nulls)  # type: ignore[arg-type]

    def limit(self, children: list[Token]) -> int:
        return _whole(children[1])

    offset = limit

    def purpose(self, children: list[Token]) -> str:
        return str(children[-1])

    def all_rows(self, children: list[Token]) -> bool:
        return True

    def literal(self, children: list[Token]) -> tree.Literal:
        token = children[0]
        kind, value = _LITERALS[token.type](token)
        return tree.Literal(kind, value, token.start_pos or 0)


def _whole(token: Token) -> int:
    if not token.isdigit():
        raise QueryError("MALFORMED_QUERY", f"unexpected token: '{token}'")
    return int(token)


def _dated(token: Token) -> Any:
    try:
        return ("date", date.fromisoformat(token)) if token.type == "DATE" else ("datetime", _instant(token))
    except ValueError as error:
        raise QueryError("MALFORMED_QUERY", f"Invalid date: {token}") from error


_LITERALS: Final[dict[str, Any]] = {
    "STRING": lambda token: ("string", _unescaped(token)),
    "NUMBER": lambda token: ("number", float(token)),
    "DATE": _dated,
    "DATETIME": _dated,
    "TRUE": lambda _: ("boolean", True),
    "FALSE": lambda _: ("boolean", False),
    "NULL": lambda _: ("null", None),
    "DATE_N": lambda token: ("range", token.upper()),
    "DATE_NAME": lambda token: ("range", token.upper()),
}
