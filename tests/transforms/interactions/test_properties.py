"""What holds for any mix of activity records, however odd: nothing lost, nothing twice, and the order of rows means nothing."""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.kit import AS_OF, PEOPLE, VERDICTS, World, build_model, open_warehouse, rows
from transforms.interactions.tables import activities, participants

DAY = 86_400
PARTIES = [
    "005uma",
    "005udo",
    "005bot",
    "005lost",
    "003ann",
    "003bob",
    "003cat",
    "003old",
    "003gone",
    "003lost",
    "00Qlea",
    "00Qcon",
    "00Gqueue",
    "023room",
]
ADDRESSES = [
    "uma@ours.example",
    "UDO@ours.example",
    "bot@ours.example",
    "ann@acme.example",
    " bob@acme.example",
    "x@y.example",
    "noreply@acme.example",
]
MOMENTS = ["2025-06-01T00:00Z", "2026-05-04T10:00Z", "2026-05-04T10:00:30Z", "2026-06-01T00:00Z", "2026-06-01T00:00:01Z", ""]
MORE_PEOPLE = """
Contact 003old AccountId=001acme IsDeleted=true MasterRecordId=003ann Email=old@acme.example
Contact 003gone AccountId=001acme IsDeleted=true Email=gone@acme.example
Lead 00Qcon IsConverted=true ConvertedContactId=003old
"""
FLAG = st.sampled_from(["true", "false", ""])
RARELY = st.sampled_from(["false"] * 8 + ["true", ""])
PARTY = st.sampled_from(["", *PARTIES])
MOMENT = st.sampled_from(MOMENTS)
LINE = st.lists(st.sampled_from(ADDRESSES), max_size=12).map("; ".join)

