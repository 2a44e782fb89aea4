"""Guard: a plan that is too big, or whose keys are broken, stops by itself before anything is written.

Broken keys cannot be overridden. A large share of changed rows can, with a reason that the ledger keeps. Small objects
and an object's first push are free; a dry run is no push.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.activation.errors import GuardTripped
from connectors.activation.reports import EntityPlan, Plan
from connectors.activation.settings import ActivationSettings
from connectors.fields import Entity


@dataclass(frozen=True)
class Finding:
    """Why an object's plan must not be pushed; `overridable` with a reason or not at all."""

    entity: Entity
    message: str
    overridable: bool


def findings(plan: Plan, settings: ActivationSettings) -> Sequence[Finding]:
    """Everything the guard objects to, most serious first."""
    found = [finding for entity, counts in plan.entities.items() for finding in _of_entity(plan.plan_id, entity, counts, settings)]
    return sorted(found, key=lambda finding: finding.overridable)


def check(plan: Plan, settings: ActivationSettings, override: str = "") -> None:
    """Raise `GuardTripped` with one line per finding; `override` is the reason a person gave for a large plan."""
    standing = [finding for finding in findings(plan, settings) if not (finding.overridable and override.strip())]
    if standing:
        raise GuardTripped("; ".join(finding.message for finding in standing))


def _of_entity(plan_id: str, entity: Entity, counts: EntityPlan, settings: ActivationSettings) -> Iterator[Finding]:
    if counts.blank_keys or counts.duplicate_keys:
        keys = f"{counts.blank_keys:,} blank and {counts.duplicate_keys:,} duplicate record ids"
        yield Finding(entity, f"{entity}: {keys} in enrichment.{entity}; nothing was written, look at how it is built", False)
    big_enough = counts.known and counts.rows >= settings.guard_min_rows
    if big_enough and counts.changed_share > settings.max_changed_share:
        yield Finding(entity, _too_big(plan_id, entity, counts, settings.max_changed_share), True)


def _too_big(plan_id: str, entity: Entity, counts: EntityPlan, allowed: float) -> str:
    why = f", {counts.rebaseline:,} of them because the mapping changed" if counts.rebaseline else ""
    return (
        f"{entity}: the plan changes {counts.updates:,} of {counts.rows:,} rows ({counts.changed_share:.0%}, allowed {allowed:.0%}){why};"
        f' nothing was written; if it is right: guanxi push {plan_id} --reason "...", or raise activation.max_changed_share'
    )
