"""A full extraction as a command of its own for `tests.forks`, to be killed in the middle: a file of progress says when."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.contract import Reader
from tests.forks import Forked
from warehouse import DuckDBWarehouse

SECONDS = 60


def main(arguments: list[str]) -> None:
    """The kind of CRM, its name in the warehouse, its settings as JSON, and the folder of warehouse and work."""
    kind, crm, given, folder = arguments
    with DuckDBWarehouse(Path(folder) / "warehouse.duckdb") as warehouse:
        reader = _reader(kind, crm, json.loads(given), Path(folder) / "work")
        reader.extract(warehouse, full_refresh=True, progress=lambda line: print(line, flush=True))


def _reader(kind: str, crm: str, given: dict[str, str], work: Path) -> Reader:
    if kind == "salesforce":
        from connectors.salesforce.reader import SalesforceReader
        from connectors.salesforce.settings import SalesforceSettings

        return SalesforceReader(SalesforceSettings(**given), crm, "GX", work)
    from connectors.dynamics.reader import DynamicsReader
    from connectors.dynamics.settings import DynamicsSettings

    return DynamicsReader(DynamicsSettings(**given), crm, "GX", work)


def killed_at(kind: str, crm: str, given: Mapping[str, str], folder: Path, ready: Callable[[str], bool], after: float = 0.0) -> None:
    """Run it, and kill -9 so many seconds after a line of progress says so."""
    said = folder / "progress.log"
    said.write_text("")
    run = Forked(main, [kind, crm, json.dumps(dict(given)), str(folder)], folder, said)
    until = time.monotonic() + SECONDS
    while not any(ready(line) for line in said.read_text().splitlines()):
        assert run.poll() is None, said.read_text()
        assert time.monotonic() < until, said.read_text()
        time.sleep(0.005)
    time.sleep(after)
    run.kill()
    run.wait(10)
