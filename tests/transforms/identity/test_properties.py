"""Whatever the addresses: SQL and a few plain lines agree, no identity has two records of one CRM, and no order of rows matters."""

from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.identity.kit import CRMS, SOURCES, World, context, groups, rows, store
from transforms.identity import tables as identity
from transforms.identity.people import people_model
from transforms.tables import users
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
ADDRESSES = st.lists(st.sampled_from([f"{letter}@x.example" for letter in "abcdefghij"]), max_size=2, unique=True)
Records = dict[str, list[str]]


@st.composite
def records(draw: st.DrawFn) -> Records:
    """Addresses by record."""
    each = {crm: draw(st.lists(ADDRESSES, min_size=1, max_size=6)) for crm in CRMS}
    return {f"{crm}:r{number}": carried for crm, several in each.items() for number, carried in enumerate(several)}


def world(given: Records, order: list[str] | None = None) -> World:
    return World("\n".join(f"person {name} {','.join(given[name])}" for name in order or given))


def joined(warehouse: DuckDBWarehouse, given: World) -> set[frozenset[str]]:
    """Only `identity.people` is built."""
    given.fill_people(warehouse)
    store(warehouse, users, [])
    people_model(SOURCES).build(warehouse, context())
    return groups(warehouse, identity.people)


def plainly(given: Records) -> set[frozenset[str]]:
    """The rule said without SQL: join over addresses that no CRM has twice, then undo what joins two records of one CRM."""
    carriers = defaultdict(set)
    for name, addresses in given.items():
        for address in addresses:
            carriers[address].add(name)
    together = {name: {name} for name in given}
    for names in carriers.values():
        if len({name.split(":")[0] for name in names}) == len(names):
            whole = set().union(*(together[name] for name in names))
            together |= dict.fromkeys(whole, whole)
    whole_groups = {frozenset(several) for several in together.values() if len(several) > 1}
    return {several for several in whole_groups if len({name.split(":")[0] for name in several}) == len(several)}


@QUICK
@given(given=records())
def test_sql_joins_exactly_what_the_rule_says(warehouse: DuckDBWarehouse, given: Records) -> None:
    found = joined(warehouse, world(given))
    assert found == plainly(given)
    assert all(len({name.split(":")[0] for name in several}) == len(several) for several in found)


@QUICK
@given(given=records(), data=st.data())
def test_the_order_of_rows_changes_nothing(warehouse: DuckDBWarehouse, given: Records, data: st.DataObject) -> None:
    joined(warehouse, world(given))
    before = rows(warehouse, identity.people)
    joined(warehouse, world(given, data.draw(st.permutations(list(given)))))
    assert rows(warehouse, identity.people) == before


@QUICK
@given(given=records())
def test_the_names_of_the_crms_do_not_matter(warehouse: DuckDBWarehouse, given: Records) -> None:
    before = joined(warehouse, world(given))
    other = dict(zip(CRMS, reversed(CRMS), strict=True))

    def renamed(name: str) -> str:
        crm, record_id = name.split(":")
        return f"{other[crm]}:{record_id}"

    assert joined(warehouse, world({renamed(name): carried for name, carried in given.items()})) == {
        frozenset(map(renamed, several)) for several in before
    }
