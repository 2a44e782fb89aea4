"""Taking a push back, as the console script calls it: the plan, and a line for whatever it leaves alone."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.activation import rollback as undoing
from connectors.activation.errors import PlanUnusable
from connectors.activation.reports import Plan
from connectors.fields import Entity
from orchestration.crms import Crm
from orchestration.session import Session
from orchestration.writeback import EXAMPLES, elsewhere, settle

UNGRADED = "user: left alone: [grading] individual is false, so nothing is written on users"


def plan(session: Session, crm: Crm, undone: undoing.Undone) -> tuple[Plan, Sequence[str]]:
    """Settle, ask the CRM, store the plan that takes a push back, and say which records it leaves alone; raises as `plan`."""
    if stranger := elsewhere(crm, undone.target):
        raise PlanUnusable(f"run {undone.run_id} wrote to {stranger}; set that back to roll this run back")
    graded = session.config.grading.individual
    wanted = [entity for entity in undone.columns if entity != "user" or graded]
    with session.timed(f"plan the rollback in {crm.name}", "plan", crm.name) as timed:
        settle(session, crm)
        made, left = undoing.build(session.warehouse, session.writer(crm), undone, wanted)
        timed.step.rows = made.updates
    return made, [*_left_alone(left), *([] if graded or "user" not in undone.columns else [UNGRADED])]


def _left_alone(left: Mapping[Entity, undoing.Left]) -> Iterator[str]:
    for entity, records in left.items():
        if len(records):
            ids = [*records.changed, *records.gone][:EXAMPLES]
            yield f"{entity}: left alone: {records}" + (f", e.g. {', '.join(ids)}" if ids else "")
