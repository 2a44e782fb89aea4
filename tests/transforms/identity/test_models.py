"""The models of identity and company: built in order, readable by other engines, naming every table they read."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from tests.transforms.identity.kit import SOURCES, context
from transforms.base import Model
from transforms.company import tables as company
from transforms.identity import tables as identity
from transforms.registry import all_models
from transforms.registry_identity import identity_models
from warehouse import ENRICHMENT, SCORES

MODELS = identity_models(SOURCES)
NAMES = [one.name for one in MODELS]


def test_each_model_is_built_after_all_it_reads() -> None:
    built: set[str] = set()
    for one in all_models(SOURCES):
        assert one.name not in NAMES or set(one.reads) <= built, one.name
        built.add(one.name)


def test_every_declared_table_is_built_once() -> None:
    declared = [*identity.metadata.tables, *company.metadata.tables]
    assert sorted(NAMES) == sorted(declared)


@pytest.mark.parametrize("one", MODELS, ids=NAMES)
def test_each_model_names_every_table_its_select_reads_and_gives_the_declared_columns(one: Model) -> None:
    select = one.select(context())
    text = str(CreateTableAs(select, one.table.name).compile(dialect=postgresql.dialect())).replace(")", " ")
    words = set(text.split())
    every = {model.name for model in all_models(SOURCES)}
    assert {name for name in every if any(word == name or word.startswith(f"{name}.") for word in words)} == set(one.reads)
    assert set(select.subquery().columns.keys()) == set(one.table.columns.keys())


def test_nothing_that_is_written_to_a_crm_reads_these_tables() -> None:
    reads = {one.name: set(one.reads) for one in all_models(SOURCES)}
    behind = {one.name for one in all_models(SOURCES) if one.table.schema == ENRICHMENT}
    while more := {name for one in behind for name in reads.get(one, ())} - behind:
        behind |= more
    assert {name.split(".")[0] for name in behind} >= {SCORES, ENRICHMENT}
    assert not behind & set(NAMES)
