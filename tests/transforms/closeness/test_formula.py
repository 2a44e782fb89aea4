"""The score of an event log against the formula written out plainly, and its terms one by one."""

import math
import random
from pathlib import Path

import pytest

from tests.transforms.closeness.kit import AS_OF, events, pairs, run, scored, seconds
from tests.transforms.closeness.plain import Plain
from transforms.method import load
from warehouse import DuckDBWarehouse

PEOPLE = ("ann", "bob", "cat", "dan", "eve", "fay")
ANN_BOB = ("ann", "bob")


def random_log(seed: int, one_way: bool) -> list[dict[str, str]]:
    """Mails to several, meetings of several, texts, calls, missed calls and some rows twice."""
    dice, rows = random.Random(seed), []
    for number in range(dice.randint(2, 40)):
        src, *others = dice.sample(PEOPLE, dice.randint(2, 5))
        if one_way:
            src, others = "zoe", [*others, src]
        channel = dice.choice(
            ("email", "email", "sms", "missed_call") if one_way else ("email", "email", "meeting", "call", "missed_call", "sms", "")
        )
        ts = f"2026-0{dice.randint(1, 5)}-{dice.randint(1, 9):02}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00+00:00"
        message = f"m{number}" if dice.random() < 0.7 else ""
        size = dice.choice(("", str(len(others)), "12"))
        for dst in others if channel in ("email", "meeting", "") else others[:1]:
            duration = str(dice.choice((20, 600, 5400, 40000))) if channel == "meeting" and dice.random() < 0.8 else ""
            row = {"src": src, "dst": dst, "ts": ts, "channel": channel, "msg_id": message, "n_rcpt": size, "duration_s": duration}
            rows += [row] * dice.choice((1, 1, 1, 2))
    return rows


@pytest.mark.parametrize(("seed", "one_way"), [(1, False), (2, False), (3, False), (4, False), (5, True)])
def test_every_pair_scores_as_the_plain_formula_says(warehouse: DuckDBWarehouse, tmp_path: Path, seed: int, one_way: bool) -> None:
    rows = random_log(seed, one_way)
    found = {pair: row["intensity"] for pair, row in scored(warehouse, tmp_path, rows).items()}
    expected = Plain(rows, seconds(AS_OF), load().values).intensity()
    assert found == {pair: pytest.approx(value, rel=1e-9) for pair, value in expected.items()}


