"""Deals as a whole: built in order, every table documented, nothing of them written back."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from tests.transforms.scores.small_company import context
from transforms.base import Model, Source
from transforms.deals import tables
from transforms.registry import all_models
from transforms.registry_deals import deal_models
from warehouse import DEALS, ENRICHMENT

SOURCES = [Source("east", "salesforce", {})]
MODELS = deal_models()
NAMES = [one.name for one in MODELS]


def test_each_model_is_built_after_all_it_reads_and_every_declared_table_is_built_once() -> None:
    order = [one.name for one in all_models(SOURCES)]
    assert all(order.index(read) < order.index(one.name) for one in MODELS for read in one.reads)
    assert sorted(NAMES) == sorted(tables.metadata.tables)
    assert set(NAMES) <= set(order)


@pytest.mark.parametrize("one", MODELS, ids=NAMES)
def test_each_model_names_every_table_its_select_reads_and_gives_the_declared_columns(one: Model) -> None:
    select = one.select(context())
    text = str(CreateTableAs(select, one.table.name).compile(dialect=postgresql.dialect())).replace(")", " ")
    words = set(text.split())
    read = {model.name for model in all_models(SOURCES) if any(word == model.name or word.startswith(f"{model.name}.") for word in words)}
    assert read == set(one.reads)
    assert set(select.subquery().columns.keys()) == set(one.table.columns.keys())
    assert one.table.comment


def test_nothing_written_back_rests_on_them() -> None:
    reads = {one.name: set(one.reads) for one in all_models(SOURCES)}
    behind = {name for name in reads if name.startswith(f"{ENRICHMENT}.")}
    while more := {name for one in behind for name in reads.get(one, ())} - behind:
        behind |= more
    assert not any(name.startswith(f"{DEALS}.") for name in behind)
