"""Who knows whom in the company: each event once, the formula of one CRM, and nothing else where nothing is shared."""

from collections.abc import Iterator

import pytest

from tests.transforms.identity.kit import Row, World, context, paired, rows, scored
from transforms.company import tables as company
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

RECORDS = """
    user east:uma uma@ours.example
    user west:u1 uma@ours.example
    user west:udo udo@ours.example
    account east:acme
    account west:ac
    account west:beta
    person east:ann ann@acme.example account=east:acme
    person west:a1 ann@acme.example account=west:ac
    person north:a2 ann@acme.example
    person east:bob bob@acme.example account=east:acme
    person west:cat cat@beta.example account=west:beta
    person west:b2 bert@acme.example account=west:ac
"""
LOGGED_TWICE = """
    2026-05-01T10:00:20 meeting east:uma -> east:ann
    2026-05-01T10:00:50 meeting west:u1 -> west:a1
    2026-05-02T11:00 email east:uma <- east:ann mail=<1>
    2026-05-02T11:07 email west:u1 <- west:a1 mail=<1>
    2026-05-03T13:00 email east:uma <- east:ann
    2026-05-03T13:00 email west:u1 <- west:a1 mail=<4>
    2026-05-04T14:00 call east:uma -> east:ann
    2026-05-04T14:00 call east:uma -> east:ann
    2026-05-04T14:00:30 call west:u1 -> west:a1
    2026-05-05T15:00 meeting east:uma -> east:ann,east:bob
    2026-05-05T15:00 meeting west:u1 -> west:a1,west:b2
"""
LOGGED_ONCE = """
    2026-05-06T10:00 call east:uma -> east:ann unanswered
    2026-05-06T10:00 call west:u1 -> west:a1
    2026-05-07T12:00 email east:uma -> east:ann mail=<2>
    2026-05-07T12:00 email west:u1 -> west:a1 mail=<3>
    2026-05-08T09:00:59 meeting east:uma -> east:ann
    2026-05-08T09:01:00 meeting west:u1 -> west:a1
    2026-05-09T10:00 meeting west:udo -> west:a1
    2026-05-10T10:00 meeting west:udo -> west:cat
"""
JOINED = ("touches", "touches_90d", "touches_365d", "contact_days", "two_way_days_365d", "meetings_365d", "first_s", "last_s")
SCORED = ("x_out", "x_in", "intensity", "kappa", "closeness", "ratio_month", "capped", "plain_sum", "level", "last_two_way_s")


@pytest.fixture(scope="module")
def other() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(":memory:") as opened:
        yield opened