def test_closeness_is_intensity_on_the_scale_that_is_told(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    done = run(warehouse, tmp_path, "2026-05-01T10:00Z ann bob\n2026-05-02T10:00Z bob ann")
    row = pairs(tmp_path)[ANN_BOB]
    assert (done.kappa, done.origin) == (8, "default")
    assert row["closeness"] == pytest.approx(100 * (1 - 2 ** (-row["intensity"] / 8)))


def test_a_young_log_has_its_age_as_half_life_and_an_old_one_that_of_the_method(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    assert run(warehouse, tmp_path, "2026-05-12T00:00Z ann bob").half_life_days == 20
    assert run(warehouse, tmp_path, "2020-05-12T00:00Z ann bob").half_life_days == 90
    assert run(warehouse, tmp_path, "2026-05-31T23:00Z ann bob").half_life_days == 1


def test_silence_does_not_move_the_scale(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    rows = "\n".join(f"2026-02-{day:02}T10:00Z p{day} q{day}\n2026-03-{day:02}T10:00Z q{day} p{day}" for day in range(1, 26))
    now, later = run(warehouse, tmp_path, rows, "2026-03-30T00:00+00:00"), run(warehouse, tmp_path, rows, "2026-09-30T00:00+00:00")
    assert now.origin == "as_of"
    assert later.kappa >= now.kappa


def test_what_two_do_not_share_with_many_counts_more(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    exchange = "2026-05-01T10:00Z {0} {1}\n2026-05-02T10:00Z {1} {0}\n"
    found = scored(warehouse, tmp_path, "".join(exchange.format(*pair) for pair in (("ann", "bob"), ("cat", "dan"), ("cat", "eve"))))
    assert found["cat", "dan"]["intensity"] == pytest.approx(found[ANN_BOB]["intensity"] / 2**0.4)


def test_being_addressed_together_deepens_a_contact_and_makes_none(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    mails = "2026-05-03T10:00Z cat ann n_rcpt=2 msg_id=1\n2026-05-03T10:00Z cat bob n_rcpt=2 msg_id=1\n"
    found = scored(warehouse, tmp_path, mails)
    assert ANN_BOB not in found
    both = scored(warehouse, tmp_path, mails + "2026-05-03T11:00Z ann bob\n2026-05-03T12:00Z bob ann")
    apart = (
        mails.replace("cat bob", "cat dan") + "2026-05-03T11:00Z ann bob\n2026-05-03T12:00Z bob ann\n2026-05-03T10:00Z cat bob n_rcpt=11"
    )
    assert both[ANN_BOB]["intensity"] > scored(warehouse, tmp_path, apart)[ANN_BOB]["intensity"]


def test_time_of_a_day_adds_up_and_a_long_contact_beats_many_short_ones(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    short = "".join(f"2026-05-01T{hour:02}:00Z ann bob meeting duration_s=60\n" for hour in range(9, 12))
    found = scored(warehouse, tmp_path, short + "2026-05-01T10:00Z cat dan meeting duration_s=3600")
    assert found["cat", "dan"]["intensity"] > 3 * found[ANN_BOB]["intensity"]
    once = scored(warehouse, tmp_path, "2026-05-01T10:00Z ann bob meeting duration_s=60")
    assert found[ANN_BOB]["intensity"] / once[ANN_BOB]["intensity"] == pytest.approx(3**0.5, rel=0.01)


def test_ten_meetings_of_unknown_length_in_a_day_are_one(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    once = scored(warehouse, tmp_path, "2026-05-01T10:00Z ann bob meeting")[ANN_BOB]["closeness"]
    often = "".join(f"2026-05-01T10:{minute}Z ann bob meeting\n" for minute in range(10, 20))
    assert scored(warehouse, tmp_path, often)[ANN_BOB]["closeness"] == pytest.approx(once, rel=0.001)


def test_unanswered_messages_are_capped_but_keep_their_order(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    fifty = "".join(f"2026-0{month}-{day:02}T10:00Z ann bob\n" for month in (4, 5) for day in range(1, 26))
    thirty = "".join(f"2026-05-{day:02}T10:00Z cat dan\n" for day in range(1, 31))
    found = scored(warehouse, tmp_path, fifty + thirty)
    assert 1 < found["cat", "dan"]["intensity"] < found[ANN_BOB]["intensity"] < 1.01
    assert round(found[ANN_BOB]["closeness"], 1) == 8.3


def test_thirty_replies_of_one_day_are_one_day_of_contact(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    replies = "".join(f"2026-05-31T{hour:02}:{minute}Z bob ann\n" for hour in range(10, 16) for minute in range(10, 60, 10))
    row = scored(warehouse, tmp_path, "2026-05-31T09:00Z ann bob\n" + replies)[ANN_BOB]
    assert (row["touches"], row["contact_days"]) == (31, 1)
    assert row["closeness"] < 25


def test_a_log_of_one_direction_keeps_volume(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    """Nobody can answer in it, so nobody is capped for not answering."""
    rows = "".join(f"2026-05-{day:02}T10:00Z ann p{person}\n" for person in range(10, 20) for day in range(1, 2 * (person - 9) + 1))
    found = scored(warehouse, tmp_path, rows)
    values = [found["ann", f"p{person}"]["intensity"] for person in range(10, 20)]
    assert values == sorted(values)
    assert values[-1] > 8 * values[0]


def test_a_mail_without_count_is_split_over_the_rows_of_its_id(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    said = events("2026-05-01T10:00Z ann bob n_rcpt=2\n2026-05-01T10:00Z ann cat n_rcpt=2")
    shown = events("2026-05-01T10:00Z ann bob msg_id=1\n2026-05-01T10:00Z ann cat msg_id=1")
    one = scored(warehouse, tmp_path, said)[ANN_BOB]["intensity"]
    assert math.isclose(scored(warehouse, tmp_path, shown)[ANN_BOB]["intensity"], one)
