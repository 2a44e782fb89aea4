"""What Salesforce checks in a written cell, as SQL: every field type gives a converted value and the refusals that may come first.

`raw` is the text of the cell; it is null when the cell is left alone and `CLEAR` when it blanks the field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.sandbox.salesforce.cells import CLEAR
from connectors.sandbox.salesforce.incoming import NORMAL
from connectors.sandbox.salesforce.metadata import Field, SObject

Catalog = Mapping[str, SObject]
_EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_OFFSET: Final = r"([+-]\d{2})(\d{2})$"
_NOTHING: Final = 'select null::varchar as "Id", false as deleted where false'
CLEAR_SQL: Final = f"chr({ord(CLEAR)})"


@dataclass(frozen=True)
class Check:
    """A refusal: when `condition` holds the row fails with this code and message (SQL)."""

    condition: str
    code: str
    message: str
    field: str

    def sql(self) -> str:
        """One branch of the CASE that finds a row's first refusal."""
        named = f"[{quoted(self.field)}]" if self.field else "[]::varchar[]"
        return f"when {self.condition} then struct_pack(code := '{self.code}', message := {self.message}, fields := {named})"


@dataclass(frozen=True)
class Cell:
    """A column of the statement: the converted value, and its checks."""

    value: str
    checks: Sequence[Check]


def quoted(text: str) -> str:
    """A SQL text constant."""
    return "'" + text.replace("'", "''") + "'"


def cell(field: Field, raw: str, catalog: Catalog) -> Cell:
    """Value and checks of one field."""
    present = f"{raw} is not null and {raw} <> {CLEAR_SQL}"
    value, checks = _KINDS.get(field.type, _text)(field, raw, catalog)
    guarded = [Check(f"{present} and ({check.condition})", check.code, check.message, check.field) for check in checks]
    return Cell(f"case when {present} then {value} end", [*_blank(field, raw), *guarded])


def _blank(field: Field, raw: str) -> list[Check]:
    if field.nillable:
        return []
    if field.type == "boolean":
        return [
            Check(
                f"{raw} = {CLEAR_SQL}",
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                quoted(f"{field.label}: value not of required type: null"),
                field.name,
            )
        ]
    return [Check(f"{raw} = {CLEAR_SQL}", "REQUIRED_FIELD_MISSING", quoted(f"Required fields are missing: [{field.name}]"), field.name)]


def not_writable(field: Field, raw: str) -> Check:
    """A value for a field that may not be written."""
    text = (
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify that it is"
        " read/write for your profile or permission set."
    )
    return Check(f"{raw} is not null", "INVALID_FIELD_FOR_INSERT_UPDATE", quoted(text), field.name)


Checked = tuple[str, list[Check]]


def _typed(field: Field, raw: str, converted: str) -> Checked:
    message = f"{quoted(f'{field.label}: value not of required type: ')} || {raw}"
    return converted, [Check(f"{converted} is null", "INVALID_TYPE_ON_FIELD_IN_RECORD", message, field.name)]


def _boolean(field: Field, raw: str, _: Catalog) -> Checked:
    return _typed(field, raw, f"case lower({raw}) when 'true' then true when '1' then true when 'false' then false when '0' then false end")


def _integer(field: Field, raw: str, _: Catalog) -> Checked:
    number = f"try_cast({raw} as double)"
    return _typed(field, raw, f"case when {number} = trunc({number}) then try_cast({number} as integer) end")


def _number(field: Field, raw: str, _: Catalog) -> Checked:
    value, checks = _typed(field, raw, f"try_cast({raw} as double)")
    whole = max(field.precision - field.scale, 0)
    message = f"{quoted(f'{field.label}: value outside of valid range on numeric field: ')} || {raw}"
    checks.append(
        Check(
            f"not isfinite({value}) or abs(round({value}, {field.scale})) >= 1e{whole}", "NUMBER_OUTSIDE_VALID_RANGE", message, field.name
        )
    )
    return f"round({value}, {field.scale})", checks


