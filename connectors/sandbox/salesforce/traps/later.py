"""What has yet to happen to the org, for a control call to carry out: rows committed late, and deletes that leave few traces.

`_later` holds late rows as JSON; `_later_deletes(kind, object, id)` names rows to remove: `hard_delete` leaves no trace at all,
`logged_delete` only an entry in the delete log. The log has one such entry from the start.
"""

import json
from datetime import timedelta

import pyarrow as pa

from connectors.sandbox.salesforce.traps.cast import Cast
from connectors.sandbox.salesforce.traps.planter import Planter, Row, table
from connectors.sandbox.salesforce.traps.records import event, task

HARD, LOGGED = "hard_delete", "logged_delete"


def plant(planter: Planter, cast: Cast) -> dict[str, pa.Table]:
    """Rows of `_later`, `_later_deletes` and `_deleted`; what the deletes hit goes into the object tables."""
    late = _late_call(planter, cast)
    deletes = [_delete(planter, "hard_deleted_team_member", HARD, "AccountTeamMember", _team_member(planter, cast))]
    line = task(planter, cast, planter.ago(days=66), [cast.ann, cast.eve])
    planter.expect("relation_deleted_later", "Task", line.id, "counted")
    deletes.append(_delete(planter, "task_relation_in_delete_log_only", LOGGED, "TaskRelation", line.relations[str(cast.eve.id)]))
    met = event(planter, cast, planter.ago(days=67), {cast.ann: "Accepted", cast.eve: "Accepted"})
    planter.expect("relation_deleted_later", "Event", met.id, "counted")
    deletes.append(_delete(planter, "event_relation_in_delete_log_only", LOGGED, "EventRelation", met.relations[str(cast.eve.id)]))
    gone = {"object": "TaskRelation", "id": planter.new_id("TaskRelation"), "deleted_at": planter.ago(days=3)}
    return {"_later": table([late]), "_later_deletes": table(deletes), "_deleted": table([gone])}


def _late_call(planter: Planter, cast: Cast) -> Row:
    """A call whose transaction began before now and commits after the next read."""
    at = planter.ago(minutes=8)
    made = planter.row(
        "Task", created=at, WhoId=cast.ann.id, WhatId=cast.account, AccountId=cast.account, OwnerId=cast.rep.id, Subject="Trap late call",
        Status="Completed", Priority="Normal", IsClosed=True, ActivityDate=at.date(), CompletedDateTime=at - timedelta(minutes=2),
        TaskSubtype="Call", CallType="Outbound", CallDisposition="Connected", CallDurationInSeconds=60,
    )  # fmt: skip
    planter.expect("committed_late", "_later", str(made["Id"]), "counted")
    return {"object": "Task", "record": json.dumps(made, default=str)}


def _team_member(planter: Planter, cast: Cast) -> str:
    return planter.add("AccountTeamMember", AccountId=cast.account, UserId=cast.mate.id, TeamMemberRole="Sales Rep")


def _delete(planter: Planter, trap: str, kind: str, name: str, record_id: str) -> Row:
    planter.expect(trap, name, record_id, f"later:{kind}")
    return {"kind": kind, "object": name, "id": record_id}
