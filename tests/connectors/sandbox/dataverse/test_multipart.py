"""The text of `$batch`, read strictly and written so that a stock MIME parser understands it."""

from email.parser import BytesParser

import pytest

from connectors.sandbox.dataverse.multipart import Answer, BadBatch, ChangeSet, Operation, read, write

TYPE = "multipart/mixed; boundary=batch_1"


def lines(*texts: str) -> bytes:
    return "\r\n".join(texts).encode() + b"\r\n"


HTTP = ("Content-Type: application/http", "Content-Transfer-Encoding: binary")
GET = ("--batch_1", *HTTP, "", "GET /api/data/v9.2/accounts?$top=1 HTTP/1.1", "Accept: application/json", "")
SET = (
    "--batch_1",
    'Content-Type: multipart/mixed; boundary="changeset_1"',
    "",
    "--changeset_1",
    *HTTP,
    "Content-ID: 1",
    "",
    "POST /api/data/v9.2/accounts HTTP/1.1",
    "Content-Type: application/json",
    "",
    '{"name": "Ä"}',
    "--changeset_1",
    *HTTP,
    "Content-ID: 2",
    "",
    "DELETE http://host/api/data/v9.2/accounts(1) HTTP/1.1",
    "If-Match: *",
    "",
    "--changeset_1--",
)


def test_single_requests_and_change_sets_are_read_in_order() -> None:
    parts = read(lines(*GET, *SET, "--batch_1--"), TYPE)
    assert parts[0] == Operation("GET", "/api/data/v9.2/accounts?$top=1", {"accept": "application/json"}, b"")
    assert parts[1] == ChangeSet(
        [
            Operation("POST", "/api/data/v9.2/accounts", {"content-type": "application/json"}, '{"name": "Ä"}'.encode(), "1"),
            Operation("DELETE", "http://host/api/data/v9.2/accounts(1)", {"if-match": "*"}, b"", "2"),
        ]
    )


def test_an_empty_batch_has_no_parts() -> None:
    assert read(lines("--batch_1--"), TYPE) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (lines(*GET, "--batch_1--").replace(b"\r\n", b"\n"), TYPE),
        (lines(*GET), TYPE),
        (lines(*GET, "--batch_1--"), "multipart/mixed"),
        (lines(*GET, "--batch_1--"), "multipart/mixed; boundary=other"),
        (lines("--batch_1", "Content-Type: application/json", "", "GET /x HTTP/1.1", "", "--batch_1--"), TYPE),
        (lines("--batch_1", *HTTP, "", "nonsense", "", "--batch_1--"), TYPE),
        (lines("--batch_1", *HTTP, "", "GET /x HTTP/1.1", "no colon", "", "--batch_1--"), TYPE),
        (lines("--batch_1", *HTTP, "", "POST /x HTTP/1.1", "") + b"\xff\r\n--batch_1--\r\n", "multipart/mixed; boundary=batch_2"),
    ],
    ids=["bare LF", "not closed", "no boundary", "other boundary", "not HTTP", "no request line", "no header", "wrong everything"],
)
def test_a_malformed_batch_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(BadBatch):
        read(body, content_type)


def test_answers_are_multipart_with_change_sets_nested() -> None:
    created = Answer(204, {"OData-EntityId": "http://h/accounts(1)"}, content_id="1")
    body, content_type = write([Answer(200, {"Content-Type": "application/json"}, b"{}"), [created]])
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    single, change_set = message.get_payload()
    assert single.get_payload() == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
    assert change_set.is_multipart()
    assert change_set.get_payload()[0]["Content-ID"] == "1"
    assert change_set.get_payload()[0].get_payload().startswith("HTTP/1.1 204 No Content\r\nOData-EntityId: http://h/accounts(1)\r\n")
