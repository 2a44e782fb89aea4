"""Provisioning a Dynamics 365 environment: a publisher with our prefix, a solution of it, and our columns in that solution.

publisher -> solution -> columns, one after another because customizing locks the environment. Each step looks first and
creates only what is missing, so a second run does nothing and a run that broke half-way goes on where it stopped. What is there
is compared (type, length, decimals, options) and never changed: a column that cannot hold its field is one clear line.

Deliberately absent: publishing (new columns need none, and it disturbs people), forms and views, columns mapped to the
environment's own, and the security role: `privileges.PRIVILEGES` says what it must hold, an administrator makes it.
"""

import re
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from connectors.contract import Progress, ProvisionStep, silent
from connectors.dynamics import changes, inventory, solutions
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.column_metadata import TABLES, Wording, column_name, definition, relationship
from connectors.dynamics.faults import ATTRIBUTE_EXISTS, SQL_DUPLICATE
from connectors.dynamics.inventory import FoundColumn
from connectors.dynamics.settings import DynamicsSettings
from connectors.dynamics.solutions import Home
from connectors.dynamics.specs import logical_name
from connectors.errors import PermanentError, ServerBusy
from connectors.fields import FieldSpec, Labels, column

IN_SOLUTION: Final = "MSCRM.SolutionUniqueName"
VISIBLE_SECONDS: Final = 120.0
PAUSE: Final = 2.0
Columns = Mapping[str, Mapping[str, FoundColumn]]
"""By table and logical name."""
_PREFIX: Final = re.compile(r"(?!mscrm)[a-z][a-z0-9]{1,7}")


class DynamicsProvisioner:
    """The provisioning side of one environment: columns `<prefix>_<name>`, labelled in `labels`. Close it, or use `with`."""

    def __init__(self, settings: DynamicsSettings, prefix: str = "GX", labels: Labels = "en") -> None:
        self.client = DynamicsClient(settings)
        self.settings = settings
        self.prefix = prefix.lower()
        self.labels: Labels = labels

    def plan(self, specs: Sequence[FieldSpec]) -> Sequence[ProvisionStep]:
        """What is there and what is missing; makes nothing.

        Raises:
            PermanentError: a column that is there cannot hold its field, or the prefix or solution cannot be used.
            CrmError: the environment cannot be asked, or does not let us look.
        """
        wanted = self._ours(specs)
        return self._steps(wanted, *self._look(wanted))

    def apply(self, specs: Sequence[FieldSpec], *, progress: Progress = silent) -> Sequence[ProvisionStep]:
        """Make what is missing; returns the steps taken, none when all was there. Raises as `plan`; can be run again."""
        wanted = self._ours(specs)
        home, missing = self._look(wanted)
        steps = [step for step in self._steps(wanted, home, missing) if not step.done]
        if missing:
            with inventory.needing("to create columns"):
                self._make(missing, home, progress)
            self._await(missing)
        return [ProvisionStep(step.kind, step.name, True, "created") for step in steps]

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ours(self, specs: Sequence[FieldSpec]) -> list[FieldSpec]:
        """Without the entered fields the configuration maps to the environment's own columns."""
        mapped = {(entity, name) for entity, names in self.settings.map.items() for name in names}
        return [spec for spec in specs if spec.written or (spec.entity, column(spec)) not in mapped]

    def _look(self, specs: Sequence[FieldSpec]) -> tuple[Home, list[FieldSpec]]:
        """Where columns belong here, and the fields whose column is missing."""
        if not _PREFIX.fullmatch(self.prefix):
            raise PermanentError(f"prefix {self.prefix!r} cannot be one of Dynamics: 2 to 8 letters and digits, a letter first, not mscrm")
        with inventory.needing("to see column definitions, publishers and solutions"):
            home = solutions.find(self.client, self.prefix, self.settings.solution)
            found = inventory.columns(self.client, _tables(specs))
        if clashes := list(filter(None, (self._clash(spec, found) for spec in specs))):
            more = f" (and {len(clashes) - 1} more such columns)" if clashes[1:] else ""
            raise PermanentError(f"{clashes[0]}{more}; remove it or set another prefix under [output]; nothing was changed")
        return home, self._missing(specs, found)

    def _clash(self, spec: FieldSpec, found: Columns) -> str:
        there = self._there(spec, found)
        reason = inventory.mismatch(spec, there) if there else ""
        return f"column {column_name(spec, self.prefix)} {reason}" if reason else ""

    def _missing(self, specs: Sequence[FieldSpec], found: Columns) -> list[FieldSpec]:
        return [spec for spec in specs if self._there(spec, found) is None]

    def _there(self, spec: FieldSpec, found: Columns) -> FoundColumn | None:
        return found[TABLES[spec.entity].logical_name].get(logical_name(spec, self.prefix))

    def _steps(self, specs: Sequence[FieldSpec], home: Home, missing: Sequence[FieldSpec]) -> list[ProvisionStep]:
        """Publisher and solution are needed only where a column is missing."""
        return [
            ProvisionStep("publisher", home.publisher_name, bool(home.publisher) or not missing, f"prefix {self.prefix}"),
            ProvisionStep("solution", home.solution, home.there or not missing, solutions.LABEL),
            *(ProvisionStep("field", column_name(spec, self.prefix), spec not in missing, spec.kind) for spec in specs),
        ]

    def _make(self, specs: Sequence[FieldSpec], home: Home, progress: Progress) -> None:
        wording = Wording(self.labels, inventory.languages(self.client))
        home = solutions.make(self.client, home, self._create)
        for number, spec in enumerate(specs, start=1):
            self._make_column(spec, home, wording)
            progress(f"{column_name(spec, self.prefix)}: column {number} of {len(specs)} created")

    def _create(self, entity_set: str, row: Mapping[str, Any]) -> None:
        changes.send(self.client, entity_set, row, there_already=SQL_DUPLICATE)

    def _make_column(self, spec: FieldSpec, home: Home, wording: Wording) -> None:
        describe = relationship if spec.kind == "lookup" else definition
        attributes = f"EntityDefinitions(LogicalName='{TABLES[spec.entity].logical_name}')/Attributes"
        path = "RelationshipDefinitions" if spec.kind == "lookup" else attributes
        body = describe(spec, self.prefix, home.option_prefix, wording)
        changes.send(self.client, path, body, headers={IN_SOLUTION: home.solution}, there_already=ATTRIBUTE_EXISTS)

    def _await(self, made: Sequence[FieldSpec]) -> None:
        """Definitions reach all web servers a little later."""
        deadline = time.monotonic() + VISIBLE_SECONDS
        while True:
            hidden = self._missing(made, inventory.columns(self.client, _tables(made)))
            if not hidden:
                return
            if time.monotonic() > deadline:
                name = column_name(hidden[0], self.prefix)
                raise ServerBusy(f"column {name} was created but cannot be seen yet; run `guanxi provision` again in a few minutes")
            time.sleep(PAUSE)


def _tables(specs: Sequence[FieldSpec]) -> list[str]:
    return list(dict.fromkeys(TABLES[spec.entity].logical_name for spec in specs))
