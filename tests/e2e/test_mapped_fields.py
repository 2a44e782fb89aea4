"""Fields both CRMs have of their own, named in the configuration: read by both connectors, staged alike, never created."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import Provisioner, Reader
from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.reader import DynamicsReader
from connectors.dynamics.settings import DynamicsSettings
from connectors.fields import all_specs
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.settings import SalesforceSettings
from tests.transforms.kit import build_model, open_warehouse
from transforms.base import Source
from transforms.tables import FACTORS, entered_dropped, opportunities
from transforms.tables import accounts as firms
from warehouse import DuckDBWarehouse, raw_schema

CRM = "crm"


@pytest.fixture(scope="module")
def salesforce(sandbox: Any) -> SalesforceSettings:
    factors = {name: f"Purchase_{name.title()}__c" for name in FACTORS}
    named = {"account": {"plan": "Account_Plan__c"}, "opportunity": factors}
    return SalesforceSettings(instance_url=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret, map=named)


@pytest.fixture(scope="module")
def dynamics_365(dynamics: Any) -> DynamicsSettings:
    given = dynamics.variables()
    names = {"environment_url": "DYN_URL", "authority": "DYN_AUTHORITY", "tenant_id": "DYN_TENANT", "client_id": "DYN_CLIENT_ID"}
    named = {"account": {"plan": "new_plan"}, "opportunity": {name: f"new_{name}" for name in FACTORS}}
    login = {name: given[variable] for name, variable in names.items()}
    return DynamicsSettings(**login, client_secret=given["DYN_CLIENT_SECRET"], map=named)


@pytest.fixture(scope="module", params=["salesforce", "dynamics"])
def modelled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """The model of what one connector reads."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    reader: Reader
    if request.param == "salesforce":
        reader = SalesforceReader(request.getfixturevalue("salesforce"), CRM, "GX", folder)
    else:
        reader = DynamicsReader(request.getfixturevalue("dynamics_365"), CRM, "GX", folder)
    with closing(open_warehouse()) as warehouse:
        reader.extract(warehouse)
        build_model(warehouse, Source(CRM, request.param, visible(warehouse), reader.entered), until=entered_dropped)
        yield warehouse


def visible(warehouse: DuckDBWarehouse) -> dict[str, list[str]]:
    """What the extraction left visible."""
    with warehouse.native() as cursor:
        listed = f"select object_name, list(column_name) from {raw_schema(CRM)}.extracted_columns group by 1"
        return dict(cursor.execute(listed).fetchall())


def test_what_people_entered_in_fields_of_their_own_is_in_the_model(modelled: DuckDBWarehouse) -> None:
    plans = modelled.arrow(sa.select(firms.c.plan).distinct()).to_pydict()["plan"]
    assert "Win the pilot" in plans
    assert None in plans
    scores = modelled.arrow(sa.select(*(opportunities.c[name] for name in FACTORS))).to_pydict()
    for name in FACTORS:
        entered = [score for score in scores[name] if score is not None]
        assert 0 < len(entered) < len(scores[name])
        assert 0 <= min(entered) < max(entered) <= 10


def test_they_are_never_provisioned(salesforce: SalesforceSettings, dynamics_365: DynamicsSettings) -> None:
    provisioners: list[Provisioner]
    with SalesforceProvisioner(salesforce, "GX", "en") as org, DynamicsProvisioner(dynamics_365, "GX", "en") as environment:
        provisioners = [org, environment]
        named = [step.name.lower() for provisioner in provisioners for step in provisioner.plan(all_specs())]
    assert any("closeness" in name for name in named)
    assert not [name for name in named if re.search(r"gx_(plan|value|factor_\d)\b", name.removesuffix("__c"))]
