"""Provisioning against the sandbox: all of it, once, never more than is missing, and nothing that is there is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from starlette.responses import JSONResponse, Response

from connectors.dynamics import changes, provision
from connectors.dynamics.column_metadata import CHINESE, ENGLISH, TABLES, Wording, column_name, definition, relationship
from connectors.dynamics.privileges import PRIVILEGES, WRITES, missing
from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.specs import logical_name
from connectors.dynamics.writer import DynamicsWriter
from connectors.errors import MissingPermission, PermanentError, RequestRejected, ServerBusy
from connectors.fields import OUTPUT, FieldSpec, all_specs, column

SPECS = all_specs()
USERS = [*OUTPUT["user"]]
TYPE = "Microsoft.Dynamics.CRM."


def spec(entity: str, name: str) -> FieldSpec:
    return next(item for item in SPECS if item.entity == entity and column(item) == name)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "PAUSE", 0.01)
    monkeypatch.setattr(changes, "PAUSE", 0.01)


@pytest.fixture(scope="module")
def environment(dynamics: Any, settings_of: Callable[..., Any]) -> Any:
    """The module's environment after provisioning."""
    with DynamicsProvisioner(settings_of(dynamics), labels="both") as opened:
        opened.apply(SPECS)
    return dynamics


@pytest.fixture(scope="module")
def bare(start_sandbox: Callable[..., Any], dynamics: Any) -> Any:
    """Another environment: tests that break things take a prefix each."""
    server = start_sandbox()
    yield type(dynamics)(server)
    server.stop()


@pytest.fixture
def provisioner_of(bare: Any, settings_of: Callable[..., Any]) -> Iterator[Callable[..., DynamicsProvisioner]]:
    """`provisioner_of(prefix, **settings)`: over the bare environment."""
    opened: list[DynamicsProvisioner] = []

    def make(prefix: str, **changes: Any) -> DynamicsProvisioner:
        opened.append(DynamicsProvisioner(settings_of(bare, **changes), prefix))
        return opened[-1]

    yield make
    bare.sandbox.faults()
    bare.switch("access", customize=True)
    for provisioner in opened:
        provisioner.close()


def post(environment: Any, path: str, headers: dict[str, str] | None = None, **body: Any) -> str:
    with environment.client(**(headers or {})) as http:
        answer = http.post(path, json=body)
        assert answer.is_success, answer.text
        return str(answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")"))


def rows(environment: Any, path: str) -> list[dict[str, Any]]:
    with environment.client() as http:
        found: list[dict[str, Any]] = http.get(path).raise_for_status().json()["value"]
        return found


def attribute(environment: Any, entity: Any, name: str) -> dict[str, Any]:
    table = TABLES[entity].logical_name
    found = rows(environment, f"EntityDefinitions(LogicalName='{table}')/Attributes?$filter=LogicalName eq '{name}'")
    return found[0]


def options(environment: Any, entity: str, name: str) -> list[tuple[int, str]]:
    path = f"EntityDefinitions(LogicalName='{entity}')/Attributes(LogicalName='{name}')/{TYPE}PicklistAttributeMetadata/OptionSet"
    with environment.client() as http:
        listed = http.get(path).raise_for_status().json()["Options"]
    return [(option["Value"], option["Label"]["UserLocalizedLabel"]["Label"]) for option in listed]


