"""Provisioning against the sandbox: all of it, once, and never more than is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.contract import ProvisionStep
from connectors.errors import MissingPermission, ServerBusy
from connectors.fields import ENTERED, OUTPUT, all_specs, api_name
from connectors.salesforce.field_metadata import metadata
from connectors.salesforce.provision import SalesforceProvisioner

SPECS = all_specs()
USERS = [*OUTPUT["user"]]
KINDS = {"field": 113, "permission_set": 1, "field_permission": 113, "object_permission": 4, "assignment": 1}


@pytest.fixture
def provisioner(fresh_sandbox: Any, settings_of: Callable[..., Any]) -> Iterator[SalesforceProvisioner]:
    with SalesforceProvisioner(settings_of(fresh_sandbox)) as opened:
        yield opened


@dataclass
class Before:
    """What the module's org was like before provisioning, and what provisioning did."""

    planned: list[ProvisionStep]
    fields: set[str]
    made: list[ProvisionStep]


@pytest.fixture(scope="module")
def first(sandbox: Any, settings_of: Callable[..., Any]) -> Before:
    """The module's org is provisioned."""
    with SalesforceProvisioner(settings_of(sandbox), labels="both") as opened:
        planned, fields = list(opened.plan(SPECS)), set(described(sandbox, "Contact"))
        assert list(opened.plan(SPECS)) == planned
        return Before(planned, fields, list(opened.apply(SPECS)))


@pytest.fixture(scope="module")
def org(sandbox: Any, first: Before) -> Any:
    """The module's org after provisioning."""
    return sandbox


def described(org: Any, object_name: str) -> dict[str, dict[str, Any]]:
    with org.client() as http:
        return {field["name"]: field for field in http.get(f"sobjects/{object_name}/describe").json()["fields"]}


