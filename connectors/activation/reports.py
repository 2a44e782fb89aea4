"""What planning, pushing and verifying report: plain frozen data, numbers always there, zero included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.fields import Entity

Mode = Literal["first", "incremental", "rebaseline", "rollback"]
MAX_ATTEMPTS = 5
"""Rejections in a row after which a record is left out of plans (see `quarantine`)."""


@dataclass(frozen=True)
class EntityPlan:
    """One object in a plan: `rows` = `updates` + `unchanged` + `skipped` (quarantined).

    `fields`: column to number of rows it changes in. `columns`: the columns compared. `rebaseline`: updates whose
    acknowledged payload was written under another mapping. `known` is true once a push of this object has succeeded.
    """

    rows: int
    updates: int
    unchanged: int
    skipped: int
    blank_keys: int = 0
    duplicate_keys: int = 0
    rebaseline: int = 0
    known: bool = False
    fields: Mapping[str, int] = field(default_factory=dict)
    columns: Sequence[str] = ()

    @property
    def changed_share(self) -> float:
        """Updates as a share of the rows, 0 when there are none."""
        return self.updates / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class Plan:
    """A stored plan; `plan_id` is what `push.run` takes and what the ledger calls the run.

    `as_of` is that of the figures the CRM holds afterwards, empty when a rollback leaves it none.
    """

    plan_id: str
    crm: str
    as_of: str
    target: str
    mode: Mode
    entities: Mapping[Entity, EntityPlan]

    @property
    def updates(self) -> int:
        """Rows to be written, over all objects."""
        return sum(entity.updates for entity in self.entities.values())


@dataclass(frozen=True)
class EntityPush:
    """One object in a push: `planned` = `updated` + `rejected` + those left out for `reason` (a missing right)."""

    planned: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class PushReport:
    """The numbers of `activation.md` point 12. With `dry_run` nothing was sent, `updated` and `rejected` are 0."""

    plan_id: str
    crm: str
    entities: Mapping[Entity, EntityPush]
    max_reject_rate: float
    dry_run: bool = False
    quarantined: int = 0
    calls_used: int = 0
    calls_left: int | None = None
    seconds: float = 0.0

    def total(self, number: Literal["planned", "updated", "unchanged", "skipped", "rejected"]) -> int:
        """One number over all objects."""
        return sum(int(getattr(entity, number)) for entity in self.entities.values())

    @property
    def reject_rate(self) -> float:
        """Rejected rows as a share of the rows the CRM judged."""
        judged = self.total("updated") + self.total("rejected")
        return self.total("rejected") / judged if judged else 0.0

    @property
    def ok(self) -> bool:
        """False when more was rejected than `max_reject_rate` allows: the run ends with exit 1."""
        return self.reject_rate <= self.max_reject_rate

    def numbers(self) -> dict[str, Any]:
        """Point 12 as a flat mapping, for metadata and tables."""
        totals = {name: self.total(name) for name in ("planned", "updated", "unchanged", "skipped", "rejected")}
        rest = {name: getattr(self, name) for name in ("reject_rate", "quarantined", "calls_used", "calls_left", "seconds")}
        return {**totals, **rest}


@dataclass(frozen=True)
class Difference:
    """A value read back that is not what the CRM acknowledged: a trigger, a rule or a hidden field."""

    entity: Entity
    record_id: str
    field: str
    expected: Any
    actual: Any


@dataclass(frozen=True)
class VerifyReport:
    """`checked` records of a push were read back; `missing` ids no longer exist."""

    plan_id: str
    checked: int
    differences: Sequence[Difference] = ()
    missing: Sequence[str] = ()

    @property
    def ok(self) -> bool:
        """True when the CRM holds what it acknowledged."""
        return not self.differences and not self.missing


@dataclass(frozen=True)
class SettleReport:
    """Rows an earlier push had sent without a verdict: the CRM had taken `accepted`, the `lost` are planned again."""

    accepted: int = 0
    lost: int = 0
