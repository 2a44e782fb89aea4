"""Ingest jobs over HTTP: their life, what happens to each row, and the three result sheets."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.connectors.sandbox.kit import finished, ingest, open_job, outcome, refused, rows_of, to_csv

NOBODY = "003000000000000AAA"
SHEETS = ("successfulResults", "failedResults", "unprocessedrecords")


@pytest.fixture(scope="module")
def client(sandbox: Any) -> Iterator[httpx.Client]:
    with sandbox.client() as session:
        yield session


def contacts(client: httpx.Client, number: int, where: str = "") -> list[dict[str, Any]]:
    soql = f"SELECT Id, Title, Department FROM Contact {where} ORDER BY Id LIMIT {number}"
    found: list[dict[str, Any]] = client.get("query", params={"q": soql}).json()["records"]
    return found


def test_a_row_is_written_an_empty_cell_is_left_alone_and_a_marked_one_cleared(client: httpx.Client) -> None:
    written, left, cleared = (row["Id"] for row in contacts(client, 3))
    setup = [{"Id": row, "Title": "Before", "Department": "Old"} for row in (written, left, cleared)]
    ingest(client, "Contact", to_csv(setup))
    changes = [
        {"Id": written, "Title": 'Line 1\nsaid "hi", 关系 🙂', "Department": "New"},
        {"Id": left, "Title": "", "Department": ""},
        {"Id": cleared, "Title": "#N/A", "Department": "New"},
    ]
    job = ingest(client, "Contact", to_csv(changes))
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 0)
    found = {row["Id"]: (row["Title"], row["Department"]) for row in contacts(client, 3)}
    assert found == {written: ('Line 1\nsaid "hi", 关系 🙂', "New"), left: ("Before", "Old"), cleared: (None, "New")}


def test_results_tell_every_row_by_id_in_another_order(client: httpx.Client) -> None:
    *known, other = contacts(client, 21)
    rows = [{"Id": row["Id"], "Title": f"T{number}"} for number, row in enumerate(known)]
    sent = [*rows[:10], {"Id": NOBODY, "Title": "x"}, {"Id": other["Id"][:15], "Title": "y" * 200}, *rows[10:]]
    job = ingest(client, "Contact", to_csv(sent))
    good, bad, rest = (outcome(client, job["id"], name) for name in SHEETS)
    assert list(good[0]) == ["sf__Id", "sf__Created", "Id", "Title"]
    assert list(bad[0]) == ["sf__Id", "sf__Error", "Id", "Title"]
    assert rest == []
    assert {row["sf__Id"]: row["Title"] for row in good} == {row["Id"]: row["Title"] for row in rows}
    assert [row["sf__Id"] for row in good] != [row["Id"] for row in rows]
    assert {row["sf__Created"] for row in good} == {"false"}
    errors = {row["Title"]: row["sf__Error"] for row in bad}
    assert errors["x"].startswith("INVALID_CROSS_REFERENCE_KEY:")
    assert errors["y" * 200].startswith("STRING_TOO_LONG:")
    assert errors["y" * 200].endswith(":Title--")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (22, 2)


def test_result_sheets_are_found_in_any_letter_case(client: httpx.Client) -> None:
    job = ingest(client, "Contact", to_csv([{"Id": NOBODY, "Title": "x"}]))
    for name in ("unprocessedRecords", "unprocessedrecords", "UNPROCESSEDRECORDS", "failedresults"):
        assert client.get(f"jobs/ingest/{job['id']}/{name}").status_code == 200
    assert client.get(f"jobs/ingest/{job['id']}/otherResults").status_code == 404


def test_insert_and_delete_make_and_remove_records(client: httpx.Client) -> None:
    made = ingest(client, "Account", to_csv([{"Name": "Bulk One"}, {"Name": "Bulk Two"}]), "insert")
    created = outcome(client, made["id"], "successfulResults")
    assert {row["sf__Created"] for row in created} == {"true"}
    gone = ingest(client, "Account", to_csv([{"Id": row["sf__Id"]} for row in created]), "delete")
    assert gone["numberRecordsFailed"] == 0
    left = client.get("query", params={"q": "SELECT COUNT() FROM Account WHERE Name LIKE 'Bulk %'"}).json()
    assert left["totalSize"] == 0


def test_upsert_by_id_changes_the_one_that_exists(client: httpx.Client) -> None:
    known = contacts(client, 1)[0]["Id"]
    job = ingest(client, "Contact", to_csv([{"Id": known, "Title": "Upserted"}]), "upsert", externalIdFieldName="Id")
    assert job["externalIdFieldName"] == "Id"
    assert [row["sf__Created"] for row in outcome(client, job["id"], "successfulResults")] == ["false"]
    assert contacts(client, 1)[0]["Title"] == "Upserted"


def test_other_delimiters_and_line_endings_are_read_and_written_back(client: httpx.Client) -> None:
    known = contacts(client, 1)[0]["Id"]
    data = to_csv([{"Id": known, "Title": "a;b"}], delimiter=";", lineterminator="\r\n")
    job = ingest(client, "Contact", data, columnDelimiter="SEMICOLON", lineEnding="CRLF")
    text = client.get(f"jobs/ingest/{job['id']}/successfulResults").text
    assert text == f'"sf__Id";"sf__Created";"Id";"Title"\r\n"{known}";"false";"{known}";"a;b"\r\n'


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"Id,Title\r\n1,x\r\n", "LineEnding"),
        (b"Title\nx\n", "Field name not found : Id"),
        (b"Id,Nothing__c\n1,x\n", "Nothing__c"),
    ],
)
def test_a_file_wrong_as_a_whole_fails_the_job(client: httpx.Client, data: bytes, complaint: str) -> None:
    job = ingest(client, "Contact", data)
    assert job["state"] == "Failed"
    assert complaint in job["errorMessage"]


def test_nothing_is_processed_until_the_job_is_closed(client: httpx.Client) -> None:
    known = contacts(client, 1)[0]
    job_id = open_job(client, "Contact")
    client.put(f"jobs/ingest/{job_id}/batches", content=to_csv([{"Id": known["Id"], "Title": "Never"}]))
    assert client.get(f"jobs/ingest/{job_id}").json()["state"] == "Open"
    assert contacts(client, 1)[0]["Title"] != "Never"
    assert client.patch(f"jobs/ingest/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert outcome(client, job_id, "successfulResults") == []


def test_data_is_uploaded_once_and_only_while_open(client: httpx.Client) -> None:
    job_id, data = open_job(client, "Contact"), to_csv([{"Id": NOBODY, "Title": "x"}])
    assert refused(client.patch(f"jobs/ingest/{job_id}", json={"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert client.put(f"jobs/ingest/{job_id}/batches", content=data).status_code == 201
    assert "multiple contents" in client.put(f"jobs/ingest/{job_id}/batches", content=data).json()[0]["message"]
    client.patch(f"jobs/ingest/{job_id}", json={"state": "UploadComplete"})
    finished(client, "ingest", job_id)
    assert refused(client.put(f"jobs/ingest/{job_id}/batches", content=data)) == (400, "INVALIDJOBSTATE")


def test_delete_answers_204_and_the_job_is_gone(client: httpx.Client) -> None:
    job = ingest(client, "Contact", to_csv([{"Id": NOBODY, "Title": "x"}]))
    deleted = client.delete(f"jobs/ingest/{job['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.get(f"jobs/ingest/{job['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Nothing__c", "operation": "update"}, "INVALIDENTITY"),
        ({"object": "Contact", "operation": "merge"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "update", "contentType": "JSON"}, "INVALIDJOB"),
        ({"operation": "update"}, "INVALIDJOB"),
    ],
)
def test_an_impossible_job_is_refused(client: httpx.Client, body: dict[str, str], code: str) -> None:
    assert refused(client.post("jobs/ingest", json=body)) == (400, code)


def test_rows_over_the_days_batches_are_in_none_of_the_three_sheets(sandbox: Any, client: httpx.Client) -> None:
    rows = [{"Id": row["Id"], "Title": "Limited"} for row in contacts(client, 10)]
    sandbox.post_control("salesforce/limits", {"DailyBulkApiBatches": 0})
    job = ingest(client, "Contact", to_csv(rows))
    sandbox.post_control("salesforce/limits", {"DailyBulkApiBatches": 15_000})
    assert job["state"] == "JobComplete"
    assert [outcome(client, job["id"], name) for name in SHEETS] == [[], [], []]
    assert all(row["Title"] != "Limited" for row in contacts(client, 10))


def test_results_begin_with_their_header_even_when_empty(client: httpx.Client) -> None:
    job = ingest(client, "Contact", to_csv([{"Id": NOBODY, "Title": "x"}]))
    assert client.get(f"jobs/ingest/{job['id']}/successfulResults").text == '"sf__Id","sf__Created","Id","Title"\n'
    assert rows_of(client.get(f"jobs/ingest/{job['id']}/failedResults").text)[0]["Id"] == NOBODY
