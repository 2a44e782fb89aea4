"""The set of definitions is pinned: keys, groups, what depends on what, checks (blocking ones marked !), schedules, pools.

After a wanted change: GUANXI_WRITE_SNAPSHOT=1 pytest tests/orchestration/test_definitions.py, and look at the difference.
"""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration.config import load
from orchestration.definitions import build
from orchestration.nightly import JOB
from tests.orchestration.conftest import DYNAMICS, VARIABLES

SNAPSHOT = Path(__file__).with_name("definitions.txt")
ROOT = Path(__file__).parents[2]
Write = Callable[..., Path]


@pytest.fixture
def definitions(write: Write) -> dg.Definitions:
    return build(load(write(DYNAMICS), VARIABLES))


def described(definitions: dg.Definitions) -> str:
    checks: dict[dg.AssetKey, list[str]] = {}
    for spec in _checks(definitions):
        checks.setdefault(spec.asset_key, []).append(spec.name + ("!" if spec.blocking else ""))
    lines = []
    for asset in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: (spec.group_name or "", spec.key)):
        lines.append(f"{asset.group_name}: {asset.key.to_user_string()}")
        lines += [f"    reads {dep.asset_key.to_user_string()}" for dep in sorted(asset.deps, key=lambda dep: dep.asset_key)]
        lines += [f"    check {name}" for name in sorted(checks.get(asset.key, []))]
    lines += [f"schedule {item.name} {item.cron_schedule} -> {item.job_name}" for item in definitions.schedules or ()]
    return "\n".join([*lines, ""])


def _checks(definitions: dg.Definitions) -> list[dg.AssetCheckSpec]:
    graph = definitions.resolve_asset_graph()
    return [graph.get_check_spec(key) for key in graph.asset_check_keys]


def test_the_definitions_are_these(definitions: dg.Definitions) -> None:
    found = described(definitions)
    if os.environ.get("GUANXI_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found.splitlines() == SNAPSHOT.read_text(encoding="utf-8").splitlines()


def test_every_asset_has_a_description_an_owner_and_a_kind(definitions: dg.Definitions) -> None:
    for asset in definitions.resolve_all_asset_specs():
        assert asset.description, asset.key
        assert asset.owners, asset.key
        assert asset.kinds, asset.key


def test_built_tables_show_their_columns_with_comments(definitions: dg.Definitions) -> None:
    asset = next(spec for spec in definitions.resolve_all_asset_specs() if spec.key == dg.AssetKey(["model", "interactions"]))
    columns = {column.name: column for column in asset.metadata["dagster/column_schema"].columns}
    assert columns["channel"].description == "meeting, call or email"
    assert columns["at_s"].type == "BIGINT"


def test_what_calls_a_crm_is_in_its_pool(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    calling = {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).pools}
    pools = {pool for key in graph.get_all_asset_keys() for pool in graph.get(key).pools}
    assert pools == {"crm_sales_cloud_api", "crm_dynamics_api"}
    for crm in ("sales_cloud", "dynamics"):
        assert {f"activation_{crm}/{step}" for step in ("plan", "push", "verify")} <= calling
    assert {"raw_sales_cloud/Task", "raw_dynamics/phonecall"} <= calling
    assert "model/people" not in calling


def test_each_crm_has_a_schedule_that_is_on_and_starts_only_its_part(write: Write) -> None:
    definitions = build(load(write(DYNAMICS + 'schedule = "0 4 * * 1-5"\n'), VARIABLES))
    schedules = {schedule.name: schedule for schedule in definitions.schedules or ()}
    assert {name: item.cron_schedule for name, item in schedules.items()} == {
        "nightly_sales_cloud": "15 2 * * *",
        "nightly_dynamics": "0 4 * * 1-5",
    }
    for name, item in schedules.items():
        assert isinstance(item, dg.ScheduleDefinition)
        assert item.default_status is dg.DefaultScheduleStatus.RUNNING
        data = item.evaluate_tick(dg.build_schedule_context())
        (request,) = data.run_requests or ()
        crm = name.removeprefix("nightly_")
        assert request.tags["crm"] == crm
        selected = {"/".join(key.path) for key in request.asset_selection or ()}
        other = next(name for name in ("sales_cloud", "dynamics") if name != crm)
        parts = (f"activation_{crm}/push", f"staging/stg_{crm}__people", "model/interactions", "enrichment/contact")
        assert {*parts, f"raw_{crm}/{'Task' if crm == 'sales_cloud' else 'email'}"} <= selected
        assert [key for key in selected if other in key] == []


def test_the_job_loads_and_runs_in_one_process(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
    assert definitions.resolve_job_def(JOB).executor_def.name == "in_process"


def test_the_module_that_dagster_loads_is_the_one_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["dg"]["project"]["code_location_target_module"] == "orchestration.definitions"
    assert project["tool"]["dagster"]["module_name"] == "orchestration.definitions"
