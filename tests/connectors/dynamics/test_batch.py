"""`$batch`: what goes over the wire, and how each answer finds its row or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest
from starlette.responses import JSONResponse, Response

from connectors.dynamics import batch
from connectors.dynamics.batch import NO_VERDICT
from connectors.dynamics.payload import Target
from connectors.results import RowResults
from connectors.sandbox.dataverse import multipart

IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(4)]
USER = Target("user", "gx", {}, {})
ROOT = "https://org.crm.dynamics.com/api/data/v9.2/"
GONE = {"error": {"code": "0x80040217", "message": "Does not exist"}}


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "FIRST_PAUSE", 0.0)


def made(ids: Sequence[str]) -> pa.Table:
    return pa.table({"record_id": ids, "parent_id": ids, "body": [f',"gx_why":"关系 {number}"' for number in range(len(ids))]})


def part(status: int, content_id: str | None = None, record_id: str = "", error: Any = None) -> multipart.Answer:
    headers = {"OData-EntityId": f"{ROOT}systemusers({record_id})"} if record_id else {}
    return multipart.Answer(status, headers, JSONResponse(error).body if error else b"", content_id)


def wire(*parts: multipart.Answer) -> Response:
    body, content_type = multipart.write(parts)
    return Response(body, headers={"Content-Type": content_type})


def ruled(*parts: multipart.Answer, ids: Sequence[str] = IDS[:2]) -> list[tuple[bool, str]]:
    body, content_type = multipart.write(parts)
    return [(result.accepted, result.code) for result in batch.verdicts(ids, batch.read(body, content_type))]


def test_every_part_updates_one_row_that_must_be_there() -> None:
    read = multipart.read(batch.body(made(IDS[:2]), USER, ROOT, "b1"), "multipart/mixed; boundary=b1")
    first, second = read
    assert isinstance(first, multipart.Operation)
    assert (first.method, first.url, first.content_id) == ("PATCH", f"{ROOT}systemusers({IDS[0]})", "1")
    assert first.headers["if-match"] == "*"
    assert first.body.decode() == '{"@odata.type":"Microsoft.Dynamics.CRM.systemuser","gx_why":"关系 0"}'
    assert isinstance(second, multipart.Operation)
    assert second.content_id == "2"


def test_answers_are_matched_by_content_id_in_any_order() -> None:
    assert ruled(part(404, "2", error=GONE), part(204, "1")) == [(True, ""), (False, "0x80040217")]


def test_answers_without_content_id_are_matched_by_place_when_all_are_there() -> None:
    assert ruled(part(204), part(404, error=GONE)) == [(True, ""), (False, "0x80040217")]


def test_a_missing_answer_is_no_verdict_and_takes_nobody_elses() -> None:
    assert ruled(part(204)) == [(False, NO_VERDICT)] * 2
    assert ruled(part(204, "2")) == [(False, NO_VERDICT), (True, "")]


def test_an_answer_about_another_row_is_no_verdict() -> None:
    assert ruled(part(204, "1", IDS[1]), part(204, "2", IDS[1].upper())) == [(False, NO_VERDICT), (True, "")]


def test_a_right_that_is_missing_has_the_code_all_crms_share() -> None:
    refusal = {"error": {"code": "0x80040220", "message": "missing prvWriteUser privilege"}}
    body, content_type = multipart.write([part(403, "1", error=refusal)])
    (result,) = batch.verdicts(IDS[:1], batch.read(body, content_type))
    assert (result.code, result.message) == ("INSUFFICIENT_ACCESS", "0x80040220 missing prvWriteUser privilege")


@pytest.mark.parametrize("content", [b"", b"<html>", b"--x\r\n\r\nnothing\r\n--x--\r\n"])
def test_what_is_no_answer_says_nothing(content: bytes) -> None:
    assert batch.read(content, "multipart/mixed; boundary=x") == []


@pytest.mark.parametrize("trouble", [part(503, "2"), part(500, "2", error={"error": {"code": "0x80044150", "message": "deadlock"}})])
def test_only_rows_in_trouble_are_sent_again(stub: Any, client_of: Callable[..., Any], trouble: multipart.Answer) -> None:
    stub.answers = [wire(part(204, "1"), trouble, part(204, "3")), wire(part(204, "1", IDS[1]))]
    found = batch.update(client_of(stub), USER, made(IDS[:3]))
    assert {result.record_id: result.accepted for result in RowResults(found)} == dict.fromkeys(IDS[:3], True)
    again = multipart.read(stub.seen[1][3], stub.seen[1][2]["content-type"])
    assert [operation.url.rpartition("(")[2].rstrip(")") for operation in again if isinstance(operation, multipart.Operation)] == [IDS[1]]
    assert stub.seen[0][2]["prefer"] == "odata.continue-on-error"


def test_rows_nobody_gives_a_verdict_on_are_rejected_at_last(stub: Any, client_of: Callable[..., Any]) -> None:
    stub.answers = [wire()]
    found = RowResults(batch.update(client_of(stub), USER, made(IDS[:3])))
    assert {result.code for result in found} == {NO_VERDICT}
    assert len(found) == 3


def test_a_batch_refused_as_a_whole_is_halved_until_the_row_that_spoils_it_is_alone(stub: Any, client_of: Callable[..., Any]) -> None:
    refusal = JSONResponse({"error": {"code": "0x80048d19", "message": "payload"}}, 400)

    def answer(request: Any) -> Response:
        operations = multipart.read(stub.seen[-1][3], stub.seen[-1][2]["content-type"])
        urls = [operation.url for operation in operations if isinstance(operation, multipart.Operation)]
        return refusal if any(IDS[2] in url for url in urls) else wire(*(part(204, str(number + 1)) for number in range(len(urls))))

    stub.answers = [answer]
    found = RowResults(batch.update(client_of(stub), USER, made(IDS)))
    assert {result.record_id: result.code for result in found} == {**dict.fromkeys(IDS, ""), IDS[2]: "0x80048d19"}
    assert len(stub.seen) == 5


def test_none_of_the_headers_that_pass_business_logic_by_is_sent(stub: Any, client_of: Callable[..., Any]) -> None:
    stub.answers = [wire(part(204, "1"))]
    batch.update(client_of(stub), USER, made(IDS[:1]))
    _, _, headers, body = stub.seen[0]
    assert not [name for name in headers if name.startswith("mscrm.")]
    assert b"mscrm." not in body.lower()
