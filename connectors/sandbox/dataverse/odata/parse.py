"""Text to tree, and the sentence Dataverse writes when it cannot: what was wrong, at which position of which text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from lark.tree import Meta

from connectors.sandbox.dataverse.errors import QueryError
from connectors.sandbox.dataverse.odata import tree

Option = tuple[str, Any, str]
"""One option of an `$expand`: what it is called in `tree.Options`, its value, its text."""


@cache
def _grammar() -> Lark:
    """The grammar, made at the first query: it costs more than the rest of the start."""
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(),
        parser="lalr",
        start=["filter", "orderby", "select", "expand", "apply", "key", "constant"],
        maybe_placeholders=True,
        propagate_positions=True,
    )


def parse_filter(text: str) -> tree.Condition:
    """`$filter`; like all doors of this module it raises QueryError."""
    return cast(tree.Condition, _parse(text, "filter"))


def parse_apply(text: str) -> tree.Apply:
    """`$apply`"""
    return cast(tree.Apply, _parse(text, "apply"))


def parse_key(text: str) -> tree.Literal | tree.Arguments:
    """What stands between the parentheses of an address: one value, or names with values (also of a function)."""
    return cast("tree.Literal | tree.Arguments", _parse(text, "key"))


def parse_constant(text: str) -> tree.Constant:
    """The value of a parameter alias."""
    return cast(tree.Constant, _parse(text, "constant"))


def parse_options(options: Mapping[str, str]) -> tree.Options:
    """The system query options of a request."""
    return tree.Options(
        select=_parse(options["$select"], "select") if options.get("$select") else (),
        filter=parse_filter(options["$filter"]) if options.get("$filter") else None,
        order=_parse(options["$orderby"], "orderby") if options.get("$orderby") else (),
        top=_whole(options["$top"]) if options.get("$top") else None,
        count=options.get("$count") == "true",
        expand=_parse(options["$expand"], "expand") if options.get("$expand") else (),
    )


def _parse(text: str, start: str) -> Any:
    try:
        return _Builder(text).transform(_grammar().parse(text, start=start))
    except UnexpectedInput as error:
        raise QueryError(f"Syntax error at position {_position(text, error)} in '{text}'.") from error
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from error
        raise


def _position(text: str, error: UnexpectedInput) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return error.token.start_pos or 0
    return (error.pos_in_stream or 0) if isinstance(error, UnexpectedCharacters) else len(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise QueryError(
            f"Invalid value '{text}' for $top query option found. The $top query option requires a non-negative integer value."
        )
    return int(text)


def _number(token: Token) -> int | float:
    return int(token) if token.lstrip("+-").isdecimal() else float(token)


def _moment(token: Token) -> date | datetime:
    try:
        if token.type == "DATE":
            return date.fromisoformat(token)
        return datetime.fromisoformat(token.replace("Z", "+00:00")).astimezone(UTC).replace(tzinfo=None)
    except ValueError as error:
        raise QueryError(f"Unrecognized 'Edm.DateTimeOffset' literal '{token}' at '{token.start_pos}'.") from error


_LITERALS: Final[dict[str, Any]] = {
    "STRING": lambda token: ("string", token[1:-1].replace("''", "'")),
    "ENUM": lambda token: ("string", token.partition("'")[2][:-1]),
    "NUMBER": lambda token: ("number", _number(token)),
    "GUID": lambda token: ("guid", token.lower()),
    "DATE": lambda token: ("date", _moment(token)),
    "DATETIME": lambda token: ("datetime", _moment(token)),
    "TRUE": lambda _: ("boolean", True),
    "FALSE": lambda _: ("boolean", False),
    "NULL": lambda _: ("null", None),
}


class _Builder(Transformer[Token, Any]):
    """Lark's tree to ours, bottom up; `text` is what was parsed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def filter(self, children: list[Any]) -> tree.Condition:
        return cast(tree.Condition, children[0])

    constant = single_key = where = filter

    def disjunction(self, children: list[Any]) -> tree.Junction:
        return tree.Junction("or", tuple(item for item in children if not isinstance(item, Token)))

    def conjunction(self, children: list[Any]) -> tree.Junction:
        return tree.Junction("and", tuple(item for item in children if not isinstance(item, Token)))

    def negation(self, children: list[Any]) -> tree.Negation:
        return tree.Negation(children[1])

    def comparison(self, children: list[Any]) -> tree.Comparison:
        left, op, right = children
        return tree.Comparison(left, str(op), right)

    def call(self, children: list[Any]) -> tree.Call:
        function, *arguments = children
        return tree.Call(str(function), tuple(item for item in arguments if item is not None), function.start_pos or 0)

    def crm_call(self, children: list[Any]) -> tree.CrmCall:
        function, *arguments = children
        named = dict(item for item in arguments if item is not None)
        return tree.CrmCall(function.rpartition(".")[2], named, function.start_pos or 0)

    def quantified(self, children: list[Any]) -> tree.Lambda:
        path, kind, *variable = children
        name, condition = variable if len(variable) == 2 else (None, None)
        return tree.Lambda(_path(path), "any" if "any" in kind else "all", str(name) if name else None, condition)

    def path(self, children: list[Token]) -> tree.Path:
        return _path(children[0])

    def alias(self, children: list[Token]) -> tree.Alias:
        return tree.Alias(str(children[0]))

    def literal(self, children: list[Token]) -> tree.Literal:
        kind, value = _LITERALS[children[0].type](children[0])
        return tree.Literal(kind, value, children[0].start_pos or 0)

    def quoted(self, children: list[Token]) -> tree.Literal:
        return tree.Literal("string", json.loads(children[0]), children[0].start_pos or 0)

    def several(self, children: list[Any]) -> tuple[tree.Literal, ...]:
        return tuple(item for item in children if item is not None)

    def argument(self, children: list[Any]) -> tuple[str, tree.Constant]:
        return str(children[0]), children[1]

    def arguments(self, children: list[Any]) -> tree.Arguments:
        return dict(children)

    def orderby(self, children: list[Any]) -> tuple[Any, ...]:
        return tuple(children)

    expand = orderby

    def order_item(self, children: list[Any]) -> tree.OrderItem:
        return tree.OrderItem(children[0], any(item is not None and item.type == "DESC" for item in children[1:]))

    def select(self, children: list[str]) -> tuple[str, ...]:
        return () if "*" in children else tuple(dict.fromkeys(children))

    def select_item(self, children: list[Token]) -> str:
        return str(children[0])

    def expand_item(self, children: list[Any]) -> tree.Expand:
        name, *given = children
        options = [item for item in given if item is not None]
        return tree.Expand(str(name), tree.Options(**{key: value for key, value, _ in options}), "&".join(text for *_, text in options))

    @v_args(meta=True)
    def select_option(self, meta: Meta, children: list[Any]) -> Option:
        return "select", children[0], self._source(meta)

    @v_args(meta=True)
    def filter_option(self, meta: Meta, children: list[Any]) -> Option:
        return "filter", children[0], self._source(meta)

    @v_args(meta=True)
    def orderby_option(self, meta: Meta, children: list[Any]) -> Option:
        return "order", children[0], self._source(meta)

    @v_args(meta=True)
    def top_option(self, meta: Meta, children: list[Token]) -> Option:
        return "top", _whole(children[0]), self._source(meta)

    @v_args(meta=True)
    def count_option(self, meta: Meta, children: list[Token]) -> Option:
        return "count", children[0] == "true", self._source(meta)

    @v_args(meta=True)
    def expand_option(self, meta: Meta, children: list[Any]) -> Option:
        return "expand", children[0], self._source(meta)

    def _source(self, meta: Meta) -> str:
        return quote(self._text[meta.start_pos : meta.end_pos], safe="$=,()'/;@:*")

    def measured(self, children: list[Any]) -> tree.Measure:
        path, _, method, _, name = children
        return tree.Measure(path, str(method), str(name))

    def counted(self, children: list[Any]) -> tree.Measure:
        return tree.Measure(None, None, str(children[1]))

    def aggregate(self, children: list[Any]) -> tree.Apply:
        return tree.Apply(None, (), tuple(children))

    def groupby(self, children: list[Any]) -> tree.Apply:
        *groups, aggregated = children
        return tree.Apply(None, tuple(groups), aggregated.measures if aggregated else ())

    def apply(self, children: list[Any]) -> tree.Apply:
        """A filter, if any, comes first; what groups or aggregates comes last."""
        conditions = [item for item in children if not isinstance(item, tree.Apply)]
        steps = [item for item in children if isinstance(item, tree.Apply)]
        if len(steps) != 1 or len(conditions) > 1 or children[-1] is not steps[0]:
            raise QueryError("The $apply query option supports one filter followed by one groupby or aggregate transformation.")
        return tree.Apply(conditions[0] if conditions else None, steps[0].groups, steps[0].measures)


def _path(token: Token) -> tree.Path:
    return tree.Path(tuple(token.split("/")), token.start_pos or 0)
