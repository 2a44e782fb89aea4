"""The models as a whole: built in order, readable by other engines, every table documented."""

import pytest
from sqlalchemy.dialects import postgresql

from tests.transforms.scores.small_company import context
from transforms import tables as model
from transforms.base import Model
from transforms.method import entries
from transforms.registry_scores import score_models

MODELS = score_models()


def test_each_model_is_built_after_all_it_reads() -> None:
    built = {f"{table.schema}.{table.name}" for table in model.metadata.sorted_tables}
    for one in MODELS:
        assert set(one.reads) <= built, one.name
        built.add(one.name)


@pytest.mark.parametrize("one", MODELS, ids=[one.name for one in MODELS])
def test_each_model_names_every_table_its_select_reads(one: Model) -> None:
    declared = {f"{item.table.schema}.{item.table.name}": item.table for item in MODELS}
    declared |= {f"{table.schema}.{table.name}": table for table in model.metadata.sorted_tables}
    text = str(one.select(context()).compile(dialect=postgresql.dialect()))
    assert {name for name in declared if f"{name}." in text or f"{name} " in text or f"{name}\n" in text or f"{name})" in text} == set(
        one.reads
    )


@pytest.mark.parametrize("one", MODELS, ids=[one.name for one in MODELS])
def test_each_table_and_its_columns_come_from_the_select(one: Model) -> None:
    assert one.table.comment
    assert set(one.select(context()).subquery().columns.keys()) == set(one.table.columns.keys())


def test_every_number_of_the_method_says_where_it_comes_from() -> None:
    assert [name for name, entry in entries().items() if entry.get("origin", "")[:1] not in ("S", "O")] == []
