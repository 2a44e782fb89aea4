"""Change tracking: the walk, the delta link, deletes, what is refused, what dies, and what a walk may lose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sandbox.dataverse.readkit import LOOKUP, Reader, guid, reading

TRACK = "odata.track-changes"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path / "state") as made:
        yield made


def changed(page: dict[str, Any]) -> list[str]:
    return [row["accountid"] for row in page["value"] if "accountid" in row]


def removed(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["value"] if "reason" in row]


def start(reader: Reader, **options: Any) -> str:
    """A delta link."""
    link: str = reader.json("accounts", TRACK, **(options or {"select": "name"}))["@odata.deltaLink"]
    return link


def test_the_link_comes_with_the_last_page_only(reader: Reader) -> None:
    page = reader.json("accounts", f"{TRACK},odata.maxpagesize=4", select="name")
    assert "@odata.deltaLink" not in page
    rest = reader.follow(page["@odata.nextLink"], f"{TRACK},odata.maxpagesize=4")
    assert "@odata.nextLink" not in rest
    assert changed(page) + changed(rest) == [guid(number) for number in range(7)]
    assert "$deltatoken=" in rest["@odata.deltaLink"]


def test_a_quiet_delta_is_empty_and_gives_a_new_link(reader: Reader) -> None:
    quiet = reader.follow(start(reader))
    assert quiet["value"] == []
    assert quiet["@odata.context"].endswith("$metadata#accounts(name)/$delta")
    assert reader.follow(quiet["@odata.deltaLink"])["value"] == []


def test_changes_come_by_version_and_then_deletes_with_id_and_reason(reader: Reader) -> None:
    link = start(reader)
    for number in (5, 2, 3):
        reader.update("account", number, name="new")
    reader.delete("account", 1, 3)
    delta = reader.follow(link)
    assert changed(delta) == [guid(5), guid(2)]
    assert removed(delta) == [guid(1), guid(3)]
    gone = delta["value"][-1]
    assert gone.pop("@odata.context").endswith("$metadata#accounts/$deletedEntity")
    assert gone == {"id": guid(3), "reason": "deleted"}
    assert reader.follow(delta["@odata.deltaLink"])["value"] == []


def test_a_row_made_and_deleted_in_between_is_still_reported_as_deleted(reader: Reader) -> None:
    link = start(reader)
    reader.insert("account", accountid=guid(50), name="brief")
    reader.delete("account", 50)
    assert removed(reader.follow(link)) == [guid(50)]


def test_the_selected_columns_are_baked_into_the_link_and_annotations_are_honoured(reader: Reader) -> None:
    link = start(reader, select="_ownerid_value")
    reader.update("account", 1, name="new")
    row = reader.follow(link, f'odata.include-annotations="{LOOKUP}"')["value"][0]
    assert set(row) == {"@odata.etag", "_ownerid_value", f"_ownerid_value@{LOOKUP}", "accountid"}


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_a_delta_in_pages_loses_nothing_although_rows_keep_changing(reader: Reader, size: int) -> None:
    link, prefer = start(reader), f"odata.maxpagesize={size}"
    for number in (1, 2, 3):
        reader.update("account", number, name="new")
    reader.delete("account", 5, 6)
    page, seen, gone = reader.follow(link, prefer), [], []
    reader.update("account", 1, name="newer")
    reader.delete("account", 4)
    for _ in range(10):
        seen, gone = seen + changed(page), gone + removed(page)
        if "@odata.nextLink" not in page:
            break
        page = reader.follow(page["@odata.nextLink"], prefer)
    after = reader.follow(page["@odata.deltaLink"])
    assert set(seen) | set(changed(after)) == {guid(1), guid(2), guid(3)}
    assert sorted(gone + removed(after)) == [guid(4), guid(5), guid(6)]


def test_a_change_behind_the_cursor_of_a_long_walk_is_lost_unless_the_link_was_taken_first(reader: Reader) -> None:
    def walk_and_change() -> list[str]:
        page = reader.json("accounts", f"{TRACK},odata.maxpagesize=4", select="name")
        reader.update("account", 0, name="changed in mid-walk")
        last = reader.follow(page["@odata.nextLink"], f"{TRACK},odata.maxpagesize=4")
        return changed(reader.follow(last["@odata.deltaLink"]))

    assert walk_and_change() == []
    reader.env.api.stamp_first_page = True
    assert walk_and_change() == [guid(0)]


def test_a_delta_can_be_counted(reader: Reader) -> None:
    link = start(reader)
    reader.update("account", 1, name="new")
    reader.delete("account", 2)
    assert reader.get(link.replace("/accounts?", "/accounts/$count?")).text == "2"


@pytest.mark.parametrize(
    ("option", "value"), [("filter", "statecode eq 0"), ("orderby", "name"), ("expand", "primarycontactid"), ("top", 5)]
)
def test_options_that_change_tracking_does_not_take(reader: Reader, option: str, value: Any) -> None:
    text = f'The "${option}" query parameter isn\'t supported when Change Tracking is enabled.'
    assert reader.refusal("accounts", TRACK, **{option: value}) == (400, "0x80060888", text)


def test_tables_without_change_tracking_say_so(reader: Reader) -> None:
    text = "Entity activityparty isn't enabled for change tracking."
    assert reader.refusal("activityparties", TRACK) == (400, "0x80072491", text)


def test_change_tracking_needs_the_right_to_read_everything(reader: Reader) -> None:
    reader.env.access.restrict(organization_read=False)
    assert reader.refusal("accounts", TRACK)[:2] == (403, "0x80040220")


def test_a_link_dies_after_the_organisations_retention(reader: Reader) -> None:
    link = start(reader)
    reader.store.clock.advance(7 * 86_400 - 60)
    reader.env.client.headers["Authorization"] = f"Bearer {reader.env.tokens.issue()}"
    assert reader.follow(link)["value"] == []
    reader.store.clock.advance(120)
    error = reader.env.client.get(link).json()["error"]
    assert error == {"code": "0x80044352", "message": "Version stamp associated with the client has expired. Please perform a full sync."}


@pytest.mark.parametrize("token", ["", "x", "12", "12!yesterday"])
def test_a_token_nobody_gave_is_refused(reader: Reader, token: str) -> None:
    answer = reader.env.client.get(f"accounts?$select=name&$deltatoken={token}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "0x80040203")
