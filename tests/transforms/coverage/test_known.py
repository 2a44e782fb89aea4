"""Already known to us: everybody one of us ever dealt with, by name or address, over the whole history."""

from collections.abc import Iterator

import pytest

from tests.transforms.kit import PEOPLE, World, build, context, needed, open_warehouse
from transforms.coverage.known import known
from transforms.coverage.tables import known_people
from transforms.registry import all_models
from warehouse import DuckDBWarehouse

WORLD = """
User 005old Name=Old IsActive=false Email=old@ours.example
Contact 003eva AccountId=001acme FirstName=Éva LastName=Müller Name="Éva  Müller" Email=Eva.Mueller@acme.example
Contact 003dup AccountId=001acme Email=eva@previous.example IsDeleted=true MasterRecordId=003eva
Contact 003new AccountId=001acme Name="Never Met" Email=never@acme.example
Contact 003zho AccountId=001beta Name=王小明 Email=wang@beta.example
Task 00T1 TaskSubtype=Call WhoId=003eva OwnerId=005old CompletedDateTime=2019-03-01T10:00Z
Task 00T2 TaskSubtype=Call WhoId=003dup OwnerId=005uma CompletedDateTime=2026-05-04T10:00Z
Task 00T3 TaskSubtype=Call WhoId=003zho OwnerId=005udo CompletedDateTime=2026-05-04T10:00Z CallDisposition="No Answer"
"""


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as opened:
        source = World.of(PEOPLE, WORLD).load(opened)
        build(opened, needed(all_models([source]), known_people), context([source]))
        yield opened


def found(warehouse: DuckDBWarehouse, text: str) -> list[tuple[str, str]]:
    return [(row["user_id"], row["person_id"]) for row in known(warehouse, text).to_pylist()]


@pytest.mark.parametrize("text", ["eva", "MULLER", "Müller", " éva  muller ", "mueller@acme", "EVA@previous.example"])
def test_case_accents_spaces_and_the_address_of_a_merged_record_hide_nobody(warehouse: DuckDBWarehouse, text: str) -> None:
    assert found(warehouse, text) == [("005uma", "003eva"), ("005old", "003eva")], "latest contact first, users who left included"


def test_chinese_names_are_found_and_contact_without_an_answer_has_no_date_of_meeting(warehouse: DuckDBWarehouse) -> None:
    (row,) = known(warehouse, "小明").to_pylist()
    assert (row["person_id"], row["last_two_way_s"], row["touches"], row["person_identity"]) == ("003zho", None, 1, "sales_cloud:003zho")


@pytest.mark.parametrize("text", ["", "  ", "never", "%", "_"])
def test_nobody_is_found_by_a_blank_a_wildcard_or_without_contact(warehouse: DuckDBWarehouse, text: str) -> None:
    assert found(warehouse, text) == []


def test_most_limits_what_is_shown(warehouse: DuckDBWarehouse) -> None:
    assert known(warehouse, "eva", most=1).num_rows == 1
