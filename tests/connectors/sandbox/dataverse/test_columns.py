"""Columns made at run time: types, limits, prefixes, solutions; and what can then be written into them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from tests.connectors.sandbox.dataverse.writekit import TYPE, Environment, environment, refusal

ACCOUNT = "EntityDefinitions(LogicalName='account')/Attributes"
SOLUTION = {"MSCRM.SolutionUniqueName": "guanxi"}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        publisher = made.create(
            "publishers", uniquename="gx", friendlyname="GX", customizationprefix="gx", customizationoptionvalueprefix=12345
        )
        made.create("solutions", uniquename="guanxi", friendlyname="Guanxi", version="1.0", publisherid__=f"/publishers({publisher})")
        yield made


def label(text: str) -> dict[str, Any]:
    return {"@odata.type": TYPE + "Label", "LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def define(kind: str, name: str, **facts: Any) -> dict[str, Any]:
    return {"@odata.type": f"{TYPE}{kind}AttributeMetadata", "SchemaName": name, "DisplayName": label(name), **facts}


def make(env: Environment, definition: dict[str, Any], headers: dict[str, str] = SOLUTION) -> httpx.Response:
    return env.client.post(ACCOUNT, json=definition, headers=headers)


def test_a_column_is_there_at_once_with_its_limits(env: Environment) -> None:
    answer = make(env, define("Decimal", "gx_Score", MinValue=0, MaxValue=100, Precision=1))
    assert answer.status_code == 204
    assert "/Attributes(" in answer.headers["OData-EntityId"]
    made = env.create("accounts", name="A", gx_score=55.55)
    assert env.value("account", "gx_score", made) in (55.5, 55.6)
    assert env.refused(f"accounts({made})", gx_score=101) == (400, "0x80044330")
    assert env.client.get(f"accounts({made})?$select=gx_score").json()["gx_score"] == env.value("account", "gx_score", made)


@pytest.mark.parametrize(
    ("kind", "facts", "good", "bad"),
    [
        ("String", {"MaxLength": 5, "FormatName": {"Value": "Text"}}, "abcde", "abcdef"),
        ("Memo", {"MaxLength": 10}, "a\nb", "x" * 11),
        ("Integer", {"MinValue": 1, "MaxValue": 9}, 9, 10),
        ("Double", {"MinValue": 0, "MaxValue": 1, "Precision": 3}, 0.125, 2),
        ("Money", {"Precision": 2}, 1.25, "1"),
        ("Boolean", {"OptionSet": {"TrueOption": {"Value": 1, "Label": label("Yes")}}}, True, 1),
        ("DateTime", {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}, "2026-01-02", "2026-01-02T00:00:00Z"),
        ("Picklist", {"OptionSet": {"Options": [{"Value": 5, "Label": label("Five")}, {"Value": 7, "Label": label("Seven")}]}}, 7, 6),
        ("MultiSelectPicklist", {"OptionSet": {"Options": [{"Value": 5}, {"Value": 7}]}}, "5,7", "5,6"),
    ],
    ids=lambda value: value if isinstance(value, str) and value[0].isupper() else "",
)
def test_every_type_takes_what_fits_and_refuses_what_does_not(
    env: Environment, kind: str, facts: dict[str, Any], good: Any, bad: Any
) -> None:
    name = f"gx_{kind}"
    assert make(env, define(kind, name, **facts)).status_code == 204
    made = env.create("accounts", name="A", **{name.lower(): good})
    assert env.client.get(f"accounts({made})").json()[name.lower()] == good
    assert env.refused(f"accounts({made})", **{name.lower(): bad})[0] == 400


def test_options_without_values_begin_with_the_publishers_prefix(env: Environment) -> None:
    options = [{"Label": label(text)} for text in ("Excellent", "Good", "Fair")]
    assert make(env, define("Picklist", "gx_Grade", OptionSet={"IsGlobal": False, "Options": options})).status_code == 204
    made = env.store.catalog["account"].attributes["gx_grade"]
    assert [(item.value, item.label) for item in made.options] == [(123450000, "Excellent"), (123450001, "Good"), (123450002, "Fair")]


def test_a_column_is_made_once(env: Environment) -> None:
    assert make(env, define("String", "gx_Once")).status_code == 204
    assert refusal(make(env, define("String", "gx_once"))) == (400, "0x80047013")


def test_the_prefix_is_that_of_the_solutions_publisher(env: Environment) -> None:
    assert refusal(make(env, define("String", "new_Other"))) == (400, "0x80048062")
    assert make(env, define("String", "new_Other"), {}).status_code == 204
    assert refusal(make(env, define("String", "zz_Nobody"), {})) == (400, "0x80048062")
    assert refusal(make(env, define("String", "gx_Lost"), {"MSCRM.SolutionUniqueName": "nowhere"})) == (400, "0x80040203")


@pytest.mark.parametrize(
    "definition",
    [
        define("Hologram", "gx_A"),
        define("String", "noprefix"),
        define("Picklist", "gx_B"),
        define("Picklist", "gx_B", OptionSet={"Options": [{"Value": 1}, {"Value": 1}]}),
        define("Decimal", "gx_C", Precision=11),
        define("String", "gx_D", MaxLength=5_000),
        define("DateTime", "gx_E", Format="DateAndTime", DateTimeBehavior={"Value": "DateOnly"}),
        {"SchemaName": "gx_F"},
    ],
    ids=lambda definition: str(definition.get("SchemaName")),
)
def test_a_definition_that_cannot_be_is_refused(env: Environment, definition: dict[str, Any]) -> None:
    assert make(env, definition).status_code == 400


def test_a_lookup_comes_with_its_relationship_and_its_property_keeps_its_capitals(env: Environment) -> None:
    relationship = {
        "@odata.type": f"{TYPE}OneToManyRelationshipMetadata",
        "SchemaName": "gx_systemuser_account_strongest",
        "ReferencedEntity": "systemuser",
        "ReferencingEntity": "account",
        "Lookup": {**define("Lookup", "gx_StrongestUser")},
    }
    assert env.client.post("RelationshipDefinitions", json=relationship, headers=SOLUTION).status_code == 204
    made = env.create("accounts", name="A", gx_StrongestUser__=f"/systemusers({INTEGRATION_USER_ID})")
    assert env.client.get(f"accounts({made})").json()["_gx_strongestuser_value"] == INTEGRATION_USER_ID
    assert env.refused(f"accounts({made})", gx_strongestuser__=f"/systemusers({INTEGRATION_USER_ID})") == (400, "0x80048d19")
    assert env.client.post("RelationshipDefinitions", json={**relationship, "Lookup": None}, headers=SOLUTION).status_code == 400


def test_a_definition_is_put_anew_but_its_type_stays(env: Environment) -> None:
    made = make(env, define("String", "gx_Label", MaxLength=10))
    by_id = made.headers["OData-EntityId"]
    assert env.client.put(by_id, json=define("String", "gx_Label", MaxLength=15)).status_code == 204
    assert env.client.get(by_id).json()["LogicalName"] == "gx_label"
    address = f"{ACCOUNT}(LogicalName='gx_label')"
    assert (
        env.client.put(address, json=define("String", "gx_Label", MaxLength=20), headers={"MSCRM.MergeLabels": "true"}).status_code == 204
    )
    assert env.store.catalog["account"].attributes["gx_label"].max_length == 20
    assert refusal(env.client.put(address, json=define("Integer", "gx_Label"))) == (400, "0x80040203")
    assert env.client.put(f"{ACCOUNT}(LogicalName='gx_nothing')", json=define("String", "gx_Nothing")).status_code == 404


def test_columns_are_still_there_when_the_environment_is_opened_again(env: Environment) -> None:
    make(env, define("Integer", "gx_Stays", MinValue=0, MaxValue=5))
    before = env.store.catalog["account"].attributes["gx_stays"]
    env.store.refresh_catalog()
    assert env.store.catalog["account"].attributes["gx_stays"] == before


def test_customizing_needs_the_right_to(env: Environment) -> None:
    env.access.restrict(customize=False)
    assert refusal(make(env, define("String", "gx_No"))) == (403, "0x80040220")
    assert refusal(env.client.post("PublishAllXml")) == (403, "0x80040220")
    assert refusal(env.client.post("publishers", json={"uniquename": "p", "friendlyname": "P"})) == (403, "0x80040220")
    env.access.restrict(customize=True)
    assert env.client.post("PublishAllXml").status_code == 204
    assert env.client.post("PublishXml", json={"ParameterXml": "<importexportxml/>"}).status_code == 204
    assert refusal(env.client.post("PublishXml", json={})) == (400, "0x80040203")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"uniquename": "q", "friendlyname": "Q", "customizationprefix": "mscrmq"}, (400, "0x80040203")),
        ({"uniquename": "q", "friendlyname": "Q", "customizationprefix": "Q"}, (400, "0x80040203")),
        ({"uniquename": "q", "friendlyname": "Q", "customizationoptionvalueprefix": 99}, (400, "0x80044330")),
        ({"friendlyname": "Q"}, (400, "0x80040203")),
        ({"uniquename": "GX", "friendlyname": "Q"}, (412, "0x80040237")),
    ],
)
def test_a_publisher_that_cannot_be_is_refused(env: Environment, values: dict[str, Any], expected: tuple[int, str]) -> None:
    assert refusal(env.client.post("publishers", json=values)) == expected


def test_a_solution_needs_a_publisher(env: Environment) -> None:
    assert refusal(env.client.post("solutions", json={"uniquename": "s", "friendlyname": "S"})) == (400, "0x80040203")
