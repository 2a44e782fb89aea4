"""`$batch`: updates of single rows in one request, carried out one after another, with a verdict for each.

For tables that have no UpdateMultiple, and for what is left of a request of many that failed: fewer requests than halving down to
single rows. Every part says `If-Match: *`, so a row that is gone is refused and never made anew. Parts go on after an error; none is
in a change set. An answer belongs to the row whose Content-ID it carries, or to the one at its place where it carries none and all
are there, and its own address of the row must not say otherwise.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from connectors.contract import RowResult
from connectors.dynamics import payload
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.faults import DEADLOCK, FORBIDDEN_CODES, LIMIT_CODES, SQL_TIMEOUT, TooHeavy, code_and_text
from connectors.dynamics.payload import Target
from connectors.errors import RequestRejected
from connectors.results import RowResults

MOST_ROWS: Final = 50
ROUNDS: Final = 5
FIRST_PAUSE: Final = 0.2
NO_VERDICT: Final = "NO_VERDICT"
NO_RIGHT: Final = "INSUFFICIENT_ACCESS"
"""Code of a row we lack a right on, the same for every CRM; the message keeps Dataverse's own."""
AGAIN: Final = frozenset({NO_VERDICT, DEADLOCK, SQL_TIMEOUT, *LIMIT_CODES})
_HEADERS: Final = {"Prefer": "odata.continue-on-error"}


@dataclass(frozen=True)
class Answer:
    """The answer of one part: the row's id where it says one, and its Content-ID."""

    status: int
    content_id: str
    record_id: str
    code: str
    message: str


def update(client: DynamicsClient, target: Target, made: pa.Table) -> pa.Table:
    """Update the rows of `payload.bodies`, at most `MOST_ROWS` at once; one verdict per row. Raises CrmError."""
    settled, pending, most = list[RowResult](), made, MOST_ROWS
    for attempt in range(ROUNDS):
        if attempt:
            time.sleep(FIRST_PAUSE * 2**attempt)
        verdicts = [result for piece in _pieces(pending, most) for result in _sent(client, target, piece)]
        again = [result.record_id for result in verdicts if result.code in AGAIN and attempt < ROUNDS - 1]
        settled += [result for result in verdicts if result.code not in AGAIN or attempt == ROUNDS - 1]
        pending, most = pending.filter(pc.is_in(pending["record_id"], value_set=pa.array(again, pa.string()))), max(1, most // 2)
        if not again:
            break
    return RowResults.of(settled).table


def _pieces(made: pa.Table, most: int) -> Iterator[pa.Table]:
    return (made.slice(start, most) for start in range(0, made.num_rows, most))


def _sent(client: DynamicsClient, target: Target, piece: pa.Table) -> list[RowResult]:
    """One request; where all of it is refused or too heavy, halves of it down to the row that spoils it."""
    ids = [str(record_id) for record_id in piece["record_id"].to_pylist()]
    boundary = f"batch_{uuid4()}"
    headers = {**_HEADERS, "Content-Type": f"multipart/mixed; boundary={boundary}"}
    try:
        response = client.request("POST", "$batch", content=body(piece, target, client.url(""), boundary), headers=headers)
    except (RequestRejected, TooHeavy) as refusal:
        if len(ids) > 1:
            half = len(ids) // 2
            return [*_sent(client, target, piece.slice(0, half)), *_sent(client, target, piece.slice(half))]
        if isinstance(refusal, TooHeavy):
            raise
        return [RowResult(ids[0], False, refusal.code or "REJECTED", str(refusal))]
    return verdicts(ids, read(response.content, response.headers.get("Content-Type", "")))


def body(made: pa.Table, target: Target, root: str, boundary: str) -> bytes:
    """The text of a batch; lines end in CRLF, addresses are absolute."""
    numbers = pa.array([str(number) for number in range(1, made.num_rows + 1)])
    part = f"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
    line = f"\r\n\r\nPATCH {root}{target.table.entity_set}("
    headers = ") HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n"
    pieces = [part, numbers, line, made["record_id"], headers, *payload.one(made, target), "\r\n"]
    return payload.joined(pieces, "") + f"--{boundary}--\r\n".encode()


def read(content: bytes, content_type: str) -> list[Answer]:
    """The parts of a batch's answer; empty when it is none."""
    whole = BytesParser(policy=policy.HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + content)
    if not whole.is_multipart():
        return []
    found = [_answer(part) for part in whole.walk() if part.get_content_type() == "application/http"]
    return [answer for answer in found if answer is not None]


def verdicts(record_ids: Sequence[str], answers: Sequence[Answer]) -> list[RowResult]:
    """One result per row, `NO_VERDICT` where no answer is certainly its own."""
    named: Mapping[str, Answer] = {answer.content_id: answer for answer in answers if answer.content_id}
    placed = len(answers) == len(record_ids) and not named
    found = [answers[place] if placed else named.get(str(place + 1)) for place in range(len(record_ids))]
    return [_verdict(record_id, answer) for record_id, answer in zip(record_ids, found, strict=True)]


def _verdict(record_id: str, answer: Answer | None) -> RowResult:
    if answer is None or (answer.record_id and answer.record_id != record_id.lower()):
        return RowResult(record_id, False, NO_VERDICT, "Dataverse gave no verdict on this row")
    if answer.status < 400:
        return RowResult(record_id, True)
    if answer.status == 403 or answer.code in FORBIDDEN_CODES:
        return RowResult(record_id, False, NO_RIGHT, f"{answer.code} {answer.message}".strip())
    return RowResult(record_id, False, answer.code or _code(answer.status), answer.message)


def _code(status: int) -> str:
    """Of an answer without one; the service's own troubles are asked about again."""
    return NO_VERDICT if status >= 500 or status == 429 else f"HTTP_{status}"


def _answer(part: Message) -> Answer | None:
    raw = part.get_payload(decode=True)
    head, _, rest = (raw if isinstance(raw, bytes) else b"").lstrip().partition(b"\r\n\r\n")
    line, _, lines = head.decode("latin-1").partition("\r\n")
    words = line.split()
    if len(words) < 2 or not words[1].isdigit():
        return None
    headers = {name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in lines.split("\r\n"))}
    code, message = code_and_text(_decoded(rest))
    record_id = headers.get("odata-entityid", "").rstrip(")").rpartition("(")[2].lower()
    return Answer(int(words[1]), str(part.get("Content-ID") or headers.get("content-id", "")), record_id, code, message)


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        return None
