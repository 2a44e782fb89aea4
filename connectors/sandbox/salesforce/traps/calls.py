"""Traps among Tasks: what is a call, a logged mail or meeting, and what only looks like one."""

from connectors.sandbox.salesforce.traps.cast import Cast
from connectors.sandbox.salesforce.traps.planter import Planter, Row
from connectors.sandbox.salesforce.traps.records import mail_task, task

NO_CALL: Row = {"CallType": None, "CallDisposition": None, "CallDurationInSeconds": None}
OPEN: Row = {"Status": "Not Started", "IsClosed": False, "CompletedDateTime": None, "IsArchived": False}


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _kinds(planter, cast)
    _states(planter, cast)
    _sides(planter, cast)


def _kinds(planter: Planter, cast: Cast) -> None:
    """The channel of a Task: subtype, then type, then how its subject begins."""
    plain: Row = {"TaskSubtype": "Task", **NO_CALL}
    kinds: dict[str, tuple[Row, str]] = {
        "subtype_linkedin": ({"TaskSubtype": "LinkedIn", **NO_CALL}, "unknown_type"),
        "subtype_cadence": ({"TaskSubtype": "Cadence", **NO_CALL}, "unknown_type"),
        "subtype_note": ({"TaskSubtype": "Note", **NO_CALL}, "unknown_type"),
        "list_email": ({"TaskSubtype": "ListEmail", "Subject": "Spring newsletter", **NO_CALL}, "mass_mail"),
        "integration_email_by_subject": (plain | {"Subject": "Email: Your offer"}, "counted"),
        "subject_prefix_in_capitals": (plain | {"Subject": "MEETING: site visit"}, "counted"),
        "call_by_subject": (plain | {"Subject": "call: about delivery"}, "counted"),
        "email_by_type": (plain | {"Type": "Email", "Subject": "Documents"}, "counted"),
        "logged_meeting_by_type": (plain | {"Type": "Meeting", "Subject": "Met at the fair"}, "counted"),
        "call_by_type": (plain | {"Type": "Call", "Subject": "Talked about prices"}, "counted"),
        "plain_task": (plain | {"Subject": "Prepare offer"}, "plain_task"),
        "open_plain_task": (plain | {"Subject": "Prepare offer"} | OPEN, "plain_task"),
        "subject_mentions_email_inside": (plain | {"Subject": "Re: Email: archive"}, "plain_task"),
        "voicemail": ({"CallDisposition": "Left voicemail"}, "counted"),
        "busy_line": ({"CallDisposition": "Busy"}, "counted"),
    }
    for day, (trap, (fields, expected)) in enumerate(kinds.items()):
        made = task(planter, cast, planter.ago(days=20 + day, minutes=30), [cast.ann], **fields)
        planter.expect(trap, "Task", made.id, expected)
    for number, person in enumerate((cast.ann, cast.bob, cast.eve)):
        made = mail_task(planter, cast, planter.ago(days=70, minutes=number), [person], TaskSubtype="ListEmail", Subject="Autumn news")
        planter.expect("list_email_per_recipient", "Task", made.id, "mass_mail")


def _states(planter: Planter, cast: Cast) -> None:
    """Deleted, cancelled, open, ahead, archived, part of a series."""
    states: dict[str, tuple[float, Row, str]] = {
        "deleted_call": (15, {"IsDeleted": True}, "deleted"),
        "cancelled_status": (16, {"Status": "Canceled"}, "cancelled"),
        "open_call": (2, OPEN, "open"),
        "open_400_days_old": (400, OPEN, "open"),
        "closed_366_days_old_archived": (366, {"IsArchived": True}, "counted"),
        "closed_without_date_archived": (500, {"ActivityDate": None, "IsArchived": True}, "counted"),
        "done_ahead_of_time": (-5, {"CompletedDateTime": None, "IsArchived": False}, "future"),
        "completed_without_time": (45, {"CompletedDateTime": None}, "counted"),
    }
    for trap, (days, fields, expected) in states.items():
        planter.expect(trap, "Task", task(planter, cast, planter.ago(days=days, minutes=90), [cast.bob], **fields).id, expected)
    master = planter.new_id("Task")
    task(planter, cast, planter.ago(days=60, minutes=7), [cast.bob], Id=master, IsRecurrence=True, RecurrenceActivityId=master)
    planter.expect("recurring_task_master", "Task", master, "series_master")
    for week in (1, 2):
        made = task(planter, cast, planter.ago(days=60 - 7 * week, minutes=7), [cast.bob], RecurrenceActivityId=master)
        planter.expect("recurring_task_occurrence", "Task", made.id, "counted")


def _sides(planter: Planter, cast: Cast) -> None:
    """Who was on the line: queues and robots are nobody, leads have no account, several contacts are in TaskRelation only."""
    by = {"queue_owner": cast.queue, "automated_process_owner": cast.robot.id}
    for trap, owner in by.items():
        planter.expect(trap, "Task", task(planter, cast, planter.ago(days=33), [cast.ann], OwnerId=owner).id, "not_a_person")
    inactive = task(planter, cast, planter.ago(days=34), [cast.ann], OwnerId=cast.gone.id)
    planter.expect("inactive_user", "Task", inactive.id, "counted")
    planter.expect("call_with_nobody", "Task", task(planter, cast, planter.ago(days=35), []).id, "no_person")
    planter.expect("lead_only", "Task", task(planter, cast, planter.ago(days=36), [cast.lead]).id, "counted")
    line = task(planter, cast, planter.ago(days=37), [cast.ann, cast.bob, cast.eve])
    planter.expect("three_contacts_on_the_line", "Task", line.id, "counted")
    for person in (cast.ann, cast.bob, cast.eve):
        planter.expect("three_contacts_on_the_line", "TaskRelation", line.relations[str(person.id)], f"participant_is:{person.id}")