def counted(steps: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in steps:
        found[step.kind] = found.get(step.kind, 0) + 1
    return found


def test_the_plan_makes_nothing_and_names_everything(first: Before) -> None:
    assert counted(first.planned) == KINDS
    assert not any(step.done for step in first.planned)
    assert not any(name.startswith("GX_") for name in first.fields)


def test_everything_is_made_once(org: Any, first: Before, settings_of: Callable[..., Any]) -> None:
    assert counted(first.made) == KINDS
    with SalesforceProvisioner(settings_of(org), labels="both") as provisioner:
        assert all(step.done for step in provisioner.plan(SPECS))
        used = provisioner.client.quota.ours
        assert list(provisioner.apply(SPECS)) == []
        assert provisioner.client.quota.ours - used < 10


def test_it_goes_on_where_a_failure_stopped_it(fresh_sandbox: Any, provisioner: SalesforceProvisioner) -> None:
    fresh_sandbox.faults({"action": "unavailable", "method": "POST", "path": "*/CustomField", "skip": 5, "times": 0})
    with pytest.raises(ServerBusy):
        provisioner.apply(USERS)
    fresh_sandbox.faults()
    made = sum(step.done for step in provisioner.plan(USERS) if step.kind == "field")
    assert 0 < made < len(USERS)
    again = counted(provisioner.apply(USERS))
    assert (again["field"], again["permission_set"], again["assignment"]) == (len(USERS) - made, 1, 1)
    assert all(step.done for step in provisioner.plan(USERS))


def test_a_lost_answer_is_no_failure(fresh_sandbox: Any, provisioner: SalesforceProvisioner) -> None:
    fresh_sandbox.faults({"action": "reset", "method": "POST", "path": "*/CustomField", "skip": 1, "times": 3, "every": 3})
    provisioner.apply(USERS)
    assert [rule["struck"] for rule in fresh_sandbox.control("GET", "faults").json()["rules"]] == [3]
    assert all(step.done for step in provisioner.plan(USERS))


def test_without_the_right_to_customize_one_line_says_what_to_do(sandbox: Any, settings_of: Callable[..., Any]) -> None:
    sandbox.post_control("salesforce/access", {"customize": False})
    with (
        SalesforceProvisioner(settings_of(sandbox), "NO") as provisioner,
        pytest.raises(MissingPermission, match=r"has no right to (see custom|create) fields; give it .*Customize Application") as refusal,
    ):
        provisioner.apply(SPECS)
    sandbox.post_control("salesforce/access", {"customize": True})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("entity", list(OUTPUT))
def test_output_fields_are_writable_and_entered_ones_readable(org: Any, entity: Any) -> None:
    fields = described(org, entity.capitalize())
    assert {fields[api_name(spec)]["updateable"] for spec in OUTPUT[entity]} == {True}
    assert {fields[api_name(spec)]["updateable"] for spec in ENTERED[entity]} <= {False}


@pytest.mark.parametrize(
    ("object_name", "field", "expected"),
    [
        ("Contact", "GX_Closeness__c", {"type": "double", "precision": 4, "scale": 1, "label": "Closeness 亲密度"}),
        ("Contact", "GX_Frequency__c", {"type": "double", "precision": 4, "scale": 2}),
        ("Contact", "GX_Touches_90d__c", {"type": "double", "precision": 9, "scale": 0}),
        ("Contact", "GX_Last_Touch__c", {"type": "date"}),
        ("Contact", "GX_Why__c", {"type": "string", "length": 255}),
        ("Contact", "GX_Method_Version__c", {"type": "string", "length": 20}),
        ("Contact", "GX_Key_Person__c", {"type": "boolean"}),
        ("Contact", "GX_Buying_Role__c", {"type": "multipicklist", "restrictedPicklist": True}),
        ("Contact", "GX_Influenced_By__c", {"type": "reference", "referenceTo": ["Contact"]}),
        ("Lead", "GX_Strongest_User__c", {"type": "reference", "referenceTo": ["User"]}),
        ("Account", "GX_Solution_Acceptance_Avg__c", {"type": "double", "precision": 3, "scale": 2}),
        ("Opportunity", "GX_Veto_Against__c", {"type": "boolean"}),
        ("User", "GX_Rep_Grade__c", {"type": "picklist", "restrictedPicklist": True}),
    ],
)
def test_fields_have_the_contracts_types(org: Any, object_name: str, field: str, expected: dict[str, Any]) -> None:
    found = described(org, object_name)[field]
    assert {name: found[name] for name in expected} == expected


def test_picklists_have_english_values_in_order_under_the_labels_asked_for(org: Any) -> None:
    values = described(org, "Contact")["GX_Closeness_Grade__c"]["picklistValues"]
    assert [value["value"] for value in values] == ["Excellent", "Good", "Fair", "Poor"]
    assert [value["label"] for value in values] == ["Excellent 优", "Good 良", "Fair 中", "Poor 差"]


def test_lookups_to_one_object_have_relationship_names_of_their_own() -> None:
    lookups = [metadata(spec, "GX", "en") for spec in SPECS if spec.kind == "lookup"]
    names = [lookup["relationshipName"] for lookup in lookups]
    assert len(set(names)) == len(names) == 3
    assert all(len(name) <= 40 and "__" not in name for name in names)


def test_a_mapped_entered_field_is_not_created(sandbox: Any, settings_of: Callable[..., Any]) -> None:
    settings = settings_of(sandbox, map={"contact": {"attitude": "Sentiment__c"}})
    with SalesforceProvisioner(settings) as provisioner:
        names = {step.name for step in provisioner.plan(SPECS)}
    assert "Contact.GX_Attitude__c" not in names
    assert "Contact.GX_Vote__c" in names


def test_another_prefix_stands_beside_the_first(org: Any, settings_of: Callable[..., Any]) -> None:
    with SalesforceProvisioner(settings_of(org), "ZZ") as provisioner:
        steps = provisioner.plan(OUTPUT["user"])
    assert {step.name for step in steps if step.kind == "permission_set"} == {"ZZ_Guanxi"}
    assert not any(step.done for step in steps)
