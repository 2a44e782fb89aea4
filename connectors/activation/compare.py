"""What was sent against what the CRM holds, column by column over whole tables."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.fields import FieldSpec, column
from connectors.rows import sent_mask

LONG = pa.schema([("record_id", pa.string()), ("field", pa.string()), ("expected", pa.string()), ("actual", pa.string())])


def differences(sent: pa.Table, held: pa.Table, specs: Sequence[FieldSpec]) -> pa.Table:
    """One row per value that differs: record_id, field, expected, actual (as text).

    `sent` has record_id, changed and the columns of `specs`; only changed ones are compared. A blank yes/no equals no: a
    CRM checkbox has no blank. Records missing in `held` are left out, see `missing`.
    """
    position = pc.index_in(sent["record_id"], value_set=held["record_id"].combine_chunks())
    present = pc.is_valid(position)
    sent, position = sent.filter(present), position.filter(present)
    found = [_of_column(sent, held[column(spec)].take(position), spec) for spec in specs]
    return pa.concat_tables([LONG.empty_table(), *found])


def missing(sent: pa.Table, held: pa.Table) -> Any:
    """Record ids that were sent and are not there any more, as a chunked array."""
    return sent["record_id"].filter(pc.invert(pc.is_in(sent["record_id"], value_set=held["record_id"].combine_chunks())))


def _of_column(sent: pa.Table, actual: Any, spec: FieldSpec) -> pa.Table:
    name = column(spec)
    expected: Any = sent[name]
    if spec.kind == "boolean":
        expected, actual = pc.fill_null(expected, False), pc.fill_null(actual, False)
    if spec.kind == "number":
        expected, actual = pc.round(expected, spec.decimals), pc.round(actual, spec.decimals)
    same = pc.coalesce(pc.equal(expected, actual), pc.and_(pc.is_null(expected), pc.is_null(actual)))
    wrong = pc.and_(sent_mask(sent["changed"], name), pc.invert(same))
    ids = sent["record_id"].filter(wrong)
    texts = [values.filter(wrong).cast(pa.string()) for values in (expected, actual)]
    return pa.table([ids, pa.repeat(name, len(ids)), *texts], schema=LONG)