@pytest.fixture(scope="module")
def joint(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    scored(warehouse, World(RECORDS, LOGGED_TWICE, LOGGED_ONCE), context())
    return warehouse


def pairs(warehouse: DuckDBWarehouse) -> dict[tuple[str, str], Row]:
    return {(row["user_identity"], row["person_identity"]): row for row in rows(warehouse, company.pairs)}


def test_an_event_that_two_crms_logged_counts_once_and_is_counted_as_doubled(joint: DuckDBWarehouse) -> None:
    pair = pairs(joint)["east:uma", "east:ann"]
    assert (pair["touches"], pair["doubled"], pair["crms"]) == (6 + 6, 5, "east, west")
    assert pairs(joint)["east:uma", "east:bob"]["doubled"] == 0


def test_each_left_out_record_names_the_one_that_counts_and_why(joint: DuckDBWarehouse) -> None:
    left_out = {(row["event_id"], row["repeats"], row["repeat_by"]) for row in rows(joint, company.interactions) if row["repeats"]}
    assert left_out == {
        ("e1", "east:e0", "same minute"),
        ("e3", "east:e2", "message id"),
        ("e5", "east:e4", "same minute"),
        ("e8", "east:e6", "same minute"),
        ("e10", "east:e9", "same minute"),
    }


def test_a_person_is_known_by_the_users_of_all_crms(joint: DuckDBWarehouse) -> None:
    found = {row["identity_id"]: row for row in rows(joint, company.people)}
    ann, cat = found["east:ann"], found["west:cat"]
    assert set(found) == {"east:ann", "east:bob", "west:cat", "west:b2"}
    assert (ann["known_by"], ann["strongest_user"], ann["crms"], ann["doubled"]) == (2, "east:uma", "east, north, west", 5)
    assert (ann["touches_90d"], ann["meetings_365d"]) == (13, 5)
    assert (cat["known_by"], cat["strongest_user"], cat["crms"], cat["touches_90d"]) == (1, "west:udo", "west", 1)


def test_an_account_counts_an_event_of_two_crms_once_even_with_different_people_on_it(joint: DuckDBWarehouse) -> None:
    found = {row["identity_id"]: row for row in rows(joint, company.accounts)}
    assert (found["east:acme"]["touches_90d"], found["east:acme"]["our_people"], found["east:acme"]["doubled"]) == (13, 2, 5)
    assert (found["west:beta"]["touches_90d"], found["west:beta"]["our_people"], found["west:beta"]["crms"]) == (1, 1, "west")


def test_a_pair_is_scored_as_if_one_crm_had_logged_all(joint: DuckDBWarehouse, other: DuckDBWarehouse) -> None:
    first = [line for line in LOGGED_TWICE.splitlines() if "west" not in line]
    one_log = "\n".join([*first, LOGGED_ONCE]).replace("west:u1", "east:uma").replace("west:a1", "east:ann")
    paired(other, World(RECORDS, one_log), context(across=False))
    alone = next(row for row in rows(other, scores.pairs) if (row["user_id"], row["person_id"]) == ("uma", "ann"))
    pair = pairs(joint)["east:uma", "east:ann"]
    assert {name: pair[name] for name in JOINED} == {name: alone[name] for name in JOINED}
    assert {name: pair[name] for name in SCORED} == pytest.approx({name: alone[name] for name in SCORED})


def test_without_the_switch_each_record_has_the_figures_of_its_crm(other: DuckDBWarehouse) -> None:
    scored(other, World(RECORDS, LOGGED_TWICE, LOGGED_ONCE), context(across=False))
    alone = {(f"{row['crm']}:{row['user_id']}", f"{row['crm']}:{row['person_id']}"): row for row in rows(other, scores.pairs)}
    found = pairs(other)
    assert set(found) == set(alone)
    for pair, row in found.items():
        assert {name: row[name] for name in (*JOINED, *SCORED)} == {name: alone[pair][name] for name in (*JOINED, *SCORED)}
        assert (row["crms"], row["doubled"]) == (pair[0].split(":")[0], 0)
    assert rows(other, company.interactions) == []
    assert {row["identity_id"]: row["closeness"] for row in rows(other, company.people)} == {
        f"{row['crm']}:{row['person_id']}": row["closeness_now"] for row in rows(other, scores.people)
    }


def test_an_event_in_three_crms_counts_once(other: DuckDBWarehouse) -> None:
    third = "user north:u3 uma@ours.example\n2026-05-01T10:00:01 meeting north:u3 -> north:a2"
    paired(other, World(RECORDS, LOGGED_TWICE, third), context())
    pair = pairs(other)["east:uma", "east:ann"]
    assert (pair["touches"], pair["doubled"], pair["crms"]) == (6, 5, "east, north, west")


def test_silence_means_something_where_one_of_the_crms_would_have_shown_an_answer(other: DuckDBWarehouse) -> None:
    mails = """
        2026-05-01 email east:uma -> east:ann
        2026-05-02 email east:uma -> east:bob
        2026-05-03 email west:u1 -> west:a1
        2026-05-04 email west:u1 <- west:cat
    """
    paired(other, World(RECORDS, mails), context(capture={"min_people_mailed": 2}))
    found = pairs(other)
    assert {person: found["east:uma", person]["plain_sum"] for person in ("east:ann", "east:bob", "west:cat")} == {
        "east:ann": False,
        "east:bob": True,
        "west:cat": False,
    }


def test_one_kappa_serves_the_whole_company(other: DuckDBWarehouse) -> None:
    paired(other, World(RECORDS, LOGGED_TWICE, LOGGED_ONCE), context(kappa={"min_pairs": 3}))
    (now,) = (row for row in rows(other, company.kappa) if row["instant"] == "now")
    live = sorted(row["intensity"] for row in pairs(other).values())
    assert (now["pairs"], now["origin"]) == (len(live), "as_of")
    assert now["kappa"] == pytest.approx(live[len(live) // 2])
    assert {row["kappa"] for row in pairs(other).values()} == {now["kappa"]}
