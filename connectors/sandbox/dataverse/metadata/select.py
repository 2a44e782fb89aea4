"""Query options over metadata, which is small and therefore plain Python objects: `$filter`, `$select`, `$expand`, `$top`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from connectors.sandbox.dataverse.errors import QueryError, no_such_property
from connectors.sandbox.dataverse.odata import tree

Definition = Mapping[str, Any]
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_NAMED: Final = ("MetadataId", "LogicalName", "SchemaName", "HasChanged")


def chosen(items: Sequence[Definition], condition: tree.Condition | None, kind: str) -> list[Definition]:
    """The definitions that meet a `$filter`; raises QueryError."""
    return [item for item in items if condition is None or _holds(condition, item, kind)]


def shown(item: Definition, select: tuple[str, ...], kind: str) -> dict[str, Any]:
    """A definition with the selected properties (all but what needs an `$expand` when none is named), and always its id and type."""
    names = select or [name for name in item if name != "OptionSet"]
    if missing := [name for name in names if name not in item and name not in _NAMED]:
        raise no_such_property(missing[0], kind)
    always = [name for name in ("@odata.type", "MetadataId") if name in item]
    return {name: item.get(name) for name in dict.fromkeys([*always, *names]) if name in item}


def _holds(condition: tree.Condition, item: Definition, kind: str) -> bool:
    match condition:
        case tree.Junction("and", items):
            return all(_holds(part, item, kind) for part in items)
        case tree.Junction(_, items):
            return any(_holds(part, item, kind) for part in items)
        case tree.Negation(part):
            return not _holds(part, item, kind)
        case tree.Comparison(tree.Path() as path, op, tree.Literal(_, value)):
            return _compared(_value(path, item, kind), op, value)
        case tree.Call(function, (tree.Path() as path, tree.Literal("string", str() as text))) if function in _TEXT:
            return _TEXT[function](str(_value(path, item, kind) or ""), text)
    raise QueryError("The $filter expression is not supported on metadata.")


def _compared(held: Any, op: str, wanted: Any) -> bool:
    if held is None or wanted is None:
        return (held is wanted) == (op == "eq") if op in ("eq", "ne") else False
    try:
        return _OPERATORS[op](held, wanted)
    except TypeError as error:
        raise QueryError("A binary operator with incompatible types was detected.") from error


def _value(path: tree.Path, item: Definition, kind: str) -> Any:
    held: Any = item
    for name in path.names:
        if not isinstance(held, Mapping) or name not in held:
            raise no_such_property("/".join(path.names), kind)
        held = held[name]
    return held
