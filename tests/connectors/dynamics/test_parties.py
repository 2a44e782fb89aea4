"""Which parties are read again and which are gone, on page files made by hand; and the way by ids over real HTTP."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.dynamics.definitions import VisibleColumn, VisibleTable
from connectors.dynamics.partysets import Early, PartySets
from connectors.dynamics.read import Pages
from connectors.dynamics.specs import CONTACT, EMAIL, PARTY, TableSpec
from connectors.dynamics.state import Mode, ReadPlan, TableState
from connectors.dynamics.tables import TableRead
from connectors.landing.pages import PageNote
from tests.connectors.dynamics.readerkit import extracted
from warehouse import DuckDBWarehouse

SINCE = 100


def visible(spec: TableSpec) -> VisibleTable:
    return VisibleTable(
        spec, f"{spec.name}s", spec.primary_key, tuple(VisibleColumn(item, item.kind) for item in spec.columns), (), (), True
    )


class Sets:
    """Makes page files and asks `PartySets` about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
        self.numbers = iter(range(1_000))

    def pages(self, spec: TableSpec, rows: list[dict[str, Any]]) -> Pages:
        if not rows:
            return Pages()
        path = self.folder / f"{next(self.numbers)}.parquet"
        raw = visible(spec).raw
        pq.write_table(pa.Table.from_pylist([{"is_deleted": False, **row} for row in rows], raw.schema), path)
        return Pages([path], [PageNote(len(rows))])

    def parties(self, *rows: tuple[str, str, str]) -> Pages:
        names = ("activitypartyid", "_activityid_value", "_partyid_value")
        return self.pages(
            PARTY, [{**dict(zip(names, row, strict=True)), "_partyid_type": "contact", "ispartydeleted": False} for row in rows]
        )

    def read(self, spec: TableSpec, mode: Mode, versions: Mapping[str, int], gone: list[str] | None = None, **merged: bool) -> TableRead:
        rows = [{spec.primary_key: key, "versionnumber": version} for key, version in versions.items()]
        rows = [{**row, **({"merged": merged.get(row[spec.primary_key], False)} if spec is CONTACT else {})} for row in rows]
        return TableRead(ReadPlan(visible(spec), "tracked", mode), self.pages(spec, rows), Pages(), gone or [], "", 0.0)

    def stored(self, *rows: tuple[str, str, str]) -> None:
        path = self.parties(*rows).paths[0]
        with self.warehouse.native() as cursor:
            cursor.execute("create schema raw_dyn")
            cursor.execute(f"create table raw_dyn.activityparty as from read_parquet('{path}')")

    def ask(self, mode: Mode, early: Early, *reads: TableRead, fresh: Pages | None = None) -> tuple[set[str], set[str], set[str], set[str]]:
        """Activities read again, activities without parties, ids marked in pages, stored ids marked."""
        state = TableState("host", ()) if mode == "incremental" else None
        found = fresh or Pages()
        pages = sum((known for _, known in early.values() if known), start=Pages()) + found
        with PartySets(self.warehouse, "dyn", ReadPlan(visible(PARTY), "parties", mode, state), early, reads) as sets:
            truth = sets.truth(pages.paths, found.paths)
            stored = set() if truth.changed is None else set(truth.changed.column("activitypartyid").to_pylist())
            return set(sets.again()), set(sets.partless()), set(truth.marked.to_pylist()), stored


@pytest.fixture
def sets(tmp_path: Path) -> Iterator[Sets]:
    made = Sets(tmp_path)
    yield made
    made.warehouse.close()


def test_a_quiet_full_read_needs_nothing_more(sets: Sets) -> None:
    early = {"email": (SINCE, sets.parties(("p1", "a1", "c1"), ("p2", "a2", "c1")))}
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": SINCE})
    assert sets.ask("full", early, emails, sets.read(CONTACT, "full", {"c1": 3})) == (set(), set(), set(), set())