TASK = st.fixed_dictionaries(
    {
        "IsDeleted": RARELY,
        "OwnerId": PARTY,
        "WhoId": PARTY,
        "TaskSubtype": st.sampled_from(["Task", "Call", "Email", "Email", "ListEmail", "Cadence", ""]),
        "Type": st.sampled_from(["", "Call", "Email", "Meeting", "Other"]),
        "SubjectKind": st.sampled_from(["", "call", "email", "meeting", "cancelled"]),
        "Status": st.sampled_from(["Completed", "Completed", "Open", "Cancelled"]),
        "IsClosed": st.sampled_from(["true", "true", "false", ""]),
        "CompletedDateTime": MOMENT,
        "ActivityDate": st.sampled_from(["", "2026-05-04", "2027-01-01"]),
        "CallDisposition": st.sampled_from(["", "Connected", "Left Voicemail"]),
        "IsRecurrence": RARELY,
    }
)
EVENT = st.fixed_dictionaries(
    {
        "IsDeleted": RARELY,
        "OwnerId": PARTY,
        "WhoId": PARTY,
        "StartDateTime": MOMENT,
        "IsAllDayEvent": RARELY,
        "IsPrivate": RARELY,
        "IsChild": RARELY,
        "GroupEventType": st.sampled_from(["0", "0", "1", "3", ""]),
        "SubjectKind": st.sampled_from(["", "", "cancelled"]),
    }
)
MAIL = st.fixed_dictionaries(
    {
        "IsDeleted": RARELY,
        "ActivityId": st.sampled_from(["", "", "00T0", "00T1", "00T2"]),
        "FromAddress": st.sampled_from(["", *ADDRESSES]),
        "ToAddress": LINE,
        "CcAddress": LINE,
        "BccAddress": LINE,
        "Incoming": FLAG,
        "Status": st.sampled_from(["1", "3", "3", "5"]),
        "IsBounced": RARELY,
        "MessageDate": MOMENT,
        "MessageIdentifier": st.sampled_from(["", "", "<1@x>", "<2@x>"]),
    }
)
RELATION = st.fixed_dictionaries(
    {
        "activity": st.integers(0, 29),
        "RelationId": PARTY,
        "IsDeleted": RARELY,
        "Status": st.sampled_from(["", "Accepted", "Declined", "Uninvited"]),
        "RelationType": st.sampled_from(["FromAddress", "ToAddress", "CcAddress", "BccAddress", "OtherAddress"]),
        "RelationAddress": st.sampled_from(["", *ADDRESSES]),
    }
)
KINDS = {"Task": "00T", "Event": "00U", "EmailMessage": "02s"}
RELATIONS = {
    "TaskRelation": ("TaskId", "00T", ("RelationId", "IsDeleted")),
    "EventRelation": ("EventId", "00U", ("RelationId", "IsDeleted", "Status")),
    "EmailMessageRelation": ("EmailMessageId", "02s", ("RelationId", "IsDeleted", "RelationType", "RelationAddress")),
}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The small company with up to thirty odd activities of each kind."""
    world = World.of(PEOPLE, MORE_PEOPLE)
    for (name, start), strategy in zip(KINDS.items(), (TASK, EVENT, MAIL), strict=True):
        for number, cells in enumerate(draw(st.lists(strategy, min_size=15, max_size=30))):
            world.add(name, f"{start}{number}", **cells)
    for name, (link, start, kept) in RELATIONS.items():
        for number, cells in enumerate(draw(st.lists(RELATION, max_size=40))):
            world.add(name, f"rel{number}", **{link: f"{start}{cells['activity']}"}, **{key: str(cells[key]) for key in kept})
    return world


def outcome(world: World, as_of: int = AS_OF) -> dict[str, list[dict[str, Any]]]:
    """The three tables, and who took part."""
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), as_of, VERDICTS)
        numbers = {row["event_key"]: row["event_id"] for row in rows(warehouse, activities)}
        tables = {table.name: rows(warehouse, table) for table in VERDICTS}
        for row in tables["interactions"]:
            del row["event_key"]
        who = [row | {"event_id": numbers[row["event_key"]]} for row in rows(warehouse, participants)]
        return tables | {"participants": who}


def disturbed(world: World, seed: int) -> World:
    """The same records in another order, with relation rows delivered twice under new ids."""
    shuffled = {name: [*listed] for name, listed in world.rows.items()}
    for name in RELATIONS:
        shuffled[name] = [*shuffled.get(name, []), *({**row, "Id": f"{row['Id']}again"} for row in shuffled.get(name, []))]
    for listed in shuffled.values():
        random.Random(seed).shuffle(listed)
    return World(shuffled)


@settings(max_examples=3, derandomize=True, suppress_health_check=list(HealthCheck))
@given(world=worlds(), seed=st.integers(0, 999))
def test_nothing_is_lost_nothing_is_twice_and_order_means_nothing(world: World, seed: int) -> None:
    found = outcome(world)
    read = {row["Id"] for name in KINDS for row in world.rows.get(name, [])}
    assert_counted_or_dropped_once(found, read)
    assert_rows_are_well_formed(found)
    assert_nobody_disappears(found)
    assert outcome(disturbed(world, seed)) | {"participants": found["participants"]} == found


@settings(max_examples=2, derandomize=True, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_what_comes_later_changes_nothing_before(world: World) -> None:
    earlier, later = outcome(world, AS_OF - 20 * DAY), outcome(world, AS_OF + 5 * 365 * DAY)
    assert earlier["interactions"] == [row for row in later["interactions"] if row["at_s"] <= AS_OF - 20 * DAY]


def assert_counted_or_dropped_once(found: dict[str, list[dict[str, Any]]], read: set[str]) -> None:
    counted = {row["event_id"] for row in found["interactions"]}
    dropped = [row["event_id"] for row in found["interactions_dropped"]]
    assert len(dropped) == len(set(dropped))
    assert counted.isdisjoint(dropped)
    assert counted | set(dropped) == read


def assert_rows_are_well_formed(found: dict[str, list[dict[str, Any]]]) -> None:
    keys = [(row["event_id"], row["user_id"], row["person_id"]) for row in found["interactions"]]
    assert len(keys) == len(set(keys))
    for row in found["interactions"]:
        assert row["at_s"] <= AS_OF
        assert row["day"] == row["at_s"] // DAY
        assert row["direction"] in ("out", "in", "both")
        assert row["user_id"] in ("005uma", "005udo")
        assert row["person_id"] in ("003ann", "003bob", "003cat", "00Qlea")


def assert_nobody_disappears(found: dict[str, list[dict[str, Any]]]) -> None:
    """Each record on a counted event stands on a side or is left out; only the owner of a mail someone else sent plays no part."""
    counted = {row["event_id"] for row in found["interactions"]}
    met = {(row["event_id"], key) for row in found["interactions"] for key in (row["user_key"] * 2 + 1, row["person_key"] * 2)}
    left_out = {(row["event_id"], row["person_id"]) for row in found["participants_dropped"]}
    for row in found["participants"]:
        event_id = row["event_id"]
        if event_id in counted and row["party_id"] and not (row["channel"] == "email" and row["role"] in ("owner", "from")):
            assert (event_id, row["party_key"]) in met or (event_id, row["party_id"]) in left_out
