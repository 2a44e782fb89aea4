"""sObject Collections: up to 200 records in one call, answered with a verdict per record.

Made for few rows. A success names its record and is matched by id; a failure often names none and then stands at the place
of the record it belongs to, which is believed only where no other answer claims that record. A call that is refused as a
whole is halved until the record that spoils it is alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.contract import RowResult
from connectors.errors import RequestRejected
from connectors.salesforce.client import SalesforceClient

MAX_RECORDS: Final = 200
MAX_RETRIEVED: Final = 2_000
Record = Mapping[str, Any]


def create(client: SalesforceClient, sobject: str, records: Sequence[Record]) -> list[Record]:
    """Insert records; their answers in order (`success`, `id`, `errors`)."""
    made: list[Record] = []
    for batch in _batches(records, MAX_RECORDS):
        made += client.post_json("composite/sobjects", _body(sobject, batch))
    return made


def update(client: SalesforceClient, sobject: str, records: Sequence[Record]) -> list[RowResult]:
    """Update records by `Id`; records the answers say nothing of are left out. Raises CrmError."""
    return [result for batch in _batches(records, MAX_RECORDS) for result in _update_batch(client, sobject, batch)]


def retrieve(client: SalesforceClient, sobject: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
    """The records of `ids` that exist, with `fields`, in no order to rely on."""
    for batch in _batches(ids, MAX_RETRIEVED):
        found = client.post_json(f"composite/sobjects/{sobject}", {"ids": list(batch), "fields": list(fields)})
        yield from (record for record in found if record)


def error_of(answer: Record) -> tuple[str, str]:
    """Code and one line of text of a failed answer."""
    first = (answer.get("errors") or [{}])[0]
    return str(first.get("statusCode") or "UNKNOWN"), " ".join(str(first.get("message") or "").split())


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _body(sobject: str, records: Sequence[Record]) -> dict[str, Any]:
    return {"allOrNone": False, "records": [{"attributes": {"type": sobject}, **record} for record in records]}


def _update_batch(client: SalesforceClient, sobject: str, records: Sequence[Record]) -> list[RowResult]:
    try:
        answers = client.patch_json("composite/sobjects", _body(sobject, records))
    except RequestRejected as refusal:
        if len(records) == 1:
            return [RowResult(records[0]["Id"], False, refusal.code or "REJECTED", str(refusal))]
        middle = len(records) // 2
        return [*_update_batch(client, sobject, records[:middle]), *_update_batch(client, sobject, records[middle:])]
    return list(_verdicts([record["Id"] for record in records], answers))


def _verdicts(ids: Sequence[str], answers: Sequence[Record]) -> Iterator[RowResult]:
    named = {answer["id"][:15]: answer for answer in answers if answer.get("id")}
    placed = dict(zip(ids, answers, strict=True)) if len(ids) == len(answers) else {}
    for record_id in ids:
        answer = named.get(record_id[:15]) or placed.get(record_id, {"id": record_id})
        if record_id[:15] not in named and answer.get("id"):
            continue
        code, message = ("", "") if answer["success"] else error_of(answer)
        yield RowResult(record_id, bool(answer["success"]), code, message)
