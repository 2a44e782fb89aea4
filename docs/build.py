"""Writes the reference pages that must not drift from the code: fields, tables, numbers of the method, the method in words.

`python -m docs.build` writes them, `python -m docs.build --check` says which are stale (exit 1); the test suite checks.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from connectors.fields import ENTERED, MAPPED, OUTPUT, FieldSpec, api_name, column, meanings
from docs import method_page
from transforms import method
from transforms.base import Source
from transforms.registry import all_models

HERE = Path(__file__).parent


def fields() -> Iterator[str]:
    """Every field in the CRM: contract section 4."""
    yield "# Fields in the CRM\n\nSalesforce API names for the default prefix `GX`; Dynamics 365 has the same names as `gx_closeness`."
    yield "Blank means unknown, never zero.\n"
    for title, catalogue in (("Written by guanxi, and by nothing else", OUTPUT), ("Entered by people, read and never written", ENTERED)):
        yield f"## {title}\n"
        for entity, specs in catalogue.items():
            yield from _entity(entity, specs)
    yield "## Read only where an organisation has a field of its own\n"
    yield 'Never created; named in `[crm.NAME.map.<entity>]` of the configuration, for example `plan = "Account_Plan__c"`.\n'
    yield "| entity | key | type | what it says |\n|---|---|---|---|"
    yield from (f"| {spec.entity} | `{column(spec)}` | {_kind(spec)} | {spec.description} |" for specs in MAPPED.values() for spec in specs)
    yield ""


def _entity(entity: str, specs: Sequence[FieldSpec]) -> Iterator[str]:
    if specs:
        yield f"### {entity.capitalize()}\n\n| field | label | 中文 | type | what it says |\n|---|---|---|---|---|"
        yield from (_field(spec) for spec in specs)
        yield ""


def _field(spec: FieldSpec) -> str:
    return f"| `{api_name(spec)}` | {spec.label_en} | {spec.label_zh} | {_kind(spec)} | {spec.description} |"


def _kind(spec: FieldSpec) -> str:
    if spec.values:
        return "one of " + ", ".join(f"{choice.value} {choice.zh}" for choice in spec.values)
    if spec.kind == "number":
        return f"number, {spec.decimals} decimal{'s' if spec.decimals > 1 else ''}"
    return f"text {spec.length}" if spec.kind == "text" else spec.kind


def tables() -> Iterator[str]:
    """Every table built in the warehouse, in build order."""
    yield "# Tables\n\nOne schema per step, in build order; `raw_<crm>` holds what the CRM sent, under its own names."
    yield "`sales_cloud` and `dynamics` are the names of the CRMs in the configuration.\n"
    for model in all_models([Source("sales_cloud", "salesforce", {}), Source("dynamics", "dynamics", {})]):
        yield from _table(model.table)


def _table(table: sa.Table) -> Iterator[str]:
    yield f"## {table.schema}.{table.name}\n\n{table.comment or ''}\n"
    yield "| column | type | meaning |\n|---|---|---|"
    told = meanings(table.schema, table.name)
    yield from (f"| `{item.name}` | {str(item.type).lower()} | {item.comment or told.get(item.name, '')} |" for item in table.columns)
    yield ""


def numbers() -> Iterator[str]:
    """Every number of the method with its origin."""
    yield "# Numbers of the method\n\nOverride any of them by key under `[method]` in `guanxi.toml`."
    yield "S = stated by the source texts, O = ours. Those with a * can also be set for the accounts of one industry,"
    yield 'under `[method.industry."Healthcare"]`, by the name the CRM has for it.\n'
    yield "| key | value | origin |\n|---|---|---|"
    for key, entry in method.entries().items():
        yield f"| `{key}`{' *' if entry.get('by_industry') else ''} | {_value(entry['value'])} | {entry['origin']} |"


def _value(value: object) -> str:
    text = ", ".join(f"{name} = {item}" for name, item in value.items()) if isinstance(value, Mapping) else str(value)
    return text.replace("|", "\\|")


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "fields.md": fields,
    "tables.md": tables,
    "method-numbers.md": numbers,
    "method.md": method_page.lines,
}


def stale() -> list[str]:
    """Pages that differ from what the code says."""
    return [name for name in PAGES if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != page(name)]


def page(name: str) -> str:
    """The text of one page."""
    return "<!-- Written by `python -m docs.build`; do not edit. -->\n" + "\n".join(PAGES[name]()).rstrip() + "\n"


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv:
        print("\n".join(f"docs/{name} is stale: run python -m docs.build" for name in stale()))
        return 1 if stale() else 0
    for name in PAGES:
        (HERE / name).write_text(page(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
