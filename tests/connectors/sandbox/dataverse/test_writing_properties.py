"""Properties of writes: many rows at once end as the same rows one by one; a refusal leaves no trace; versions only rise."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox.dataverse.errors import DataverseError
from connectors.sandbox.dataverse.records import create_many, update_many
from tests.connectors.sandbox.dataverse.writekit import Environment, environment

ROWS = 4
COLUMNS = ("telephone1", "numberofemployees", "creditonhold", "revenue", "industrycode", "statecode", "statuscode")
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "telephone1": st.one_of(st.none(), st.text(max_size=50).filter(lambda text: "\x00" not in text)),
        "numberofemployees": st.one_of(st.none(), st.integers(0, 1_000_000_000)),
        "creditonhold": st.booleans(),
        "revenue": st.one_of(st.none(), st.floats(0, 1e9), st.integers(0, 10)),
        "industrycode": st.one_of(st.none(), st.integers(1, 33)),
        "statecode": st.integers(0, 1),
    },
)
CHANGES = st.lists(st.tuples(st.integers(0, ROWS - 1), CELLS), min_size=1, max_size=8)
Changes = list[tuple[int, dict[str, Any]]]
RELAXED = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


def accounts(env: Environment) -> list[str]:
    return create_many(env.store, env.access, env.store.catalog["account"], [{"name": "p"}] * ROWS)


def update(env: Environment, ids: Sequence[str], changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    update_many(env.store, env.access, env.store.catalog["account"], [(ids[place], cells) for place, cells in changes])


def stored(env: Environment, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    names = ", ".join((*COLUMNS, "revenue_base"))
    return [env.rows(f"select {names} from account where accountid = ?", record_id)[0] for record_id in ids]


@RELAXED
@given(changes=CHANGES)
def test_many_rows_at_once_end_as_the_same_rows_one_by_one(env: Environment, changes: Changes) -> None:
    together, singly = accounts(env), accounts(env)
    update(env, together, changes)
    for change in changes:
        update(env, singly, [change])
    assert stored(env, together) == stored(env, singly)


@RELAXED
@given(changes=CHANGES, place=st.integers(0, 8), bad=st.sampled_from([{"industrycode": 99}, {"nothing": 1}, {"telephone1": "x" * 51}]))
def test_one_refused_row_among_good_ones_leaves_no_trace(env: Environment, changes: Changes, place: int, bad: dict[str, Any]) -> None:
    ids = accounts(env)
    before, version = stored(env, ids), env.store.read("select max(versionnumber) from account")
    with pytest.raises(DataverseError):
        update(env, ids, [*changes[:place], (0, bad), *changes[place:]])
    assert stored(env, ids) == before
    assert env.store.read("select max(versionnumber) from account") == version


@RELAXED
@given(changes=CHANGES)
def test_every_written_row_gets_a_version_above_all_earlier_ones(env: Environment, changes: Changes) -> None:
    ids = accounts(env)
    earlier = env.store.last_version()
    update(env, ids, changes)
    touched = {ids[place] for place, _ in changes}
    versions = {record_id: env.value("account", "versionnumber", record_id) for record_id in ids}
    assert all((versions[record_id] > earlier) == (record_id in touched) for record_id in ids)
    assert len(set(versions.values())) == ROWS
