"""Any statement put together from valid parts compiles, runs, and agrees with what its parts mean."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox.salesforce.metadata import Field
from connectors.sandbox.salesforce.schema import SOBJECTS
from connectors.sandbox.salesforce.soql.values import family
from tests.connectors.sandbox.orgkit import Org, new_org

OBJECTS = ("Account", "Contact", "Lead", "User", "Opportunity", "Task", "Event", "EmailMessage", "EventRelation")
COMPARATORS = {"text": ("=", "!=", "<", ">=", "LIKE"), "id": ("=", "!="), "boolean": ("=", "!=")}
ORDERED = ("=", "!=", "<", "<=", ">", ">=")
TEXT = st.text("abzÄ中%_ \\'\"\n", max_size=5)
SLOW = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with new_org(tmp_path_factory.mktemp("org")) as made:
        made.create("Account", *({"Name": name, "AnnualRevenue": size} for name, size in (("a", 1), ("B", None), ("中%_", 3))))
        yield made


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def literal(field: Field) -> st.SearchStrategy[str]:
    number = st.integers(-1000, 1000).map(str)
    return {
        "text": TEXT.map(quoted),
        "id": st.just("'001000000000001AAA'"),
        "boolean": st.sampled_from(["true", "FALSE"]),
        "number": number,
        "date": st.one_of(st.dates().map(str), st.sampled_from(["TODAY", "LAST_N_DAYS:30", "next_year"])).filter(
            lambda text: len(text) > 3
        ),
        "datetime": st.one_of(st.just("2024-01-01T00:00:00Z"), st.sampled_from(["THIS_MONTH", "N_WEEKS_AGO:2"])),
    }[family(field)]


@st.composite
def comparisons(draw: st.DrawFn, fields: list[Field]) -> str:
    field = draw(st.sampled_from(fields))
    shape = draw(st.sampled_from(["compare", "null", "in"]))
    if shape == "null":
        return f"{field.name} {draw(st.sampled_from(['=', '!=']))} null"
    if shape == "in":
        values = ", ".join(draw(st.lists(literal(field), min_size=1, max_size=3)))
        listed = f"{field.name} {draw(st.sampled_from(['IN', 'not in']))} ({values})"
        return listed if family(field) not in ("date", "datetime") else f"{field.name} != null"
    return f"{field.name} {draw(st.sampled_from(COMPARATORS.get(family(field), ORDERED)))} {draw(literal(field))}"


def conditions(fields: list[Field]) -> st.SearchStrategy[str]:
    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        both = st.tuples(st.lists(inner, min_size=2, max_size=3), st.sampled_from([" AND ", " or "]))
        return st.one_of(both.map(lambda parts: "(" + parts[1].join(parts[0]) + ")"), inner.map(lambda text: f"(NOT {text})"))

    return st.recursive(comparisons(fields), joined, max_leaves=5)


@st.composite
def statements(draw: st.DrawFn) -> str:
    declared = SOBJECTS[draw(st.sampled_from(OBJECTS))]
    filterable = [field for field in declared.fields.values() if field.filterable and field.type != "multipicklist"]
    names = draw(st.lists(st.sampled_from(sorted(declared.fields)), min_size=1, max_size=4, unique=True))
    where = draw(st.one_of(st.just(""), conditions(filterable).map(lambda text: f" WHERE {text}")))
    sortable = sorted(field.name for field in declared.fields.values() if field.sortable)
    order = draw(st.one_of(st.just(""), st.sampled_from(sortable).map(lambda name: f" ORDER BY {name} DESC NULLS LAST")))
    limit = draw(st.one_of(st.just(""), st.integers(0, 5).map(lambda number: f" LIMIT {number}")))
    return f"SELECT {', '.join(names)} FROM {declared.name}{where}{order}{limit}"


@SLOW
@given(soql=statements())
def test_any_valid_statement_runs(org: Org, soql: str) -> None:
    compiled = org.compile(soql)
    rows = org.store.arrow(compiled.record_sql, compiled.params)
    assert rows.column_names[-len(compiled.columns) :] == [column.name for column in compiled.columns]


@SLOW
@given(
    condition=conditions([SOBJECTS["Account"].fields[name] for name in ("Name", "AnnualRevenue", "Industry", "IsDeleted", "CreatedDate")])
)
def test_a_condition_and_its_negation_share_no_row_and_miss_none(org: Org, condition: str) -> None:
    kept: set[Any] = set(org.values(f"SELECT Id FROM Account WHERE {condition}"))
    left: set[Any] = set(org.values(f"SELECT Id FROM Account WHERE NOT ({condition})"))
    assert not kept & left
    assert kept | left == set(org.values("SELECT Id FROM Account"))


@SLOW
@given(text=TEXT)
def test_any_text_is_found_again_by_equality(org: Org, text: str) -> None:
    found = org.select(f"SELECT Id FROM Account WHERE Name = {quoted(text)}")
    assert len(found) == sum(name.lower() == text.lower() for name in ("a", "B", "中%_"))