def test_an_activity_newer_than_the_first_page_is_read_again_and_replaces_its_parties(sets: Sets) -> None:
    early = {"email": (SINCE, sets.parties(("p1", "a1", "c1"), ("p2", "a1", "c2"), ("p3", "a2", "c1")))}
    emails = sets.read(EMAIL, "full", {"a1": SINCE + 1, "a2": 7})
    contacts = sets.read(CONTACT, "full", {"c1": 1, "c2": 1})
    again, partless, marked, _ = sets.ask("full", early, emails, contacts, fresh=sets.parties(("p1", "a1", "c1"), ("p9", "a1", "c1")))
    assert (again, partless, marked) == ({"a1"}, set(), {"p2"})


def test_parties_of_activities_that_are_gone_are_gone(sets: Sets) -> None:
    early = {"email": (SINCE, sets.parties(("p1", "a1", "c1"), ("p2", "a2", "c1"), ("p3", "a3", "c1")))}
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": 5}, gone=["a2"])
    assert sets.ask("full", early, emails, sets.read(CONTACT, "full", {"c1": 3}))[2] == {"p2", "p3"}


def test_an_activity_without_parties_is_asked_for_again(sets: Sets) -> None:
    early = {"email": (SINCE, sets.parties(("p1", "a1", "c1")))}
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": 5, "a3": SINCE + 5})
    again, partless, _, _ = sets.ask("full", early, emails, sets.read(CONTACT, "full", {"c1": 3}))
    assert (again, partless) == ({"a3"}, {"a2"})


def test_parties_found_late_were_overlooked_only_if_they_are_older_than_the_first_page(sets: Sets) -> None:
    early = {"email": (SINCE, sets.parties(("p1", "a1", "c1")))}
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": 5})
    rows = [{"activitypartyid": f"p{version}", "_activityid_value": "a2", "versionnumber": version} for version in (SINCE, SINCE + 1)]
    plan = ReadPlan(visible(PARTY), "parties", "full", None)
    with PartySets(sets.warehouse, "dyn", plan, early, [emails]) as found:
        assert [found.overdue(sets.pages(PARTY, [row]).paths) for row in rows] == [1, 0]


def test_activities_of_people_who_left_or_were_merged_meanwhile_are_read_again(sets: Sets) -> None:
    known = sets.parties(("p1", "a1", "deleted"), ("p2", "a2", "merged"), ("p3", "a3", "merged long ago"), ("p4", "a4", "never seen"))
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": 5, "a3": 5, "a4": 5})
    people = {"deleted": 1, "merged": SINCE + 1, "merged long ago": 2}
    contacts = sets.read(CONTACT, "full", people, gone=["deleted"], **{"merged": True, "merged long ago": True})
    assert sets.ask("full", {"email": (SINCE, known)}, emails, contacts)[0] == {"a1", "a2", "a4"}


def test_a_night_reads_the_parties_of_changed_activities_and_replaces_stored_ones(sets: Sets) -> None:
    sets.stored(("p1", "a1", "c1"), ("p2", "a1", "c2"), ("p3", "a2", "c1"), ("p4", "a3", "left"))
    emails = sets.read(EMAIL, "incremental", {"a1": 200}, gone=["a2"])
    contacts = sets.read(CONTACT, "incremental", {}, gone=["left"])
    again, _, marked, stored = sets.ask("incremental", {}, emails, contacts, fresh=sets.parties(("p1", "a1", "c1"), ("p4", "a3", "left")))
    assert (again, marked, stored) == ({"a1", "a3"}, set(), {"p2", "p3"})


def test_where_ranges_are_refused_all_activities_are_read_by_id(sets: Sets) -> None:
    emails = sets.read(EMAIL, "full", {"a1": 5, "a2": 5})
    assert sets.ask("full", {"email": (SINCE, None)}, emails)[:2] == ({"a1", "a2"}, set())


def test_an_environment_that_shows_no_way_to_the_activity_gives_the_same_parties(dynamics: Any, settings_of: Any, tmp_path: Path) -> None:
    dynamics.sandbox.faults({"action": "not_acceptable", "method": "GET", "path": "*/ManyToOneRelationships", "times": 0})
    with extracted(dynamics, settings_of(dynamics), tmp_path) as company:
        company.extract()
        assert dynamics.sandbox.control("GET", "faults").json()["rules"][0]["struck"] == 3
        assert company.held("activityparty") == company.there("activityparty")