def test_the_plan_makes_nothing_and_names_everything(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    steps = provisioner_of("pl").plan(SPECS)
    assert Counter(step.kind for step in steps) == {"publisher": 1, "solution": 1, "field": len(SPECS)}
    assert not any(step.done for step in steps)
    assert rows(bare, "publishers?$filter=customizationprefix eq 'pl'") == []
    assert provisioner_of("pl").plan(SPECS) == steps


def test_everything_is_made_once(environment: Any, settings_of: Callable[..., Any]) -> None:
    with DynamicsProvisioner(settings_of(environment)) as provisioner:
        assert all(step.done for step in provisioner.plan(SPECS))
        used = provisioner.client.calls
        assert list(provisioner.apply(SPECS)) == []
        assert provisioner.client.calls - used < 50


def test_it_goes_on_where_a_failure_stopped_it(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    bare.sandbox.faults({"action": "unavailable", "method": "POST", "path": "*/Attributes", "skip": 5, "times": 0})
    with pytest.raises(ServerBusy):
        provisioner_of("on").apply(USERS)
    bare.sandbox.faults()
    assert sum(step.done for step in provisioner_of("on").plan(USERS) if step.kind == "field") == 5
    assert Counter(step.kind for step in provisioner_of("on").apply(USERS)) == {"field": len(USERS) - 5}
    assert all(step.done for step in provisioner_of("on").plan(USERS))


@pytest.mark.parametrize(("action", "prefix"), [("lose_answer", "la"), ("reset", "rs")])
def test_a_lost_answer_is_no_failure(bare: Any, provisioner_of: Callable[..., Any], action: str, prefix: str) -> None:
    bare.sandbox.faults({"action": action, "method": "POST", "path": "/api/data/*", "times": 4, "every": 2})
    provisioner_of(prefix).apply(USERS)
    assert all(step.done for step in provisioner_of(prefix).plan(USERS))
    assert len(rows(bare, f"publishers?$filter=customizationprefix eq '{prefix}'")) == 1


def refusing(code: str, status: int = 400) -> Response:
    return JSONResponse({"error": {"code": code, "message": "no"}}, status)


@pytest.mark.parametrize("busy", [refusing("0x80071151"), refusing("0x80044151", 500)])
def test_while_somebody_else_is_customizing_a_change_is_asked_for_again(stub: Any, client_of: Callable[..., Any], busy: Response) -> None:
    stub.answers = [busy, busy, Response(status_code=204)]
    changes.send(client_of(stub), "RelationshipDefinitions", {}, there_already="0x80047013", headers={"MSCRM.SolutionUniqueName": "s"})
    assert [headers["mscrm.solutionuniquename"] for _, _, headers, _ in stub.seen] == ["s"] * 3


def test_what_is_there_already_is_no_failure_and_anything_else_is(stub: Any, client_of: Callable[..., Any]) -> None:
    stub.answers = [refusing("0x80047013")]
    changes.send(client_of(stub), "RelationshipDefinitions", {}, there_already="0x80047013")
    with pytest.raises(RequestRejected):
        changes.send(client_of(stub), "RelationshipDefinitions", {}, there_already="0x80040237")


def test_without_the_right_to_customize_one_line_says_what_to_do(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    bare.switch("access", customize=False)
    with pytest.raises(MissingPermission, match=r"has no right to create columns; give it the role System Customizer, or let") as refusal:
        provisioner_of("no").apply(USERS)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("entity", "name", "expected"),
    [
        ("contact", "closeness", {"AttributeType": "Decimal", "Precision": 1, "MinValue": 0, "MaxValue": 100}),
        ("contact", "frequency", {"AttributeType": "Decimal", "Precision": 2, "MaxValue": 31}),
        ("contact", "trend_30d", {"MinValue": -100, "MaxValue": 100}),
        ("contact", "touches_90d", {"AttributeType": "Integer", "MinValue": 0, "MaxValue": 999_999_999}),
        ("contact", "last_touch", {"AttributeType": "DateTime", "Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}),
        ("contact", "why", {"AttributeType": "String", "MaxLength": 255}),
        ("contact", "key_person", {"AttributeType": "Boolean", "DefaultValue": False}),
        ("contact", "buying_role", {"AttributeTypeName": {"Value": "MultiSelectPicklistType"}}),
        ("contact", "influenced_by", {"AttributeType": "Lookup", "Targets": ["contact"]}),
        ("lead", "strongest_user", {"AttributeType": "Lookup", "Targets": ["systemuser"], "SchemaName": "gx_Strongest_User"}),
        ("account", "solution_acceptance_avg", {"Precision": 2, "MinValue": -2, "MaxValue": 2}),
        ("opportunity", "veto_against", {"AttributeType": "Boolean"}),
        ("user", "rep_grade", {"AttributeType": "Picklist"}),
    ],
)
def test_columns_have_the_contracts_types(environment: Any, entity: str, name: str, expected: dict[str, Any]) -> None:
    found = attribute(environment, entity, f"gx_{name}")
    assert {key: found[key] for key in expected} == expected


def test_choices_are_numbered_by_the_publishers_prefix_in_the_contracts_order(environment: Any) -> None:
    (publisher,) = rows(environment, "publishers?$filter=customizationprefix eq 'gx'")
    first = publisher["customizationoptionvalueprefix"] * 10_000
    labels = ["Excellent 优", "Good 良", "Fair 中", "Poor 差"]
    assert options(environment, "contact", "gx_closeness_grade") == [(first + place, text) for place, text in enumerate(labels)]
    assert 10_000 <= publisher["customizationoptionvalueprefix"] <= 99_999


def test_columns_are_made_in_our_solution(environment: Any) -> None:
    (solution,) = rows(environment, "solutions?$filter=uniquename eq 'guanxi'")
    (publisher,) = rows(environment, "publishers?$filter=customizationprefix eq 'gx'")
    assert solution["_publisherid_value"] == publisher["publisherid"]
    assert not solution["ismanaged"]


@pytest.mark.parametrize("item", [spec("contact", "closeness"), spec("contact", "strongest_user"), spec("contact", "attitude")], ids=column)
def test_no_column_is_audited_and_all_can_be_filtered_on(item: FieldSpec) -> None:
    body = definition(item, "GX", 10_000, Wording("en"))
    assert (body["IsAuditEnabled"]["Value"], body["IsValidForAdvancedFind"]["Value"]) == (False, True)


def test_relationships_have_names_of_their_own() -> None:
    lookups = [relationship(item, "GX", 10_000, Wording("en")) for item in SPECS if item.kind == "lookup"]
    names = [lookup["SchemaName"] for lookup in lookups]
    assert len(set(names)) == len(names) == 3
    assert {lookup["CascadeConfiguration"]["Delete"] for lookup in lookups} == {"RemoveLink"}


@pytest.mark.parametrize(
    ("labels", "languages", "expected"),
    [
        ("en", (ENGLISH, CHINESE), {ENGLISH: "Closeness", CHINESE: "Closeness"}),
        ("zh", (ENGLISH,), {ENGLISH: "亲密度"}),
        ("both", (ENGLISH,), {ENGLISH: "Closeness 亲密度"}),
        ("both", (ENGLISH, CHINESE), {ENGLISH: "Closeness", CHINESE: "亲密度"}),
        ("both", (1031, ENGLISH, CHINESE), {1031: "Closeness", ENGLISH: "Closeness", CHINESE: "亲密度"}),
        ("both", (1031, 1036), {1031: "Closeness 亲密度"}),
    ],
)
def test_labels_are_in_the_languages_that_are_there(labels: Any, languages: tuple[int, ...], expected: dict[int, str]) -> None:
    label = Wording(labels, languages).of(spec("contact", "closeness"))
    assert {item["LanguageCode"]: item["Label"] for item in label["LocalizedLabels"]} == expected


def test_a_mapped_entered_field_is_not_created(provisioner_of: Callable[..., Any]) -> None:
    names = {step.name for step in provisioner_of("mp", map={"contact": {"attitude": "new_sentiment"}}).plan(SPECS)}
    assert "contact.mp_attitude" not in names
    assert "contact.mp_vote" in names


def test_another_prefix_has_a_publisher_and_a_solution_of_its_own(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    for prefix in ("AA", "BB"):
        provisioner_of(prefix).apply(USERS[:1])
    found = {row["customizationprefix"]: row for row in rows(bare, "publishers")}
    solutions = {row["_publisherid_value"]: row["uniquename"] for row in rows(bare, "solutions")}
    names = [solutions[found[prefix]["publisherid"]] for prefix in ("aa", "bb")]
    assert len(set(names)) == 2
    assert all(name in ("guanxi", "guanxi_aa", "guanxi_bb") for name in names)


def test_a_publisher_with_our_prefix_and_its_solution_are_used_whoever_made_them(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    mine = post(bare, "publishers", uniquename="ours", friendlyname="O", customizationprefix="oo", customizationoptionvalueprefix=54_321)
    post(
        bare, "solutions", **{"uniquename": "crm", "friendlyname": "C", "version": "1.0", "publisherid@odata.bind": f"/publishers({mine})"}
    )
    steps = provisioner_of("OO", solution="crm").apply([spec("user", "rep_grade")])
    assert {step.kind for step in steps} == {"field"}
    assert options(bare, "systemuser", "oo_rep_grade")[0] == (543_210_000, "Novice")


def test_a_solution_that_cannot_take_our_columns_is_one_clear_line(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    with pytest.raises(PermanentError, match="solution nowhere is not in this environment"):
        provisioner_of("xx", solution="nowhere").plan(USERS)
    with pytest.raises(PermanentError, match="solution Default belongs to a publisher whose prefix is not xx"):
        provisioner_of("xx", solution="Default").plan(USERS)


def test_our_publishers_name_taken_for_another_prefix_is_one_clear_line(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    post(bare, "publishers", uniquename="guanxi_tk", friendlyname="T", customizationprefix="other")
    with pytest.raises(PermanentError, match="publisher guanxi_tk has a prefix other than tk"):
        provisioner_of("TK").apply(USERS[:1])


@pytest.mark.parametrize("prefix", ["G", "TOOLONGAA", "1X", "MSCRM", "G_X"])
def test_a_prefix_dynamics_does_not_take_is_told_before_any_call(provisioner_of: Callable[..., Any], prefix: str) -> None:
    provisioner = provisioner_of(prefix)
    with pytest.raises(PermanentError, match="2 to 8 letters and digits"):
        provisioner.plan(USERS)
    assert provisioner.client.calls == 0


DATE = {"Format": "DateOnly", "DateTimeBehavior": {"Value": "UserLocal"}}
CHOICE = {"OptionSet": {"Options": [{"Value": value} for value in (771_230_000, 771_230_001, 771_230_002)]}}


@pytest.mark.parametrize(
    ("name", "kind", "facts", "complaint"),
    [
        ("Closeness", "String", {"MaxLength": 100}, "is String, not Decimal"),
        ("Why", "String", {"MaxLength": 100}, "holds 100 characters, not 255"),
        ("Frequency", "Decimal", {"Precision": 1}, "has 1 decimals, not 2"),
        ("Confidence", "Decimal", {"Precision": 1, "MinValue": 0, "MaxValue": 10}, "holds 0 to 10, not 0 to 100"),
        ("Last_Touch", "DateTime", DATE, "has the behaviour UserLocal, not DateOnly"),
        ("Closeness_Grade", "Picklist", CHOICE, "has no option ending in 0003"),
    ],
)
def test_a_column_that_cannot_hold_its_field_is_one_line_and_stays(
    bare: Any, provisioner_of: Callable[..., Any], name: str, kind: str, facts: dict[str, Any], complaint: str
) -> None:
    prefix = f"c{len(name)}{kind[:3]}".lower()
    body = {"@odata.type": f"{TYPE}{kind}AttributeMetadata", "SchemaName": f"{prefix}_{name}", **facts}
    post(bare, "publishers", uniquename=prefix, friendlyname=prefix, customizationprefix=prefix)
    post(bare, "EntityDefinitions(LogicalName='contact')/Attributes", **body)
    before = attribute(bare, "contact", body["SchemaName"].lower())
    with pytest.raises(PermanentError, match=rf"column contact\.{body['SchemaName'].lower()} {complaint}; .* nothing was changed"):
        provisioner_of(prefix).apply(OUTPUT["contact"])
    assert attribute(bare, "contact", body["SchemaName"].lower()) == before


def test_a_publisher_without_an_option_prefix_gives_that_of_dynamics(bare: Any, provisioner_of: Callable[..., Any]) -> None:
    post(bare, "publishers", uniquename="np", friendlyname="N", customizationprefix="np")
    provisioner_of("NP").apply([spec("user", "rep_grade")])
    assert options(bare, "systemuser", "np_rep_grade")[0] == (100_000_000, "Novice")


def test_columns_with_more_room_and_other_option_numbers_are_used_as_they_are(
    bare: Any, provisioner_of: Callable[..., Any], settings_of: Callable[..., Any]
) -> None:
    post(bare, "publishers", uniquename="rr", friendlyname="R", customizationprefix="rr", customizationoptionvalueprefix=20_000)
    graded = {"OptionSet": {"Options": [{"Value": 771_230_000 + place} for place in (3, 2, 1, 0)]}}
    for name, kind, facts in (("Why", "String", {"MaxLength": 400}), ("Closeness_Grade", "Picklist", graded)):
        body = {"@odata.type": f"{TYPE}{kind}AttributeMetadata", "SchemaName": f"rr_{name}", **facts}
        post(bare, "EntityDefinitions(LogicalName='contact')/Attributes", **body)
    wanted = [spec("contact", name) for name in ("why", "closeness_grade")]
    assert all(step.done for step in provisioner_of("RR").plan(wanted))
    record = rows(bare, "contacts?$top=1")[0]["contactid"]
    with DynamicsWriter(settings_of(bare), "RR") as writer:
        writer.update("contact", pa.table({"record_id": [record], "closeness_grade": ["Fair"]}))
        assert writer.read_back("contact", [record], ["closeness_grade"])["closeness_grade"].to_pylist() == ["Fair"]
    assert rows(bare, f"contacts?$filter=contactid eq {record}")[0]["rr_closeness_grade"] == 771_230_002


def test_the_role_that_is_described_is_enough_here_and_names_every_right_once(environment: Any, settings_of: Callable[..., Any]) -> None:
    names = [privilege.name for privilege in PRIVILEGES]
    assert len(set(names)) == len(names)
    assert set(WRITES.values()) <= set(names)
    with DynamicsProvisioner(settings_of(environment)) as provisioner:
        assert missing(provisioner.client, names) == []


def test_columns_are_named_by_table_and_logical_name() -> None:
    assert column_name(spec("user", "rep_grade"), "GX") == "systemuser.gx_rep_grade"
    assert {logical_name(item, "GX") for item in USERS} <= {column_name(item, "GX").partition(".")[2] for item in SPECS}
