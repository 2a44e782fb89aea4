"""What was computed on a day stays what it was, whatever arrives later; a late row is visible from its arrival on, and can be listed."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.transforms.history.kit import empty, listed, record, run, says, stood
from tests.transforms.scores.small_company import Company, context
from transforms.history import tables
from transforms.history.revisions import PRESENCE, UNSEEN, revise
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=1, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
PAIRS = ("user_capture", "pair_days", "pair_facts", "pair_intensity", "kappa", "pairs", "person_touches", "people")
READ = (*(f"scores.{name}" for name in PAIRS), "enrichment.contact", "enrichment.lead")
START = dt.date(2026, 5, 1)
COMPANY = Company(
    users={"anna": {}, "bo": {}},
    accounts={"acme": {}},
    people={"ann": {"account_id": "acme"}, "ben": {"account_id": "acme", "key_person": True}, "liz": {"person_kind": "lead"}},
    members=["acme anna"],
)
ENTITIES = ("contact", "lead")
PERSONS = [one for one in score_models() if one.name in READ]
"""As far as people go: what the log alone says."""


@dataclass(frozen=True)
class Arrival:
    """An event and how many days after it its row reached us."""

    day: int
    late: int
    what: str

    @property
    def line(self) -> str:
        return f"{START + dt.timedelta(days=self.day)}T09:00 {self.what}"


arrivals = st.builds(
    Arrival,
    st.integers(0, 40),
    st.one_of(st.just(0), st.integers(1, 40)),
    st.sampled_from(
        ["meeting anna -> ann minutes=30", "email bo <- ben", "email anna -> ann,ben", "call bo -> liz", "meeting bo -> ben,ann"]
    ),
)


def known(events: list[Arrival], day: int) -> Company:
    """The company as it shows on a day: the events whose rows have arrived."""
    return replace(COMPANY, events=[event.line for event in events if event.day + event.late < day])


def persons(warehouse: DuckDBWarehouse, company: Company, day: str) -> None:
    """Compute the fields of people as of a day."""
    company.fill(warehouse)
    for one in PERSONS:
        one.build(warehouse, context(day))


def date(day: int) -> str:
    return str(START + dt.timedelta(days=day))


def expected(then: dict[str, Any], now: dict[str, Any]) -> set[tuple[str, str]]:
    """(record, field) that differ; a record on one side only differs in its presence."""
    found = {(one, PRESENCE) for one in then.keys() ^ now.keys()}
    for one in then.keys() & now.keys():
        found |= {(one, name) for name, value in then[one].items() if name not in UNSEEN and value != now[one][name]}
    return found


@QUICK
@given(events=st.lists(arrivals, min_size=6, max_size=20), days=st.sets(st.integers(1, 60), min_size=2, max_size=2))
def test_any_day_gives_what_was_computed_on_it_and_the_difference_to_now_can_be_listed(
    opened: DuckDBWarehouse, events: list[Arrival], days: set[int]
) -> None:
    asked, last = min(days), max(days)
    assume(any(event.day < asked <= event.day + event.late < last for event in events))
    empty(opened)
    then: dict[int, dict[str, Any]] = {}
    for day in sorted(days):
        persons(opened, known(events, day), date(day))
        record(opened, date(day))
        then[day] = {entity: says(opened, entity) for entity in ENTITIES}
    for day, computed in then.items():
        assert {entity: stood(opened, date(day), entity) for entity in ENTITIES} == computed
    listed_now = revise(opened, context(date(last)), PERSONS, START + dt.timedelta(days=asked)).to_pylist()
    persons(opened, known(events, last), date(asked))
    now = {entity: says(opened, entity) for entity in ENTITIES}
    for entity in ENTITIES:
        told = {(row["record_id"], row["field"]) for row in listed_now if row["entity"] == entity}
        assert told == expected(then[asked][entity], now[entity])


LATE = Arrival(10, 10, "meeting anna -> ann minutes=30")
FIELDS = ("record_id", "field", "then", "now")


@pytest.fixture(scope="module")
def late(opened: DuckDBWarehouse) -> DuckDBWarehouse:
    """A meeting of the 11th of May whose row came in time for the run of the 22nd, and not for that of the 16th."""
    empty(opened)
    for day in (15, 21):
        run(opened, known([LATE], day), date(day))
    return opened


def test_a_row_that_arrives_late_is_visible_from_its_arrival_on(late: DuckDBWarehouse) -> None:
    seen = {day: stood(late, date(day))["ann"]["last_touch"] for day in (15, 20, 21, 30)}
    assert seen == {15: None, 20: None, 21: dt.date(2026, 5, 11), 30: dt.date(2026, 5, 11)}


def test_what_it_would_have_changed_is_listed_with_both_values_and_nothing_in_use_is_touched(late: DuckDBWarehouse) -> None:
    before = says(late)
    found = revise(late, context(date(21)), score_models(), dt.date.fromisoformat(date(15))).to_pylist()
    touches = [(row["then"], row["now"], row["day"]) for row in found if (row["record_id"], row["field"]) == ("ann", "touches_90d")]
    assert touches == [("0", "1", dt.date.fromisoformat(date(15)))]
    assert {row["entity"] for row in found} == {"contact", "account", "user"}
    assert len(listed(late, tables.revisions, *FIELDS)) == len(found)
    assert says(late) == before
    assert late.columns("past_enrichment", "contact") == []


def test_on_the_day_of_its_arrival_nothing_differs(late: DuckDBWarehouse) -> None:
    assert revise(late, context(date(21)), score_models(), dt.date.fromisoformat(date(21))).num_rows == 0
