"""One company in both CRMs, read by both connectors from one server: the same interactions and scores about whoever lives in both.

Both have fields of their own that the configuration names: those are read by both connectors, staged alike, and never created.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import Provisioner
from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.reader import DynamicsReader
from connectors.dynamics.settings import DynamicsSettings
from connectors.fields import ENTERED, all_specs
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.settings import SalesforceSettings
from tests.transforms.kit import open_warehouse
from tests.transforms.staging.dynamics.twins import CRM, renamed, scored, told
from transforms.base import Source
from transforms.tables import FACTORS, accounts, opportunities
from warehouse import DuckDBWarehouse, raw_schema

FIELDS = [field for fields in ENTERED.values() for field in fields]


def source(warehouse: DuckDBWarehouse, kind: str, entered: Any) -> Source:
    """What an extraction left visible."""
    with warehouse.native() as cursor:
        found = cursor.execute(f"select object_name, list(column_name) from {raw_schema(CRM)}.extracted_columns group by 1").fetchall()
    return Source(CRM, kind, dict(found), entered)


def org_settings(sandbox: Any) -> SalesforceSettings:
    named = {"account": {"plan": "Account_Plan__c"}, "opportunity": {name: f"Purchase_{name.title()}__c" for name in FACTORS}}
    return SalesforceSettings(instance_url=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret, map=named)


def environment_settings(dynamics: Any) -> DynamicsSettings:
    given = dynamics.variables()
    names = {"environment_url": "DYN_URL", "authority": "DYN_AUTHORITY", "tenant_id": "DYN_TENANT", "client_id": "DYN_CLIENT_ID"}
    login = {name: given[variable] for name, variable in names.items()}
    named = {"account": {"plan": "new_plan"}, "opportunity": {name: f"new_{name}" for name in FACTORS}}
    return DynamicsSettings(**login, client_secret=given["DYN_CLIENT_SECRET"], map=named)


def salesforce(settings: SalesforceSettings, folder: Path) -> tuple[DuckDBWarehouse, Source]:
    """The org, with what people entered, in a warehouse."""
    with SalesforceProvisioner(settings, "GX", "en") as provisioner:
        provisioner.apply(FIELDS)
    warehouse, reader = open_warehouse(), SalesforceReader(settings, CRM, "GX", folder)
    reader.extract(warehouse)
    return warehouse, source(warehouse, "salesforce", reader.entered)


def dynamics_365(settings: DynamicsSettings, folder: Path) -> tuple[DuckDBWarehouse, Source]:
    """The environment, with what people entered, in a warehouse; labels are Chinese, which must not matter."""
    with DynamicsProvisioner(settings, "GX", "zh") as provisioner:
        provisioner.apply(FIELDS)
    warehouse, reader = open_warehouse(), DynamicsReader(settings, CRM, "GX", folder)
    reader.extract(warehouse)
    return warehouse, source(warehouse, "dynamics", reader.entered)


@pytest.fixture(scope="module")
def both(
    sandbox: Any, dynamics: Any, sandbox_state: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, DuckDBWarehouse]]:
    """What each CRM tells about the twins, scored."""
    state, folder = sandbox_state("tiny"), tmp_path_factory.mktemp("twins")
    org, theirs = salesforce(org_settings(sandbox), folder / "salesforce")
    environment, ours = dynamics_365(environment_settings(dynamics), folder / "dynamics")
    with org, environment:
        yield {"salesforce": scored(org, theirs, state), "dynamics": scored(environment, renamed(environment, ours, state), state)}


def test_what_both_connectors_read_gives_the_same_interactions_and_scores(both: dict[str, DuckDBWarehouse]) -> None:
    theirs, ours = told(both["salesforce"]), told(both["dynamics"])
    for what, rows in theirs.items():
        assert rows == ours[what], what
    assert sum(ours["interactions"].values()) > 500
    assert all(ours.values())


@pytest.mark.parametrize("crm", ["salesforce", "dynamics"])
def test_what_people_entered_in_fields_of_their_own_is_in_the_model(both: dict[str, DuckDBWarehouse], crm: str) -> None:
    plans = both[crm].arrow(sa.select(accounts.c.plan).distinct()).to_pydict()["plan"]
    assert "Win the pilot" in plans
    assert None in plans
    scores = both[crm].arrow(sa.select(*(opportunities.c[name] for name in FACTORS))).to_pydict()
    for name in FACTORS:
        entered = [score for score in scores[name] if score is not None]
        assert 0 < len(entered) < len(scores[name])
        assert 0 <= min(entered) < max(entered) <= 10


def test_fields_of_their_own_are_never_provisioned(sandbox: Any, dynamics: Any) -> None:
    with (
        SalesforceProvisioner(org_settings(sandbox), "GX", "en") as org,
        DynamicsProvisioner(environment_settings(dynamics), "GX", "zh") as environment,
    ):
        provisioners: list[Provisioner] = [org, environment]
        planned = [step.name.lower() for provisioner in provisioners for step in provisioner.plan(all_specs())]
    assert any("closeness" in name for name in planned)
    assert not [name for name in planned if re.search(r"gx_(plan|value|factor_\d)\b", name.removesuffix("__c"))]
