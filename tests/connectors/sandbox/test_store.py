"""What both halves' stores share: one writer at a time, and one instant per write."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connectors.sandbox.dataverse.store import Store as Dataverse
from connectors.sandbox.salesforce.store import Store as Salesforce
from connectors.sandbox.store import BaseStore

NOW = datetime(2026, 6, 1, 8, 0, 0, 250_000)


@pytest.fixture(scope="module", params=[Salesforce, Dataverse], ids=lambda kind: str(kind.half))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseStore]:
    made: BaseStore = request.param.create(tmp_path_factory.mktemp("state"), NOW)
    yield made
    made.close()


def test_the_instant_of_a_write_is_its_beginning_in_whole_seconds(store: BaseStore) -> None:
    before = store.clock.stamp()
    with store.write():
        given = store.stamp()
        store.clock.advance(60)
        with store.write():
            assert store.stamp() == given
    assert before <= given < store.clock.now()
    assert given.microsecond == 0
    with store.write():
        assert store.stamp() > given


def test_only_a_write_has_an_instant(store: BaseStore) -> None:
    with pytest.raises(RuntimeError, match="only a write"):
        store.stamp()
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    with pytest.raises(RuntimeError, match="only a write"):
        store.stamp()


def test_removing_a_state_leaves_none_of_its_files(store: BaseStore, tmp_path: Path) -> None:
    made = type(store).create(tmp_path, NOW)
    made.close()
    type(store).remove(tmp_path)
    assert list(tmp_path.iterdir()) == []
