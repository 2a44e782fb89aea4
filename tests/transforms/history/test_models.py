"""The models of time as a whole: built in order, readable by other engines, naming what they read, every table documented."""

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from tests.transforms.scores.small_company import context
from transforms.base import Model
from transforms.history import tables
from transforms.registry import all_models
from transforms.registry_history import history_models

MODELS = history_models()
NAMES = [one.name for one in MODELS]


def test_each_model_is_built_after_all_it_reads() -> None:
    built: set[str] = set()
    for one in all_models([]):
        assert one.name not in NAMES or set(one.reads) <= built, one.name
        built.add(one.name)


def test_every_table_that_is_kept_is_an_asset_but_the_recomputed_past() -> None:
    kept = {f"history.{table.name}" for table in (*tables.metadata.sorted_tables, tables.reviews)}
    assert kept - set(NAMES) == {"history.backfilled"}


@pytest.mark.parametrize("one", MODELS, ids=NAMES)
def test_each_select_gives_the_declared_columns_and_can_be_said_to_another_engine(one: Model) -> None:
    assert one.table.comment
    select = one.select(context())
    assert set(select.subquery().columns.keys()) >= set(one.table.columns.keys())
    assert str(CreateTableAs(select, one.table.name).compile(dialect=postgresql.dialect()))


def test_nothing_of_history_holds_a_name_or_a_text_but_what_is_written_back() -> None:
    personal = {"name", "email", "subject", "title", "description"}
    assert not [column for table in tables.metadata.sorted_tables for column in table.columns if column.name in personal]
