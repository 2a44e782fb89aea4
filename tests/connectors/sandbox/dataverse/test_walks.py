"""Next links: a page is what a fresh query after the last key gives, whoever wrote, read or changed the page size in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.dataverse import walks
from connectors.sandbox.dataverse.walks import Place, Walk, Walks
from tests.connectors.sandbox.dataverse.readkit import Reader, reading

ROWS = 97
EVERY = Walk("task t", "true", "t.activityid")
FEW = Walk("task t", "t.percentcomplete < 10", "t.activityid")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path / "state") as made:
        with made.store.write() as cursor:
            cursor.execute(f"insert into task (activityid, subject, percentcomplete) select guid('t', i), 'x', i from range({ROWS}) r(i)")
        yield made


def keys(reader: Reader) -> list[str]:
    return sorted(str(row[0]) for row in reader.store.read("select activityid from task"))


def test_pages_follow_each_other_whatever_their_size(reader: Reader) -> None:
    page = reader.json("tasks", "odata.maxpagesize=10", select="subject")
    seen = [row["activityid"] for row in page["value"]]
    for size in (10, 7, 7, 20, 5000):
        page = reader.follow(page["@odata.nextLink"], f"odata.maxpagesize={size}")
        seen += [row["activityid"] for row in page["value"]]
    assert seen == keys(reader)
    assert "@odata.nextLink" not in page


def test_two_walks_do_not_disturb_each_other(reader: Reader) -> None:
    first, second = (reader.json("tasks", f"odata.maxpagesize={size}", select="subject") for size in (30, 20))
    first = reader.follow(first["@odata.nextLink"], "odata.maxpagesize=30")
    for page in (
        reader.walk(second["@odata.nextLink"], "odata.maxpagesize=20"),
        reader.walk(first["@odata.nextLink"], "odata.maxpagesize=30"),
    ):
        assert page[0][-1]["activityid"] == keys(reader)[-1]


def test_what_is_written_in_mid_walk_is_in_the_pages_to_come(reader: Reader) -> None:
    page = reader.json("tasks", "odata.maxpagesize=40", select="subject")
    page = reader.follow(page["@odata.nextLink"], "odata.maxpagesize=40")
    rest = keys(reader)[80:]
    made = "ffffffff-0000-4000-8000-000000000000"
    reader.insert("task", activityid=made, subject="new")
    with reader.store.write() as cursor:
        cursor.execute("delete from task where activityid = ?", [rest[0]])
        cursor.execute("update task set subject = 'y' where activityid = ?", [rest[1]])
    found = reader.follow(page["@odata.nextLink"])["value"]
    assert [row["activityid"] for row in found] == [*rest[1:], made]
    assert found[0]["subject"] == "y"


def test_an_order_is_kept_until_somebody_writes_and_the_oldest_goes_first(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, ids = Walks(reader.store), keys(reader)
    place = Place(ids[9], 2, 10)
    kept.following(EVERY, place, 10)
    order = kept._orders[EVERY][1]
    kept.following(FEW, Place("", 1, 10), 10)
    kept.following(EVERY, place, 10)
    assert kept._orders[EVERY][1] is order
    with reader.store.write():
        pass
    kept.following(EVERY, place, 10)
    assert kept._orders[EVERY][1] is not order
    monkeypatch.setattr(walks, "MOST_ROWS", ROWS)
    kept.following(EVERY, place, 10)
    assert list(kept._orders) == [EVERY]


def test_kept_row_ids_are_not_trusted_while_a_commit_may_move_them(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = reader.json("tasks", "odata.maxpagesize=40", select="subject")
    moved = Walks.following
    monkeypatch.setattr(Walks, "following", lambda *asked: moved(*asked)[::-1].copy())
    reader.store.writes += 1
    found = reader.follow(page["@odata.nextLink"], "odata.maxpagesize=40")["value"]
    assert [row["activityid"] for row in found] == keys(reader)[40:80]


def test_a_commit_is_announced_before_it_begins_and_a_rollback_is_none(reader: Reader) -> None:
    before, during = reader.store.writes, []

    class Commit:
        def commit(self) -> None:
            during.append(reader.store.writes)

    reader.store._commit(Commit())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError), reader.store.write():
        raise RuntimeError
    assert (during, reader.store.writes) == ([before + 1], before + 2)
