"""Account operation as a whole: built after all it reads, every table documented, nothing of it written back."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from tests.transforms.scores.small_company import context
from transforms.base import Context, Model, Source
from transforms.operation import tables
from transforms.registry import all_models
from transforms.registry_operation import operation_models
from warehouse import ENRICHMENT, OPERATION

SOURCES = [Source("east", "salesforce", {}), Source("west", "salesforce", {})]
EVERY = all_models(SOURCES)
MODELS = operation_models()
NAMES = [one.name for one in MODELS]
GIVEN = Context(context().as_of, context().method, SOURCES)


def test_each_model_is_built_after_all_it_reads() -> None:
    built: set[str] = set()
    for one in EVERY:
        assert one.name not in NAMES or set(one.reads) <= built, one.name
        built.add(one.name)


def test_every_declared_table_is_built_once() -> None:
    assert sorted(NAMES) == sorted(tables.metadata.tables)


@pytest.mark.parametrize("one", MODELS, ids=NAMES)
def test_each_model_names_every_table_its_select_reads_and_gives_the_declared_columns(one: Model) -> None:
    select = one.select(GIVEN)
    text = str(CreateTableAs(select, one.table.name).compile(dialect=postgresql.dialect())).replace(")", " ").replace('"', "")
    words = set(text.split())
    read = {model.name for model in EVERY if any(word == model.name or word.startswith(f"{model.name}.") for word in words)}
    assert read == set(one.reads)
    assert set(select.subquery().columns.keys()) == set(one.table.columns.keys())
    assert one.table.comment


def test_nothing_of_them_reaches_a_payload() -> None:
    reads = {one.name: set(one.reads) for one in EVERY}
    behind = {one.name for one in EVERY if one.table.schema == ENRICHMENT}
    while more := {name for one in behind for name in reads.get(one, ())} - behind:
        behind |= more
    assert OPERATION not in {name.split(".")[0] for name in behind}
