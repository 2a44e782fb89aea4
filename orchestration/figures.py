"""What one run found out about itself, for the printed table and for the ledger: counts and seconds, never a record's data."""

import resource
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from connectors.activation.preview import MethodChange
from connectors.contract import ExtractReport
from orchestration.progress import Display
from quality.reconciliation import Account

CRM_GROUPS = ("extract", "plan", "push", "verify")
SLOW_SECONDS = 5.0
INTERRUPTED = "interrupted; what is complete is kept, the next run goes on from there"


@dataclass
class Step:
    """One timed piece of work; `rows` are rows read, built, checked or sent; `crm`: of which CRM alone, empty = of all."""

    name: str
    group: str
    rows: int = 0
    seconds: float = 0.0
    crm: str = ""

    @property
    def rate(self) -> int:
        """Rows per second."""
        return int(self.rows / self.seconds) if self.seconds else 0


@dataclass(frozen=True)
class Check:
    """A check that did not hold: its name, whether it stops what follows, the one line a user reads, and whom alone it concerns."""

    name: str
    blocking: bool
    line: str
    crm: str = ""


@dataclass(frozen=True)
class Fault:
    """Why a step failed, in one line, and which CRM alone it concerns."""

    line: str
    crm: str = ""


@dataclass
class Figures:
    """Collected while the run goes on.

    `faults`: by step name. `checked`: expectations by the CRM they are of, empty = of all. `waiting`: by CRM, the plan a person must
    approve first. `closings`: by CRM, the line that says whether it is fresh. `method_changes`: what a method that is not the last
    one does to grades.
    """

    steps: list[Step] = field(default_factory=list)
    extracts: dict[str, ExtractReport] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    entities: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    method_changes: list[MethodChange] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    checked: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, str] = field(default_factory=dict)
    closings: dict[str, str] = field(default_factory=dict)

    @property
    def stopped_by(self) -> list[Check]:
        """Blocking expectations that did not hold."""
        return [check for check in self.checks if check.blocking]

    @property
    def warnings(self) -> list[Check]:
        """The others that did not hold."""
        return [check for check in self.checks if not check.blocking]

    @property
    def failed(self) -> bool:
        """Something did not go as it should."""
        return bool(self.faults or self.stopped_by)

    @property
    def interrupted(self) -> bool:
        """Somebody stopped it."""
        return any(fault.line.endswith(INTERRUPTED) for fault in self.faults.values())

    @property
    def message(self) -> str:
        """The first reason of a failure in one line, else empty."""
        lines = [*(fault.line for fault in self.faults.values()), *(check.line for check in self.stopped_by)]
        return lines[0] if lines else ""

    @property
    def written(self) -> int:
        """Rows the CRMs accepted."""
        return sum(counts.get("written", 0) for counts in self.entities.values())

    def failed_alone(self, crm: str) -> bool:
        """Something did not go as it should that concerns this CRM and no other."""
        return crm in {fault.crm for fault in self.faults.values()} | {check.crm for check in self.stopped_by}

    def planned(self, crm: str) -> bool:
        """The run came as far as to say what would change in this CRM."""
        return any(step.group == "plan" and step.crm == crm for step in self.steps)

    def only(self, *crms: str) -> Self:
        """What concerns these CRMs alone, in their order, and with an empty name among them what concerns all."""
        return replace(
            self,
            steps=[step for step in self.steps if step.crm in crms],
            extracts={crm: self.extracts[crm] for crm in crms if crm in self.extracts},
            accounts={key: account for crm in crms for key, account in self.accounts.items() if key[0] == crm},
            entities={key: counts for crm in crms for key, counts in self.entities.items() if key[0] == crm},
            checks=[check for check in self.checks if check.crm in crms],
            checked=Counter({crm: number for crm, number in self.checked.items() if crm in crms}),
            faults={name: fault for name, fault in self.faults.items() if fault.crm in crms},
        )

    def groups(self) -> dict[str, Step]:
        """Steps added up by group, in the order they ran."""
        found: dict[str, Step] = {}
        for step in self.steps:
            total = found.setdefault(step.group, Step(step.group, step.group))
            total.rows += step.rows
            total.seconds += step.seconds
        return found

    def counts(self) -> Mapping[str, Any]:
        """As the ledger stores it: plain JSON."""
        return {
            "objects": [asdict(account) for account in self.accounts.values()],
            "landed": {crm: {name: item.rows for name, item in report.objects.items()} for crm, report in self.extracts.items()},
            "entities": [{"crm": crm, "entity": entity, **counts} for (crm, entity), counts in self.entities.items()],
            "steps": {name: {"rows": step.rows, "seconds": round(step.seconds, 3)} for name, step in self.groups().items()},
            "warnings": [check.line for check in self.warnings],
            "notes": [*self.notes, *(change.line for change in self.method_changes)],
            "peak_memory_mb": peak_memory_mb(),
        }


def peak_memory_mb() -> int:
    """Largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Timed:
    """A step as a context: times it, tells its end, and keeps the one line of its failure until a retry succeeds."""

    def __init__(self, figures: Figures, step: Step, display: Display) -> None:
        self.step = step
        self._figures, self._display = figures, display

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        self._display.busy(f"{self.step.name} ...")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.step.seconds = time.perf_counter() - self._start
        self._figures.steps.append(self.step)
        if error is None:
            self._figures.faults.pop(self.step.name, None)
            self._told()
        else:
            self._figures.faults[self.step.name] = Fault(f"{self.step.name}: {_one_line(error)}", self.step.crm)

    def _told(self) -> None:
        line = f"{self.step.name}: {self.step.rows:,} rows in {self.step.seconds:.1f} s"
        slow = self.step.group in CRM_GROUPS or self.step.seconds >= SLOW_SECONDS
        (self._display.tell if slow else self._display.busy)(line)


def _one_line(error: BaseException) -> str:
    if not isinstance(error, Exception):
        return INTERRUPTED
    text = " ".join(str(error).split())
    return text or type(error).__name__