def _date(field: Field, raw: str, _: Catalog) -> Checked:
    return _typed(field, raw, f"try_cast(left({raw}, 10) as date)")


def _datetime(field: Field, raw: str, _: Catalog) -> Checked:
    with_colon = f"regexp_replace({raw}, '{_OFFSET}', '\\1:\\2')"
    return _typed(field, raw, f"try_cast({with_colon} as timestamptz) at time zone 'UTC'")


def _text(field: Field, raw: str, _: Catalog) -> Checked:
    message = f"{quoted(f'{field.label}: data value too large: ')} || left({raw}, 255) || {quoted(f' (max length={field.length})')}"
    too_long = Check(f"length({raw}) > {field.length}", "STRING_TOO_LONG", message, field.name)
    return raw, [too_long] if field.length else []


def _email(field: Field, raw: str, catalog: Catalog) -> Checked:
    value, checks = _text(field, raw, catalog)
    message = f"{quoted(f'{field.label}: invalid email address: ')} || {raw}"
    return value, [*checks, Check(f"not regexp_full_match({raw}, '{_EMAIL}')", "INVALID_EMAIL_ADDRESS", message, field.name)]


def _picklist(field: Field, raw: str, catalog: Catalog) -> Checked:
    value, checks = _text(field, raw, catalog)
    if not field.restricted:
        return value, checks
    known = f"[{', '.join(quoted(item) for item in field.values)}]"
    given = f"string_split({raw}, ';')" if field.type == "multipicklist" else f"[{raw}]"
    message = f"{quoted(f'{field.label}: bad value for restricted picklist field: ')} || {raw}"
    unknown = Check(f"not list_has_all({known}, {given})", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)
    return value, [unknown, *checks]


def _reference(field: Field, raw: str, catalog: Catalog) -> Checked:
    """The id must be one, of an object the field may name, and its record (joined as `f_<Field>`) be there and not in the bin."""
    known = f'i."{NORMAL}{field.name}"'
    prefixes = ", ".join(f"'{target.key_prefix}'" for target in _targets(field, catalog)) or "''"
    wrong_type = f"{quoted(f'{field.label}: id value of incorrect type: ')} || {raw}"
    return known, [
        Check(f"{known} is null", "MALFORMED_ID", wrong_type, field.name),
        Check(f"left({raw}, 3) not in ({prefixes})", "FIELD_INTEGRITY_EXCEPTION", wrong_type, field.name),
        Check(f'"f_{field.name}"."Id" is null', "INVALID_CROSS_REFERENCE_KEY", "'invalid cross reference id'", field.name),
        Check(f'"f_{field.name}".deleted', "ENTITY_IS_DELETED", "'entity is deleted'", field.name),
    ]


def _targets(field: Field, catalog: Catalog) -> list[SObject]:
    return [catalog[name] for name in field.reference_to if name in catalog]


def reference_join(field: Field, catalog: Catalog) -> str:
    """The join that finds the records a reference field names."""
    known = f"{NORMAL}{field.name}"
    rows = " union all ".join(found_rows(target, known) for target in _targets(field, catalog)) or _NOTHING
    return f'left join ({rows}) "f_{field.name}" on "f_{field.name}"."Id" = i."{known}"'


def found_rows(target: SObject, column: str) -> str:
    """Ids (and whether they lie in the bin) of the target's records that the incoming column names."""
    deleted = '"IsDeleted"' if "IsDeleted" in target.fields else "false"
    return f'select "Id", {deleted} as deleted from "{target.table}" where "Id" in (select "{column}" from incoming)'  # noqa: S608


_KINDS: Final[Mapping[str, Callable[[Field, str, Catalog], Checked]]] = {
    "boolean": _boolean,
    "int": _integer,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _datetime,
    "email": _email,
    "picklist": _picklist,
    "multipicklist": _picklist,
    "reference": _reference,
}
