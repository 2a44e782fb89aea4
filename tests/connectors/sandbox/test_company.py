"""The generated company: deterministic, whole, believable, and honest about who is close to whom."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.company import SIZES, Activities, Company, build, names
from connectors.sandbox.company.arrays import DAY, expand, joined, mask, present, starts, texts, whole
from connectors.sandbox.company.calendar import HOLIDAYS, REGIONS, calendar
from connectors.sandbox.company.closeness import PATTERNS, at_window, history, pattern_codes
from connectors.sandbox.company.customers import KEY_DEPARTMENTS, owner_strength
from connectors.sandbox.company.deals import account_warmth
from connectors.sandbox.company.world import PAIRS_PER_CHUNK, world

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
NOW = int(AS_OF.timestamp())


@pytest.fixture(scope="module")
def company() -> Company:
    return build(7, "small", AS_OF)


@pytest.fixture(scope="module")
def activities(company: Company) -> dict[str, pa.Table]:
    return everything(company)


def everything(company: Company) -> dict[str, pa.Table]:
    batches = [batch.tables() for batch in company.batches()]
    return {name: pa.concat_tables([batch[name] for batch in batches]) for name in batches[0]}


def numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].drop_null().to_numpy()


def at_seconds(table: pa.Table, column: str) -> np.ndarray:
    return table[column].cast(pa.int64()).to_numpy() // 1_000_000


# determinism


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_the_same_seed_gives_the_same_tables_bit_for_bit(size: str) -> None:
    first, second = build(7, size, AS_OF), build(7, size, AS_OF)
    assert all(table.equals(second.tables()[name]) for name, table in first.tables().items())
    again = everything(second)
    assert all(table.equals(again[name]) for name, table in everything(first).items())


def test_activities_can_be_drawn_again_from_the_same_company(company: Company, activities: dict[str, pa.Table]) -> None:
    again = everything(company)
    assert all(table.equals(again[name]) for name, table in activities.items())


def test_another_seed_is_another_company(company: Company) -> None:
    other = build(8, "small", AS_OF)
    assert not other.people.equals(company.people)
    assert not other.pairs.equals(company.pairs)


def test_another_as_of_moves_the_same_people_in_time(company: Company) -> None:
    later = build(7, "small", datetime(2026, 9, 1, tzinfo=UTC))
    assert later.people.drop_columns(["created"]).equals(company.people.drop_columns(["created"]))
    assert later.pairs.equals(company.pairs)


# wholeness


@pytest.mark.parametrize("size", SIZES)
def test_each_size_has_the_accounts_and_leads_it_promises(size: str) -> None:
    if size == "large":
        assert SIZES[size].accounts == 20_000
        assert SIZES[size].activities == 10_000_000
        return
    made = build(7, size, AS_OF)
    assert len(made.accounts) == SIZES[size].accounts
    assert pc.sum(pc.equal(made.people["kind"], "lead")).as_py() == SIZES[size].leads


def test_an_unknown_size_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        build(7, "gigantic", AS_OF)


def test_every_reference_points_to_a_record(company: Company, activities: dict[str, pa.Table]) -> None:
    limits = {"user": len(company.users), "organizer": len(company.users), "person": len(company.people), "account": len(company.accounts)}
    limits |= {"deal": len(company.deals), "owner": len(company.users), "manager": len(company.users), "reports_to": len(company.people)}
    for name, table in (company.tables() | activities).items():
        for column in set(limits) & set(table.column_names):
            found = numbers(table, column)
            assert ((found >= 0) & (found < limits[column])).all(), (name, column)


def test_guests_and_addresses_belong_to_an_activity_of_their_kind(activities: dict[str, pa.Table]) -> None:
    for part, kind in {"meeting_guests": "meetings", "call_guests": "calls", "mail_addresses": "mails"}.items():
        assert np.isin(numbers(activities[part], "activity"), numbers(activities[kind], "activity")).all()


def test_activity_numbers_are_unique_over_all_kinds(activities: dict[str, pa.Table]) -> None:
    found = np.concatenate([numbers(activities[kind], "activity") for kind in ("meetings", "calls", "mails", "todos")])
    assert len(np.unique(found)) == len(found)


def test_every_mail_has_one_sender_and_at_least_one_receiver(activities: dict[str, pa.Table]) -> None:
    addresses = activities["mail_addresses"]
    is_sender = mask(pc.equal(addresses["role"], "from"))
    senders, counts = np.unique(numbers(addresses, "activity")[is_sender], return_counts=True)
    assert (counts == 1).all()
    assert set(senders) == set(numbers(activities["mails"], "activity"))
    assert set(numbers(addresses, "activity")[~is_sender]) == set(senders)


def test_a_guest_comes_once_and_the_organizer_is_not_a_guest(activities: dict[str, pa.Table]) -> None:
    guests = activities["meeting_guests"].to_pandas()
    assert not guests.duplicated(["activity", "user", "person"]).any()
    joined_rows = guests.merge(activities["meetings"].to_pandas(), on="activity")
    assert not (joined_rows["user"] == joined_rows["organizer"]).any()


def test_every_contact_is_between_a_pair_whose_truth_is_known(company: Company, activities: dict[str, pa.Table]) -> None:
    known = set(zip(numbers(company.pairs, "user"), numbers(company.pairs, "person"), strict=True))
    calls = activities["calls"]
    assert set(zip(numbers(calls, "user"), numbers(calls, "person"), strict=True)) <= known


def test_reporting_lines_lead_upwards_within_one_account(company: Company) -> None:
    people = company.people.to_pandas()
    reports = people[people["reports_to"].notna()]
    boss = people.loc[reports["reports_to"].astype(int)]
    assert (boss["person"].to_numpy() < reports["person"].to_numpy()).all()
    assert (boss["account"].to_numpy() == reports["account"].to_numpy()).all()


def test_managers_form_a_tree_under_one_executive(company: Company) -> None:
    manager = company.users["manager"].to_pylist()
    assert manager.count(None) == 1
    assert all(above is None or above < user for user, above in enumerate(manager))


# believability


def test_inbound_mail_of_some_users_is_not_captured(company: Company, activities: dict[str, pa.Table]) -> None:
    captures = company.users["captures_inbound"].to_numpy()
    mails = activities["mails"].to_pandas()
    answered_by_people = mails[(mails["direction"] == "in") & mails["person"].notna()]
    assert not captures.all()
    assert captures[answered_by_people["user"].to_numpy()].all()


def test_weekends_are_quiet(activities: dict[str, pa.Table]) -> None:
    day = at_seconds(activities["calls"], "at") // DAY
    assert 0 < np.isin((day + 3) % 7, (5, 6)).mean() < 0.05


@pytest.mark.parametrize("region", range(len(REGIONS)))
def test_no_working_day_is_a_holiday_or_weekend(region: int) -> None:
    plan = calendar(AS_OF)
    for window, size in enumerate(plan.sizes[region]):
        for day in plan.days[region, window, :size]:
            date = datetime.fromtimestamp(int(day) * DAY, UTC)
            assert date.weekday() < 5
            assert (date.month, date.day) not in HOLIDAYS[region]


def test_people_work_in_their_own_time_zone() -> None:
    rng, plan = np.random.default_rng(1), calendar(AS_OF)
    for region, offset in enumerate((1, -5, 8)):
        at = plan.draw(rng, np.full(2_000, region), np.zeros(2_000, dtype=np.int64))
        hour = (at // 3_600 + offset) % 24
        assert ((hour >= 8) & (hour < 18)).mean() > 0.97


def test_history_covers_three_years_and_ends_at_the_as_of(activities: dict[str, pa.Table]) -> None:
    at = at_seconds(activities["mails"], "at")
    assert at.max() <= NOW
    assert NOW - 1_125 * DAY < at.min() < NOW - 1_000 * DAY


def test_some_meetings_are_planned_and_some_todos_open(activities: dict[str, pa.Table]) -> None:
    assert (at_seconds(activities["meetings"], "starts") > NOW).any()
    assert 0 < activities["todos"]["done"].to_numpy().mean() < 1


def test_some_texts_are_chinese(company: Company) -> None:
    for column in ("name", "title", "department"):
        assert any("\u4e00" <= letter <= "\u9fff" for text in company.people[column].drop_null().to_pylist() for letter in text)


def test_strong_reps_are_closer_to_their_customers() -> None:
    made = build(7, "medium", AS_OF)
    strength = made.users["strength"].to_numpy()[numbers(made.pairs, "user")]
    owned = mask(pc.equal(pc.cast(made.pairs["member"], pa.int64()), 0))
    closeness = numbers(made.pairs, "closeness")
    assert closeness[owned & (strength > 0.8)].mean() > 1.3 * closeness[owned & (strength < 0.3)].mean()


def test_won_deals_were_warmer_than_lost_ones(company: Company) -> None:
    deals = company.deals.to_pandas()
    window = np.clip((NOW // DAY - deals["closes"].to_numpy()) // 30, 0, 36)
    deals["warmth"] = account_warmth(company.pairs, deals["account"].to_numpy(), window)
    closed = deals[deals["is_closed"]]
    assert 0.2 < closed["is_won"].mean() < 0.8
    assert closed[closed["is_won"]]["warmth"].mean() > closed[~closed["is_won"]]["warmth"].mean() + 0.03


def test_a_third_of_the_contacts_has_a_stated_attitude_that_follows_closeness() -> None:
    made = build(7, "medium", AS_OF)
    attitude = made.opinions["attitude"].to_pandas()
    best = made.pairs.to_pandas().groupby("person")["closeness"].max().loc[made.opinions["person"].to_numpy()].to_numpy()
    assert 0.28 < attitude.notna().mean() < 0.40
    assert np.corrcoef(attitude[attitude.notna()], best[attitude.notna()])[0, 1] > 0.5


def home_people(company: Company) -> pd.DataFrame:
    """The people of home accounts."""
    people = company.people.to_pandas()
    return people[people["home"]]


@pytest.mark.parametrize("size", ["tiny", "small", "medium"])
def test_one_account_in_fifteen_is_a_home_account_whose_owner_knows_everybody_in_the_key_departments(size: str) -> None:
    made = build(7, size, AS_OF)
    people, pairs = home_people(made), made.pairs.to_pandas()
    assert people["account"].nunique() == max(1, SIZES[size].accounts // 15)
    departments = people.sort_values("person").groupby("account")["department"].head(KEY_DEPARTMENTS)
    assert set(departments) == set(names.DEPARTMENTS[:KEY_DEPARTMENTS])
    owned = pairs[pairs["person"].isin(people["person"]) & (pairs["member"] == 0)]
    assert len(owned) == len(people)
    assert owned["closeness"].min() >= 0.8


def test_home_accounts_are_mostly_those_of_strong_reps() -> None:
    made = build(7, "medium", AS_OF)
    strength = owner_strength(made.users, made.teams)[: SIZES["medium"].accounts]
    home = home_people(made)["account"].astype(int).unique()
    assert strength[home].mean() > strength.mean() + 0.15


def test_every_lead_is_worked_and_some_have_gone_quiet(company: Company) -> None:
    leads = company.people.filter(pc.equal(company.people["kind"], "lead"))
    pairs = company.pairs.to_pandas()
    worked = pairs[pairs["person"].isin(leads["person"].to_pylist()) & (pairs["member"] == 0)]
    assert len(worked) == len(leads)
    assert worked["peak"].min() >= 0.3
    assert worked["pattern"].nunique() == len(PATTERNS)


def test_leads_are_judged_more_hopefully_and_more_wrongly_than_contacts() -> None:
    made = build(7, "medium", AS_OF)
    best = made.pairs.to_pandas().groupby("person")["closeness"].max()

    def off(opinions: pa.Table) -> pd.Series:
        stated = opinions.select(["person", "attitude"]).to_pandas().dropna()
        return stated["attitude"] - (best.loc[stated["person"]].to_numpy() * 4 - 1.6)

    leads, contacts = off(made.lead_opinions), off(made.opinions)
    assert leads.mean() > contacts.mean()
    assert leads.std() > contacts.std()
    assert 0.6 < made.lead_opinions["attitude"].is_valid().to_pandas().mean() < 0.8


def test_a_converted_lead_is_older_than_its_deal_and_of_the_same_account(company: Company) -> None:
    made = company.conversions.to_pandas()
    deals, people = company.deals.to_pandas().loc[made["deal"]], company.people.to_pandas().loc[made["person"]]
    assert len(made) == made["deal"].nunique() == SIZES["small"].leads // 2
    assert (made["created"].to_numpy() < deals["created"].to_numpy()).all()
    assert (deals["account"].to_numpy() == people["account"].to_numpy()).all()


def test_a_deal_came_into_its_stage_after_it_was_made_and_one_in_its_first_never_moved(company: Company) -> None:
    deals = company.deals.to_pandas()
    moved = deals[deals["stage_since"].notna()]
    assert set(deals[deals["stage_since"].isna()]["stage"]) == {"prospect"}
    assert (moved["stage_since"] > moved["created"]).all()
    assert moved["stage_since"].max() < AS_OF.replace(tzinfo=None)


# the hidden truth


def test_the_kept_truth_is_the_end_of_the_history(company: Company) -> None:
    pairs = company.pairs
    past = history(numbers(pairs, "peak"), pattern_codes(pairs), numbers(pairs, "turn"))
    assert np.allclose(past[:, 0], numbers(pairs, "closeness"), atol=1e-4)


def test_lapsed_pairs_were_close_once_and_growing_ones_were_not(company: Company) -> None:
    pairs = company.pairs
    past = history(numbers(pairs, "peak"), pattern_codes(pairs), numbers(pairs, "turn"))
    pattern = pattern_codes(pairs)
    assert (past[pattern == PATTERNS.index("lapsed"), -1] >= 10 * past[pattern == PATTERNS.index("lapsed"), 0]).all()
    assert (past[pattern == PATTERNS.index("growing"), -1] == 0).all()


@given(st.floats(0, 1), st.integers(0, 3), st.integers(3, 28), st.integers(0, 36))
def test_closeness_stays_between_nothing_and_its_peak(peak: float, pattern: int, turn: int, window: int) -> None:
    found = at_window(np.array([peak]), np.array([pattern]), np.array([turn]), np.array([window]))[0]
    assert 0 <= found <= peak


def touches(activities: dict[str, pa.Table]) -> pa.Table:
    """user, person, age in days of every meeting, call and mail between one of ours and one of theirs."""
    addresses = activities["mail_addresses"].to_pandas().merge(activities["mails"].to_pandas()[["activity", "at"]], on="activity")
    ours, theirs = (addresses[addresses[side].notna()] for side in ("user", "person"))
    mails = ours.merge(theirs, on=["activity", "at"], suffixes=("", "_there")).query("role == 'from' or role_there == 'from'")
    mails = mails[["user", "person_there", "at"]].rename(columns={"person_there": "person"})
    calls = activities["calls"].to_pandas()[["user", "person", "at"]]
    meetings = activities["meetings"].to_pandas().dropna(subset=["person"])[["organizer", "person", "starts"]]
    parts = [mails, calls, meetings.set_axis(["user", "person", "at"], axis=1)]
    table = pa.concat_tables([pa.Table.from_pandas(part.astype({"user": int, "person": int}), preserve_index=False) for part in parts])
    return table.append_column("age", pa.array((NOW - at_seconds(table, "at")) / DAY))


def test_a_decayed_count_finds_the_truth_and_beats_a_plain_count(company: Company, activities: dict[str, pa.Table]) -> None:
    found = touches(activities).to_pandas().query("age >= 0")
    found["weight"] = 2.0 ** (-found["age"] / 90)
    scores = found.groupby(["user", "person"])["weight"].agg(["sum", "count"]).reset_index()
    both = company.pairs.to_pandas().merge(scores, on=["user", "person"])
    decayed, plain = (both["closeness"].corr(both[name], method="spearman") for name in ("sum", "count"))
    assert decayed > 0.6
    assert decayed > plain + 0.1


def test_some_pairs_that_hardly_know_each_other_have_contact(company: Company, activities: dict[str, pa.Table]) -> None:
    strangers = company.pairs.to_pandas().query("closeness < 0.02")
    assert len(strangers.merge(touches(activities).to_pandas(), on=["user", "person"])) > 50


def test_replies_follow_closeness(company: Company, activities: dict[str, pa.Table]) -> None:
    mails = activities["mails"].to_pandas().merge(company.pairs.to_pandas()[["user", "person", "closeness"]], on=["user", "person"])
    mails = mails[mails["user"].map(dict(enumerate(company.users["captures_inbound"].to_pylist())))]
    sent = mails.sort_values("at").drop_duplicates("thread").query("direction == 'out'")
    assert sent[sent["closeness"] > 0.5]["answered"].mean() > 2 * sent[sent["closeness"] < 0.05]["answered"].mean()


# chunks and arrays


def test_chunks_cut_between_groups_and_cover_every_pair_once() -> None:
    made = build(7, "medium", AS_OF)
    whole_world = world(7, made.size, AS_OF, made.tables())
    chunks = list(whole_world.chunks())
    assert [chunk.start for chunk in chunks[1:]] == [chunk.stop for chunk in chunks[:-1]]
    assert (chunks[0].start, chunks[-1].stop) == (0, len(made.pairs))
    assert all(whole_world.pair_group[chunk.stop - 1] != whole_world.pair_group[chunk.stop] for chunk in chunks[:-1])
    assert max(chunk.stop - chunk.start for chunk in chunks) <= PAIRS_PER_CHUNK


def test_a_chunk_counts_its_activities() -> None:
    batch = next(build(7, "tiny", AS_OF).batches())
    assert isinstance(batch, Activities)
    assert batch.count == sum(len(getattr(batch, kind)) for kind in ("meetings", "calls", "mails", "todos"))


@given(st.lists(st.integers(0, 5), max_size=20))
def test_expand_repeats_owners_and_numbers_positions(counts: list[int]) -> None:
    owners, positions = expand(np.array(counts, dtype=np.int64))
    assert [(int(owner), int(position)) for owner, position in zip(owners, positions, strict=True)] == [
        (owner, position) for owner, count in enumerate(counts) for position in range(count)
    ]
    assert starts(np.array(counts, dtype=np.int64)).tolist() == [sum(counts[:index]) for index in range(len(counts))]


def test_texts_are_joined_row_by_row_and_missing_ones_stay_missing() -> None:
    column = joined(texts(("a", None), np.array([0, 1])), "-", np.array([4, 5]))
    assert column.to_pylist() == ["a-4", None]
    assert present(column).tolist() == [True, False]
    assert whole(pa.chunked_array([["x"], ["y"]])).to_pylist() == ["x", "y"]
