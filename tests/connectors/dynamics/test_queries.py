"""Addresses: ranges that meet, ids that fit, one encoding."""

import datetime as dt
from urllib.parse import unquote
from uuid import UUID

from connectors.dynamics.queries import IDS_AT_ONCE, Range, address, among, chunks

JUNE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def test_ranges_meet_without_a_gap_and_an_open_one_still_wants_a_value() -> None:
    assert Range(upper=JUNE).condition("createdon") == "createdon lt 2026-06-01T00:00:00Z"
    assert Range(lower=JUNE).condition("activityid_email/createdon") == "activityid_email/createdon ge 2026-06-01T00:00:00Z"
    assert Range(JUNE, JUNE).condition("c") == "c ge 2026-06-01T00:00:00Z and c lt 2026-06-01T00:00:00Z"
    assert Range().condition("c") == "c ge 1900-01-01T00:00:00Z"


def test_instants_of_another_zone_are_written_in_utc() -> None:
    east = dt.timezone(dt.timedelta(hours=2))
    assert Range(lower=dt.datetime(2026, 6, 1, 2, tzinfo=east)).condition("c") == "c ge 2026-06-01T00:00:00Z"


def test_an_address_is_encoded_once() -> None:
    made = address("contacts", ["contactid", "_ownerid_value"], among("contactid", ["a", "b"]))
    assert '"' not in made
    assert " " not in made
    expected = (
        """contacts?$select=contactid,_ownerid_value&$filter=Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=["a","b"])"""
    )
    assert unquote(made) == expected


def test_without_a_condition_there_is_no_filter() -> None:
    assert address("emails", ["activityid"]) == "emails?$select=activityid"


def test_as_many_ids_as_are_asked_for_at_once_fit_an_address() -> None:
    ids = [str(UUID(int=number)) for number in range(IDS_AT_ONCE)]
    assert len(address("contacts", ["a" * 30] * 60, among("contactid", ids))) < 30_000


def test_chunks_hold_every_id_once() -> None:
    ids = [str(number) for number in range(450)]
    parts = list(chunks(ids, 200))
    assert [len(part) for part in parts] == [200, 200, 50]
    assert [item for part in parts for item in part] == ids
    assert list(chunks([], 200)) == []
