"""The closeness formula of a pair, term by term."""

from typing import Any

import pytest

from tests.transforms.scores.small_company import Company, context, score_pairs
from warehouse import DuckDBWarehouse

MEETINGS = ["2026-05-22 meeting anna -> kim,lee minutes=60", "2026-04-22 meeting anna -> kim,lee minutes=60"]
OUT = ["2026-05-27 email anna -> kim", "2026-05-12 email anna -> kim", "2026-04-12 email anna -> kim"]
IN = ["2026-05-28 email anna <- kim", "2026-05-13 email anna <- kim"]
WORKED = context("2026-06-01", {"closeness.half_life_days": 60, "kappa.default": 8})
NO_DECAY = context("2026-06-01", {"closeness.half_life_days": 1e9, "kappa.default": 8})


def company(*events: str, users: int = 2, people: int = 2) -> Company:
    ours = {"anna": {}, "bo": {}} | {f"u{number}": {} for number in range(users)}
    theirs = {"kim": {}, "lee": {}} | {f"p{number}": {} for number in range(people)}
    return Company(users=ours, people=theirs, events=events)


def test_the_published_worked_example(warehouse: DuckDBWarehouse) -> None:
    pair = score_pairs(warehouse, company(*MEETINGS, *OUT, *IN), WORKED)["anna", "kim"]
    assert round(pair["x_out"], 3) == 6.861
    assert round(pair["x_in"], 3) == 6.320
    assert round(pair["intensity"], 3) == 13.176
    assert pair["kappa"] == 8
    assert round(pair["closeness"], 1) == 68.1


def test_outbound_mails_alone_are_held_at_intensity_one(warehouse: DuckDBWarehouse) -> None:
    pair = score_pairs(warehouse, company(*OUT), WORKED)["anna", "kim"]
    assert round(pair["x_out"] / 2, 3) == 1.149
    assert pair["intensity"] == 1
    assert pair["capped"]
    assert round(pair["closeness"], 1) == 8.3


WEIGHTS = [
    ("2026-05-01 meeting anna -> kim", 3, 3),
    ("2026-05-01 meeting anna -> kim minutes=30", 3, 3),
    ("2026-05-01 meeting anna -> kim minutes=120", 4.5, 4.5),
    ("2026-05-01 meeting anna -> kim minutes=0", 1.5, 1.5),
    ("2026-05-01 meeting anna -> kim minutes=30 outside=4", 1.5, 1.5),
    ("2026-05-01 call anna -> kim", 2.5, 2.5),
    ("2026-05-01 call anna -> kim unanswered", 0.25, 0),
    ("2026-05-01 email anna -> kim", 1, 0),
    ("2026-05-01 email anna <- kim", 0, 1),
    ("2026-05-01 email anna -> kim recipients=4", 0.25, 0),
    ("2026-05-01 email anna -> kim recipients=4 cc", 0.1, 0),
]


@pytest.fixture(scope="module")
def weighed(warehouse: DuckDBWarehouse) -> dict[tuple[str, str], dict[str, Any]]:
    """Each event between two people of its own."""
    events = [event.replace("anna", f"u{number}").replace("kim", f"p{number}") for number, (event, *_) in enumerate(WEIGHTS)]
    return score_pairs(warehouse, company(*events, users=len(WEIGHTS), people=len(WEIGHTS)), NO_DECAY)


@pytest.mark.parametrize(("number", "event", "out", "back"), [(number, *case) for number, case in enumerate(WEIGHTS)])
def test_weight_of_one_event_on_each_side(
    weighed: dict[tuple[str, str], dict[str, Any]], number: int, event: str, out: float, back: float
) -> None:
    pair = weighed[f"u{number}", f"p{number}"]
    assert (round(pair["x_out"], 4), round(pair["x_in"], 4)) == (out, back)


def test_a_thread_of_fourteen_mails_is_one_day_of_contact(warehouse: DuckDBWarehouse) -> None:
    thread = [f"2026-05-01T{hour:02}:00 email anna -> kim" for hour in range(14)]
    pair = score_pairs(warehouse, company(*thread, IN[0]), NO_DECAY)["anna", "kim"]
    assert round(pair["x_out"], 4) == 1
    assert (pair["touches"], pair["contact_days"]) == (15, 2)


def test_channels_of_one_day_add_up_and_days_add_up(warehouse: DuckDBWarehouse) -> None:
    events = ["2026-05-01T09:00 meeting anna -> kim", "2026-05-01T10:00 call anna -> kim", "2026-05-02 call anna -> kim"]
    assert round(score_pairs(warehouse, company(*events), NO_DECAY)["anna", "kim"]["x_out"], 4) == 8


def blind_user(people: int) -> Company:
    """anna writes to many and nobody is seen to answer; bo, beside her, is answered."""
    mails = [f"2026-05-01 email anna -> p{number}" for number in range(people)]
    twenty = [f"2026-05-{day:02} email anna -> kim" for day in range(1, 21)]
    return company(*mails, *twenty, "2026-05-01 email bo <- lee", people=people)


def test_inbound_visibly_not_captured_means_plain_sum_and_no_cap(warehouse: DuckDBWarehouse) -> None:
    pair = score_pairs(warehouse, blind_user(9), NO_DECAY)["anna", "kim"]
    assert pair["plain_sum"]
    assert round(pair["intensity"], 3) == 20


def test_fewer_people_written_to_prove_nothing(warehouse: DuckDBWarehouse) -> None:
    pair = score_pairs(warehouse, blind_user(8), NO_DECAY)["anna", "kim"]
    assert not pair["plain_sum"]
    assert pair["intensity"] == 1


def test_an_inbound_share_of_exactly_a_tenth_is_captured(warehouse: DuckDBWarehouse) -> None:
    mails = [f"2026-05-01 email anna -> p{number}" for number in range(18)]
    answers = ["2026-05-02 email anna <- p0", "2026-05-03 email anna <- p0"]
    pairs = score_pairs(warehouse, company(*mails, *answers, people=18), NO_DECAY)
    assert not pairs["anna", "p1"]["plain_sum"]
    assert score_pairs(warehouse, company(*mails, answers[0], people=18), NO_DECAY)["anna", "p1"]["plain_sum"]
