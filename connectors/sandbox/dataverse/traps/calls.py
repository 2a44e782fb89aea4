"""Traps among phone calls and the activities that are none: states, times, who was on the line."""

from connectors.sandbox.dataverse.projection.parties import OWNER, REGARDING, SENDER, TO
from connectors.sandbox.dataverse.traps.cast import Cast
from connectors.sandbox.dataverse.traps.planter import Party, Planter, Row
from connectors.sandbox.dataverse.traps.records import activity, call

RESOURCE, CUSTOMER = 10, 11
UNKNOWN: Row = {"actualstart": None, "actualend": None, "scheduledend": None}


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _states(planter, cast)
    _times(planter, cast)
    _sides(planter, cast)
    _masks(planter, cast)
    _no_calls(planter, cast)


def _states(planter: Planter, cast: Cast) -> None:
    states: dict[str, tuple[float, Row, str]] = {
        "open_call": (2, {"statecode": 0, "statuscode": 1}, "open"),
        "cancelled_call": (16, {"statecode": 2, "statuscode": 3}, "cancelled"),
        "voicemail": (17, {"leftvoicemail": True}, "counted"),
        "incoming_call": (18, {"directioncode": False, "statuscode": 4}, "counted"),
        "done_ahead_of_time": (-5, {}, "future"),
        "call_three_years_ago": (1_090, {}, "counted"),
    }
    for trap, (days, fields, expected) in states.items():
        made = call(planter, cast, planter.ago(days=days, minutes=90), [(SENDER, cast.rep), (TO, cast.bob)], **fields)
        planter.expect(trap, "phonecall", made.id, expected)


def _times(planter: Planter, cast: Cast) -> None:
    """When it happened: actual end, else actual start, else planned end, else creation."""
    at = planter.ago(days=45)
    kinds: dict[str, Row] = {
        "call_without_end": UNKNOWN | {"actualstart": at},
        "call_with_plan_only": UNKNOWN | {"scheduledend": at},
        "call_without_times": UNKNOWN,
    }
    for minute, (trap, fields) in enumerate(kinds.items()):
        made = call(planter, cast, planter.ago(days=45, minutes=minute), [(SENDER, cast.rep), (TO, cast.ann)], **fields)
        planter.expect(trap, "phonecall", made.id, "counted")


def _sides(planter: Planter, cast: Cast) -> None:
    """Ours: robots, teams and queues are nobody; the owner joins a call without any of ours."""
    for trap, robot in cast.robots.items():
        made = call(planter, cast, planter.ago(days=33), [(SENDER, robot), (TO, cast.ann)], owner=robot)
        planter.expect(trap, "phonecall", made.id, "not_a_person")
    kinds: dict[str, tuple[list[tuple[int, Party]], Party, str]] = {
        "team_owner": ([(TO, cast.ann)], cast.team, "not_a_person"),
        "queue_calls": ([(SENDER, cast.queue), (TO, cast.ann)], cast.team, "not_a_person"),
        "owner_joins_call": ([(TO, cast.ann)], cast.rep, "counted"),
        "disabled_user": ([(SENDER, cast.gone), (TO, cast.ann)], cast.gone, "counted"),
        "call_with_nobody": ([(SENDER, cast.rep)], cast.rep, "no_person"),
        "lead_only": ([(SENDER, cast.rep), (TO, cast.lead)], cast.rep, "counted"),
        "three_contacts_on_the_line": ([(SENDER, cast.rep), *((TO, who) for who in (cast.ann, cast.bob, cast.eve))], cast.rep, "counted"),
        "call_to_an_account": ([(SENDER, cast.rep), (TO, cast.account)], cast.rep, "no_person"),
    }
    for number, (trap, (parties, owner, expected)) in enumerate(kinds.items()):
        made = call(planter, cast, planter.ago(days=34 + number), parties, owner=owner)
        planter.expect(trap, "phonecall", made.id, expected)


def _masks(planter: Planter, cast: Cast) -> None:
    """Only sender and recipients take part in a call; the regarding person stands in where no party is a person."""
    made = call(planter, cast, planter.ago(days=43), [(SENDER, cast.rep), (TO, cast.ann), (CUSTOMER, cast.bob), (RESOURCE, cast.eve)])
    planter.expect("other_masks", "phonecall", made.id, "counted")
    for mask, who in ((CUSTOMER, cast.bob), (RESOURCE, cast.eve), (OWNER, cast.rep), (REGARDING, cast.account)):
        planter.expect("other_masks", "activityparty", made.party(mask, who), "no_participant")
    unknown = Party(None, None, "+00 555 199")
    about = call(planter, cast, planter.ago(days=44), [(SENDER, cast.rep), (TO, unknown)], about=cast.eve)
    planter.expect("regarding_person_stands_in", "phonecall", about.id, "counted")
    planter.expect("regarding_person_stands_in", "activityparty", about.party(REGARDING, cast.eve), f"participant_is:{cast.eve.id}")
    beside = call(planter, cast, planter.ago(days=46), [(SENDER, cast.rep), (TO, cast.ann)], about=cast.bob)
    planter.expect("regarding_person_beside_party", "phonecall", beside.id, "counted")
    planter.expect("regarding_person_beside_party", "activityparty", beside.party(REGARDING, cast.bob), "no_participant")


def _no_calls(planter: Planter, cast: Cast) -> None:
    """A finished task is a to-do whatever its subject says; the close of a deal is nobody's touch."""
    at = planter.ago(days=47)
    done = {"statecode": 1, "actualend": at}
    todo = activity(planter, cast, "task", at, [], about=cast.ann, subject="Call: Ann about prices", statuscode=5, **done)
    planter.expect("task_named_call", "task", todo.id, "plain_task")
    customer = {"_customerid_value": cast.account.id, "_customerid_type": "account", "_parentaccountid_value": cast.account.id}
    won = planter.add("opportunity", owner=cast.rep, created=planter.ago(days=200), name="Trap deal", statecode=1, statuscode=3, **customer)
    deal = Party(won, "opportunity", None)
    made = activity(planter, cast, "opportunityclose", at, [], about=deal, subject="Won", _opportunityid_value=won, statuscode=2, **done)
    planter.expect("opportunity_close", "opportunityclose", made.id, "never_counted")
