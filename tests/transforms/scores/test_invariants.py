"""What must hold for any log: the invariants of closeness.md section 3, and the games that must not pay."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.scores.small_company import Company, by_id, context, score, score_pairs
from transforms.enrichment import tables as enrichment
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW, LATER = context("2026-06-15T07:00"), context("2026-06-29T19:30")
USERS, PEOPLE = ("anna", "bo", "cy"), ("kim", "lee", "ada")
SLACK = 1e-9


@st.composite
def event(draw: st.DrawFn) -> str:
    """One event of one of three users with one of three people, within 18 months before NOW."""
    month, day, hour = draw(st.integers(0, 17)), draw(st.integers(1, 28)), draw(st.integers(0, 6))
    when = f"{2025 + month // 12}-{month % 12 + 1:02}-{min(day, 14):02}T{hour:02}:30"
    user = draw(st.sampled_from(USERS))
    person, size = draw(st.sampled_from(PEOPLE)), draw(st.integers(1, 9))
    kinds = [
        f"meeting {user} -> {person} minutes={draw(st.integers(0, 240))} outside={size}",
        f"call {user} -> {person}",
        f"call {user} -> {person} unanswered",
        f"email {user} -> {person} recipients={size}",
        f"email {user} <- {person} recipients={size} cc",
    ]
    return f"{when} {draw(st.sampled_from(kinds))}"


@st.composite
def two_way_event(draw: st.DrawFn) -> str:
    return draw(event().filter(lambda line: "meeting" in line or "<-" in line or line.endswith(PEOPLE)))


def company(*events: str) -> Company:
    return Company(users={name: {} for name in USERS}, people={name: {} for name in PEOPLE}, events=events)


@QUICK
@given(events=st.lists(event(), min_size=10, max_size=60), extra=st.lists(two_way_event(), min_size=1, max_size=6))
def test_added_two_way_events_never_lower_a_pair(warehouse: DuckDBWarehouse, events: list[str], extra: list[str]) -> None:
    before = score_pairs(warehouse, company(*events), NOW)
    after = score_pairs(warehouse, company(*events, *extra), NOW)
    assert all(after[pair]["closeness"] >= row["closeness"] - SLACK for pair, row in before.items())


@QUICK
@given(events=st.lists(event(), min_size=10, max_size=60))
def test_silence_never_raises_a_pair(warehouse: DuckDBWarehouse, events: list[str]) -> None:
    before = score_pairs(warehouse, company(*events), NOW)
    after = score_pairs(warehouse, company(*events), LATER)
    assert all(after[pair]["closeness"] <= row["closeness"] + SLACK for pair, row in before.items())


@QUICK
@given(events=st.lists(event(), min_size=4, max_size=16), data=st.data())
def test_order_and_duplicates_change_nothing(warehouse: DuckDBWarehouse, events: list[str], data: st.DataObject) -> None:
    before = score_pairs(warehouse, company(*events), NOW)
    shuffled = data.draw(st.permutations([*events, *events]))
    after = score_pairs(warehouse, company(*shuffled), NOW)
    assert {pair: round(row["closeness"], 9) for pair, row in after.items()} == {
        pair: round(row["closeness"], 9) for pair, row in before.items()
    }


@QUICK
@given(events=st.lists(event(), min_size=4, max_size=16), future=st.integers(0, 9))
def test_future_events_change_nothing_at_all(warehouse: DuckDBWarehouse, events: list[str], future: int) -> None:
    ahead = [f"2026-06-15T07:00:01 meeting anna -> {name}" for name in PEOPLE] * future + ["2027-01-01 email anna <- kim"]
    before = score_pairs(warehouse, company(*events), NOW)
    assert score_pairs(warehouse, company(*events, *ahead), NOW) == before


def test_what_was_computed_on_a_day_is_what_a_trend_finds_for_that_day(warehouse: DuckDBWarehouse) -> None:
    events = ["2026-05-10T09:00 meeting anna -> kim", "2026-05-16T07:00 email anna <- kim", "2026-06-10 call anna -> kim"]
    today = score_pairs(warehouse, company(*events), NOW)["anna", "kim"]
    then = score_pairs(warehouse, company(*events), replace(NOW, as_of=NOW.as_of - 30 * 86_400))["anna", "kim"]
    assert abs(today["ratio_month"] - then["ratio_now"]) < SLACK


def game(warehouse: DuckDBWarehouse, *events: str) -> dict[str, object]:
    """The contact's fields after a game, in a company whose inbound mail is captured."""
    honest = [f"2026-06-0{day} email anna {way} ada" for day in range(1, 9) for way in ("->", "<-")]
    score(warehouse, company(*honest, *events), NOW, enrichment.contact)
    return by_id(warehouse, enrichment.contact)["kim"]


def test_fifty_unanswered_mails_do_not_pay(warehouse: DuckDBWarehouse) -> None:
    mails = [f"2026-{month:02}-{day:02} email anna -> kim" for month in (4, 5) for day in range(1, 26)]
    contact = game(warehouse, *mails)
    assert (contact["interaction_level"], contact["touches_90d"]) == ("No contact", 50)
    assert contact["closeness"] == 8.3
    assert contact["closeness_grade"] == "Poor"


def test_one_mail_to_many_hardly_counts(warehouse: DuckDBWarehouse) -> None:
    contact = game(warehouse, "2026-06-14 email anna -> kim recipients=500")
    assert contact["closeness"] == 0.0
    assert contact["interaction_level"] == "No contact"


def test_thirty_one_line_replies_in_a_day_are_one_contact_day(warehouse: DuckDBWarehouse) -> None:
    replies = [f"2026-06-14T{minute // 4:02}:{minute % 4}0 email anna <- kim" for minute in range(30)]
    contact = game(warehouse, *replies)
    assert (contact["contact_days_90d"], contact["interaction_level"]) == (1, "Occasional")
    assert contact["closeness_grade"] == "Poor"


def test_a_meeting_one_invited_oneself_to_ten_times_a_day_is_one(warehouse: DuckDBWarehouse) -> None:
    once = game(warehouse, "2026-06-14T06:00 meeting anna -> kim minutes=30")
    often = game(warehouse, *(f"2026-06-14T0{hour % 7}:{hour}0 meeting anna -> kim minutes=30" for hour in range(6)))
    assert often["closeness"] == once["closeness"]
