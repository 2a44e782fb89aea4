"""The text of `$batch`: HTTP requests as parts of a multipart body, change sets as multipart bodies inside it, and the answers likewise.

Read as strictly as the real service reads: lines end in CRLF, every body closes its boundary, a part is `application/http`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

_REQUEST_LINE: Final = re.compile(r"([A-Z]+) (\S+)(?: HTTP/1\.1)?")
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


class BadBatch(Exception):
    """The body of a batch cannot be read; the message says where."""


@dataclass(frozen=True)
class Operation:
    """One request of a batch; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    content_id: str | None = None


@dataclass(frozen=True)
class ChangeSet:
    """Requests that succeed or fail together."""

    operations: Sequence[Operation]


@dataclass(frozen=True)
class Answer:
    """The answer of one operation."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_id: str | None = None


def read(body: bytes, content_type: str) -> list[Operation | ChangeSet]:
    """The parts of a batch; raises `BadBatch`."""
    return [_part(part) for part in _parts(body, content_type)]


def _part(part: bytes) -> Operation | ChangeSet:
    headers, content = _headers_and_rest(part)
    content_type = headers.get("content-type", "")
    if content_type.lower().startswith("multipart/mixed"):
        return ChangeSet([_operation(*_headers_and_rest(inner)) for inner in _parts(content, content_type)])
    return _operation(headers, content)


def _operation(headers: Mapping[str, str], content: bytes) -> Operation:
    if not headers.get("content-type", "").lower().startswith("application/http"):
        raise BadBatch("The content type of a batch operation must be application/http")
    line, _, rest = content.lstrip(b"\r\n").partition(b"\r\n")
    match = _REQUEST_LINE.fullmatch(_text(line).strip())
    if match is None:
        raise BadBatch(f"The request line '{_text(line)[:80]}' is invalid: expected method, URL and version")
    own, body = _headers_and_rest(rest)
    return Operation(match[1], match[2], own, body.strip(b"\r\n"), headers.get("content-id") or own.get("content-id"))


def _parts(body: bytes, content_type: str) -> list[bytes]:
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise BadBatch("The content type must be multipart/mixed with a boundary")
    delimiter = b"\r\n--" + match[1].encode()
    _preamble, *parts = (b"\r\n" + body).split(delimiter)
    if not parts or not parts[-1].startswith(b"--"):
        raise BadBatch(f"The boundary '{match[1]}' is not opened and closed on lines of their own that end in CRLF")
    return [part.lstrip(b" \t").removeprefix(b"\r\n") for part in parts[:-1]]


def _headers_and_rest(part: bytes) -> tuple[dict[str, str], bytes]:
    if part.startswith(b"\r\n"):
        return {}, part[2:]
    head, _, rest = part.partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in _text(head).split("\r\n") if line.strip()]
    if any(not colon or "\n" in value for _, colon, value in lines):
        raise BadBatch("A header is invalid: expected 'name: value' and CRLF")
    return {name.strip().lower(): value.strip() for name, _, value in lines}, rest


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadBatch("The body is not UTF-8") from error


def write(answers: Sequence[Answer | Sequence[Answer]]) -> tuple[bytes, str]:
    """Body and content type of a batch's answer; the answers of a change set are a sequence of their own."""
    boundary = f"batchresponse_{uuid.uuid4()}"
    parts = [_single(answer) if isinstance(answer, Answer) else _change_set(answer) for answer in answers]
    return _joined(parts, boundary), f"multipart/mixed; boundary={boundary}"


def _change_set(answers: Sequence[Answer]) -> bytes:
    boundary = f"changesetresponse_{uuid.uuid4()}"
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
    return head.encode() + _joined([_single(answer) for answer in answers], boundary)


def _single(answer: Answer) -> bytes:
    part = {"Content-Type": "application/http", "Content-Transfer-Encoding": "binary"}
    if answer.content_id is not None:
        part["Content-ID"] = answer.content_id
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    return f"{_lines(part)}\r\n{status}{_lines(answer.headers)}\r\n".encode() + answer.body


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _joined(parts: Sequence[bytes], boundary: str) -> bytes:
    return b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
