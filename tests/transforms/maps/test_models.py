"""Maps, coverage and suggestions as a whole: built in order, every table documented, nothing of them written back."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from connectors.fields import ENTERED, OUTPUT
from tests.transforms.scores.small_company import context
from transforms.base import Context, Model, Source
from transforms.coverage import tables as coverage
from transforms.maps import paths
from transforms.maps import tables as maps
from transforms.registry import all_models
from transforms.registry_maps import map_models
from transforms.suggestions import tables as suggestions
from warehouse import COVERAGE, ENRICHMENT, MAPS, SUGGESTIONS

SOURCES = [Source("east", "salesforce", {}), Source("west", "salesforce", {})]
MODELS = map_models(SOURCES)
NAMES = [one.name for one in MODELS]
GIVEN = Context(context().as_of, context().method, SOURCES)


def test_each_model_is_built_after_all_it_reads() -> None:
    built: set[str] = set()
    for one in all_models(SOURCES):
        assert one.name not in NAMES or set(one.reads) <= built, one.name
        built.add(one.name)


def test_every_declared_table_is_built_once() -> None:
    assert sorted(NAMES) == sorted([*maps.metadata.tables, *coverage.metadata.tables, *suggestions.metadata.tables])


@pytest.mark.parametrize("one", MODELS, ids=NAMES)
def test_each_model_names_every_table_its_select_reads_and_gives_the_declared_columns(one: Model) -> None:
    select = one.select(GIVEN)
    text = str(CreateTableAs(select, one.table.name).compile(dialect=postgresql.dialect())).replace(")", " ")
    words = set(text.split())
    read = {model.name for model in all_models(SOURCES) if any(word == model.name or word.startswith(f"{model.name}.") for word in words)}
    assert read == (set() if one is paths.MODEL else set(one.reads))
    assert set(select.subquery().columns.keys()) == set(one.table.columns.keys())
    assert one.table.comment


def test_nothing_of_them_reaches_a_payload() -> None:
    reads = {one.name: set(one.reads) for one in all_models(SOURCES)}
    behind = {one.name for one in all_models(SOURCES) if one.table.schema == ENRICHMENT}
    while more := {name for one in behind for name in reads.get(one, ())} - behind:
        behind |= more
    assert {name.split(".")[0] for name in behind}.isdisjoint({MAPS, COVERAGE, SUGGESTIONS})


def test_no_field_people_enter_is_ever_written() -> None:
    for entity, entered in ENTERED.items():
        assert not {field.name for field in entered} & {field.name for field in OUTPUT[entity]}
