"""A warehouse with every table of the tiny org, built as a nightly run builds it while the next one goes on, and the report on it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchestration import report
from orchestration.config import Configuration, load
from quality.reconciliation import reconcile
from tests.orchestration.conftest import MINIMAL, VARIABLES
from tests.transforms.kit import build, context, load_sandbox
from transforms.registry import all_models
from transforms.registry_model import model_models
from warehouse import DuckDBWarehouse, ledger

URL = VARIABLES["SF_INSTANCE_URL"]
ACTIVITIES = {"Task": "Id", "Event": "Id", "EmailMessage": "Id"}
ENTERED = """
update model.accounts set competitor_main = 'Rival ' || account_id;
update model.opportunities set value_proposition = 'Says Ms Grey of ' || account_id, compelling_event = true;
update model.opportunities set factor_1 = 3, factor_2 = 0, factor_5 = 10 where opportunity_id =
    (select min(opportunity_id) from model.opportunities where not is_closed);
"""
"""What people typed."""


@dataclass(frozen=True)
class Reported:
    """A folder with a configuration, its warehouse, and the pages by name."""

    config: Configuration
    warehouse: DuckDBWarehouse
    pages: Mapping[str, str]

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with self.warehouse.native() as cursor:
            return cursor.execute(statement).fetchall()


def pages(warehouse: DuckDBWarehouse, config: Configuration, folder: Path) -> Mapping[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in report.write(warehouse, config, folder)}


def record_run(warehouse: DuckDBWarehouse) -> str:
    """A run in the ledger that came to its end, with the account of what it read."""
    ledger.migrate(warehouse)
    run_id = ledger.start_run(warehouse, ledger.now())
    objects = [vars(account) for account in reconcile(warehouse, "sales_cloud", ACTIVITIES)]
    ledger.finish_run(warehouse, run_id, "done", counts={"crms": "sales_cloud", "objects": objects, "entities": [], "warnings": []})
    return run_id


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory, sandbox_state: Callable[[str], Path]) -> Iterator[Reported]:
    folder = tmp_path_factory.mktemp("report")
    (folder / "guanxi.toml").write_text(MINIMAL, encoding="utf-8")
    config = load(folder / "guanxi.toml", VARIABLES)
    with DuckDBWarehouse(config.warehouse_file) as warehouse:
        source = load_sandbox(warehouse, sandbox_state("tiny"))
        given, model = replace(context([source]), run_id="night"), model_models([source])
        build(warehouse, model, given)
        with warehouse.native() as cursor:
            cursor.execute(ENTERED)
        build(warehouse, all_models([source])[len(model) :], given)
        record_run(warehouse)
        ledger.start_run(warehouse, ledger.now())
        yield Reported(config, warehouse, pages(warehouse, config, folder / "pages"))


@pytest.fixture(scope="session")
def ungraded(reported: Reported, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The pages where nobody is graded, in both languages."""
    folder = tmp_path_factory.mktemp("ungraded")
    (folder / "guanxi.toml").write_text(f'{MINIMAL}\n[grading]\nindividual = false\n[output]\nlabels = "both"\n', encoding="utf-8")
    return pages(reported.warehouse, load(folder / "guanxi.toml", VARIABLES), folder / "pages")
