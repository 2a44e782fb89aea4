"""Every field of contract 4.1 arrives in both CRMs and tells records apart: what a person sees there, not what the warehouse holds.

`Scored_On` and `Method_Version` are the same everywhere by nature: a first run scores everything on one day by one method.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.dynamics.specs import logical_name
from connectors.fields import METHOD_VERSION, OUTPUT, SCORED_ON, Entity, FieldSpec, api_name, column
from tests.conftest import Dynamics
from tests.e2e.kit import User, new_user, soql

pytestmark = pytest.mark.slow

SAME_ON_A_FIRST_RUN = {SCORED_ON, METHOD_VERSION}
OBJECTS: Mapping[Entity, tuple[str, str]] = {
    "account": ("Account", "accounts"),
    "contact": ("Contact", "contacts"),
    "lead": ("Lead", "leads"),
    "user": ("User", "systemusers"),
    "opportunity": ("Opportunity", "opportunities"),
}
"""Entity -> its object in Salesforce, its entity set in Dynamics."""
Seen = dict[tuple[str, Entity], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, start_sandbox: Callable[..., Any]) -> Seen:
    """What both CRMs hold of the small company after a first run: values by column, one row per record."""
    sandbox = start_sandbox("small")
    dynamics = Dynamics(sandbox)
    user = written(tmp_path_factory.mktemp("every-field"), sandbox, dynamics)
    with user.salesforce() as org, dynamics.client() as environment:
        theirs: Seen = {("salesforce", entity): in_salesforce(org, entity) for entity in OUTPUT}
        return theirs | {("dynamics", entity): in_dynamics(environment, entity) for entity in OUTPUT}


def written(folder: Path, sandbox: Any, dynamics: Any) -> User:
    user = new_user(folder, sandbox, dynamics)
    user.done("provision")
    user.done("run", "--as-of", "2026-06-01T12:00:00Z")
    return user


def in_salesforce(org: httpx.Client, entity: Entity) -> list[dict[str, Any]]:
    names = {api_name(spec): column(spec) for spec in OUTPUT[entity]}
    rows = soql(org, f"SELECT {', '.join(names)} FROM {OBJECTS[entity][0]} WHERE GX_Method_Version__c != null")
    return [{names[name]: value for name, value in row.items()} for row in rows]


def in_dynamics(environment: httpx.Client, entity: Entity) -> list[dict[str, Any]]:
    names = {dynamics_name(spec): column(spec) for spec in OUTPUT[entity]}
    asked = {"$select": ",".join(names), "$filter": "gx_method_version ne null"}
    rows = environment.get(OBJECTS[entity][1], params=asked).raise_for_status().json()["value"]
    return [{names[name]: row[name] for name in names} for row in rows]


def dynamics_name(spec: FieldSpec) -> str:
    name = logical_name(spec, "GX")
    return f"_{name}_value" if spec.kind == "lookup" else name


@pytest.mark.parametrize("entity", OUTPUT)
@pytest.mark.parametrize("crm", ["salesforce", "dynamics"])
def test_every_field_is_written_and_none_is_constant(seen: Seen, crm: str, entity: Entity) -> None:
    rows = seen[crm, entity]
    values = {column(spec): {row[column(spec)] for row in rows} - {None, ""} for spec in OUTPUT[entity]}
    assert {name for name, found in values.items() if len(found) < 2} == SAME_ON_A_FIRST_RUN
    assert all(values[name] for name in SAME_ON_A_FIRST_RUN)
    assert len(rows) >= 12
