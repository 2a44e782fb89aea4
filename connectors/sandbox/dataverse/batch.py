"""`$batch`: up to 1,000 requests in one, carried out in order; those of a change set succeed or fail together.

Without `Prefer: odata.continue-on-error` the first failure ends the batch and the whole answer is 400; with it the answer is 200 and
every part has a status of its own. Inside a change set the preference means nothing. A change set holds no GET, names its parts by
Content-ID, and later parts may refer to rows of earlier ones as `$<Content-ID>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import unquote, urlsplit

from connectors.sandbox.dataverse import multipart
from connectors.sandbox.dataverse.api import Answer, Api, Call, Incoming, refused
from connectors.sandbox.dataverse.errors import DataverseError, bad_payload
from connectors.sandbox.dataverse.multipart import BadBatch, ChangeSet, Operation

MOST_OPERATIONS: Final = 1_000
_ROOT: Final = re.compile(r"/api/data/v9\.\d/")
_REFERENCE: Final = re.compile(r"\$(\w+)(?=[/\"(]|$)")
_QUOTED_REFERENCE: Final = re.compile(r'"/?\$(\w+)"')
_NO_BATCH: Final = "$batch"
Part = multipart.Answer | Sequence[multipart.Answer]


class _Failed(Exception):
    """Ends the transaction of a change set; carries the answer of the part that failed."""

    def __init__(self, answer: multipart.Answer) -> None:
        super().__init__()
        self.answer = answer


def register(api: Api) -> None:
    """Serve `$batch`."""
    api.on("POST", "$batch", batch)


def batch(call: Call) -> Answer:
    """POST $batch"""
    parts = _parts(call)
    answers: list[Part] = []
    failed = False
    for part in parts:
        answers.append(_change_set(call, part) if isinstance(part, ChangeSet) else _answered(call, part, {}))
        failed = _is_failure(answers[-1])
        if failed and not call.preferences.continue_on_error:
            break
    body, content_type = multipart.write(answers)
    stopped = failed and not call.preferences.continue_on_error
    return Answer(400 if stopped else 200, body, {"Content-Type": content_type, **call.preferences.headers})


def _parts(call: Call) -> list[Operation | ChangeSet]:
    try:
        parts = multipart.read(call.incoming.body, call.header("content-type") or "")
    except BadBatch as error:
        raise bad_payload(str(error)) from error
    operations = [item for part in parts for item in (part.operations if isinstance(part, ChangeSet) else [part])]
    if len(operations) > MOST_OPERATIONS:
        raise bad_payload(f"The maximum number of '{MOST_OPERATIONS}' operations allowed in a batch message has been exceeded.")
    for part in parts:
        if isinstance(part, ChangeSet):
            _check_change_set(part)
    return parts


def _check_change_set(change_set: ChangeSet) -> None:
    names = [operation.content_id for operation in change_set.operations]
    if None in names or len(set(names)) < len(names):
        raise bad_payload("Every operation of a change set must carry a Content-ID of its own.")
    if any(operation.method in ("GET", "HEAD") for operation in change_set.operations):
        raise bad_payload("A change set must not contain a GET request.")


def _is_failure(part: Part) -> bool:
    answers = [part] if isinstance(part, multipart.Answer) else part
    return any(answer.status >= 400 for answer in answers)


def _change_set(call: Call, change_set: ChangeSet) -> list[multipart.Answer]:
    """All parts in one transaction: their answers, or the answer of the one that failed."""
    made: dict[str, str] = {}
    answers = []
    try:
        with call.store.write():
            for operation in change_set.operations:
                answer = _answered(call, operation, made)
                if answer.status >= 400:
                    raise _Failed(answer)
                made[str(operation.content_id)] = answer.headers.get("OData-EntityId", "")
                answers.append(answer)
    except _Failed as failure:
        return [failure.answer]
    return answers


def _answered(call: Call, operation: Operation, made: Mapping[str, str]) -> multipart.Answer:
    try:
        answer = call.api.dispatch(_incoming(call, operation, made), call.work)
    except DataverseError as refusal:
        answer = refused(refusal)
    return multipart.Answer(answer.status, {**answer.headers, "OData-Version": "4.0"}, answer.body, operation.content_id)


def _incoming(call: Call, operation: Operation, made: Mapping[str, str]) -> Incoming:
    """The request as if it had come alone; its address is absolute, from the host's root, or from the service root."""
    target = urlsplit(_REFERENCE.sub(lambda match: made.get(match[1], match[0]), operation.url, count=1))
    path = unquote(_ROOT.sub("", target.path, count=1)).strip("/")
    if path == _NO_BATCH:
        raise bad_payload("A batch must not contain another batch.")
    body = _QUOTED_REFERENCE.sub(lambda match: f'"{made[match[1]]}"' if match[1] in made else match[0], operation.body.decode())
    return replace(call.incoming, method=operation.method, path=path, query=target.query, headers=operation.headers, body=body.encode())
