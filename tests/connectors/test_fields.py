"""The catalogue against the contract it copies: names, order, types, labels."""

import re
from typing import Any

import pyarrow as pa
import pytest

from connectors.fields import (
    ENTERED,
    LABEL_MAX,
    MAPPED,
    OUTPUT,
    Entity,
    FieldSpec,
    all_specs,
    api_name,
    arrow_type,
    column,
    entered,
    label,
    unreadable,
    writable,
)

PERSON = [
    "Closeness",
    "Closeness_Grade",
    "Interaction_Level",
    "Touches_90d",
    "Touches_365d",
    "Contact_Days_90d",
    "Frequency",
    "First_Touch",
    "Last_Touch",
    "Last_Two_Way",
    "Meetings_365d",
    "Calls_365d",
    "Emails_Out_365d",
    "Emails_In_365d",
    "Known_By",
    "Strongest_User",
    "Reciprocity",
    "Rhythm",
    "Trend_30d",
    "Trend_365d",
    "Stated_Gap",
    "Confidence",
    "Why",
    "Scored_On",
    "Method_Version",
]
ACCOUNT = [
    "Closeness",
    "Closeness_Grade",
    "Solution_Acceptance_Avg",
    "Price_Acceptance_Avg",
    "Relationship_Level",
    "Map_Completeness",
    "Insight_Rate",
    "Missing_Seats",
    "Touches_90d",
    "Contact_Days_90d",
    "Last_Touch",
    "People_Engaged",
    "Departments_Engaged",
    "Our_People",
    "Bus_Factor",
    "Lifecycle_Stage",
    "Importance",
    "Key_Account",
    "Trend_30d",
    "Trend_365d",
    "Confidence",
    "Why",
    "Scored_On",
    "Method_Version",
]
USER = [
    "Rep_Grade",
    "Accounts_Initial",
    "Accounts_Mid",
    "Accounts_Strong",
    "Next_Grade_Needs",
    "Account_Ops_Score",
    "People_Known",
    "Scored_On",
    "Method_Version",
]
OPPORTUNITY = [
    "Chain_Closeness",
    "Chain_Solution",
    "Chain_Price",
    "Chain_Missing",
    "Deciders_Reached",
    "Veto_Against",
    "Threads",
    "Win_Signal",
    "Horizon",
    "Scored_On",
    "Method_Version",
]
ENTERED_NAMES = {
    "contact": [
        "Attitude",
        "Solution_Acceptance",
        "Price_Acceptance",
        "Vote",
        "Buying_Role",
        "Key_Person",
        "Influenced_By",
        "Competitor_Attitude",
    ],
    "lead": ["Attitude"],
    "account": ["Potential", "Demonstration", "Can_Win", "Key_Departments", "Competitor_Main"],
    "opportunity": ["Compelling_Event", "Inside_Source", "Competitor_Rank", "Value_Proposition"],
    "user": ["Industry_Expert"],
}
MAPPED_NAMES = {
    "contact": ["Value"],
    "lead": ["Value"],
    "account": ["Plan"],
    "user": [],
    "opportunity": [f"Factor_{number}" for number in range(1, 9)],
}
ONE_DECIMAL = [
    "Closeness",
    "Reciprocity",
    "Confidence",
    "Trend_30d",
    "Trend_365d",
    "Map_Completeness",
    "Insight_Rate",
    "Bus_Factor",
    "Importance",
    "Win_Signal",
]
ONE_DECIMAL += ["Account_Ops_Score", "Chain_Closeness"]
IDS = [f"{spec.entity}.{spec.name}" for spec in all_specs()]


def specs(name: Any) -> Any:
    return [spec for spec in all_specs() if spec.name == name]


@pytest.mark.parametrize(
    ("entity", "names"), [("contact", PERSON), ("lead", PERSON), ("account", ACCOUNT), ("user", USER), ("opportunity", OPPORTUNITY)]
)
def test_written_fields_are_those_of_the_contract_in_its_order(entity: Entity, names: Any) -> None:
    assert [spec.name for spec in OUTPUT[entity]] == names
    assert all(spec.written and spec.entity == entity for spec in OUTPUT[entity])


@pytest.mark.parametrize("entity", list(ENTERED_NAMES))
def test_entered_fields_are_those_of_the_contract_in_its_order(entity: Any) -> None:
    assert [spec.name for spec in ENTERED[entity]] == ENTERED_NAMES[entity]
    assert not any(spec.written for spec in ENTERED[entity])


@pytest.mark.parametrize("entity", list(MAPPED_NAMES))
def test_fields_that_are_only_read_where_mapped_are_never_provisioned(entity: Any) -> None:
    assert [spec.name for spec in MAPPED[entity]] == MAPPED_NAMES[entity]
    assert not set(MAPPED[entity]) & set(all_specs())
    assert not any(spec.written for spec in MAPPED[entity])


def test_read_are_all_entered_fields_and_of_the_others_those_that_are_mapped() -> None:
    every = {(spec.entity, spec.name) for specs in ENTERED.values() for spec in specs}
    assert {(spec.entity, spec.name) for spec in entered({})} == every
    found = {(spec.entity, spec.name) for spec in entered({"account": {"plan": "Plan__c"}, "contact": {"attitude": "Mood__c"}})}
    assert found == every | {("account", "Plan")}


def test_a_mapping_may_name_only_fields_that_people_enter() -> None:
    assert unreadable({"account": {"plan": "x"}, "lead": {"attitude": "y", "value": "z"}, "opportunity": {"factor_8": "f"}}) == ""
    told = unreadable({"account": {"plan": "x"}, "user": {"attitude": "y"}})
    assert told == "user.attitude is no field people enter; those are industry_expert"


@pytest.mark.parametrize("name", ONE_DECIMAL)
def test_scores_have_one_decimal(name: Any) -> None:
    assert {(spec.kind, spec.decimals, spec.scale) for spec in specs(name)} == {("number", 1, 100.0)}


@pytest.mark.parametrize("name", ["Solution_Acceptance_Avg", "Price_Acceptance_Avg", "Chain_Solution", "Chain_Price"])
def test_acceptance_is_a_score_of_width_four_with_two_decimals(name: Any) -> None:
    assert [(spec.minimum, spec.maximum, spec.decimals, spec.scale) for spec in specs(name)] == [(-2, 2, 2, 4.0)]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Closeness_Grade", ["Excellent", "Good", "Fair", "Poor"]),
        ("Interaction_Level", ["No contact", "Occasional", "Multiple", "Deep"]),
        ("Rhythm", ["In rhythm", "Late", "Cooling", "Lapsed"]),
        ("Stated_Gap", ["Agree", "Stated higher", "Observed higher"]),
        ("Relationship_Level", ["None", "Initial", "Mid", "Strong"]),
        ("Lifecycle_Stage", ["Stranger", "User", "Customer", "Small deals", "Large deals"]),
        ("Rep_Grade", ["Novice", "Junior", "Intermediate", "Senior", "Top"]),
        ("Horizon", ["0-3 months", "3-12 months", "1-3 years"]),
        ("Vote", ["None", "Approve", "Veto", "Both"]),
        ("Buying_Role", ["Gatekeeper", "Buyer", "User", "Decider", "Influencer"]),
        ("Competitor_Attitude", ["Strong support", "Support", "Neutral", "Against", "Strongly against"]),
    ],
)
def test_picklists_have_the_contracts_values_in_its_order(name: Any, values: Any) -> None:
    assert {tuple(choice.value for choice in spec.values) for spec in specs(name)} == {tuple(values)}


def test_attitudes_stand_for_numbers() -> None:
    assert {choice.value: choice.number for choice in specs("Attitude")[0].values}["Strongly against"] == -2


def test_yes_no_fields() -> None:
    names = {spec.name for spec in all_specs() if spec.kind == "boolean"}
    assert names == {"Key_Account", "Veto_Against", "Key_Person", "Compelling_Event", "Inside_Source", "Industry_Expert"}


def test_lookups_point_to_users_and_contacts() -> None:
    assert {(spec.entity, spec.name, spec.lookup_to) for spec in all_specs() if spec.kind == "lookup"} == {
        ("contact", "Strongest_User", "user"),
        ("lead", "Strongest_User", "user"),
        ("contact", "Influenced_By", "contact"),
    }


@pytest.mark.parametrize("spec", all_specs(), ids=IDS)
def test_every_field_has_what_its_kind_needs(spec: Any) -> None:
    assert bool(spec.values) is (spec.kind in ("picklist", "multipicklist"))
    assert bool(spec.length) is (spec.kind == "text")
    assert (spec.maximum is not None) is (spec.kind in ("number", "integer"))
    assert re.fullmatch(r"[A-Z][A-Za-z]*(_[A-Z0-9][A-Za-z0-9]*)*", spec.name)
    assert len(api_name(spec)) <= 43
    assert len(spec.description) <= 255
    for labels in ("en", "zh", "both"):
        assert 0 < len(label(spec, labels)) <= LABEL_MAX
    assert all(label(choice, "both") == f"{choice.value} {choice.zh}" for choice in spec.values)


@pytest.mark.parametrize("spec", all_specs(), ids=IDS)
def test_labels_are_english_and_chinese(spec: Any) -> None:
    assert spec.label_en.isascii()
    assert re.search(r"[一-鿿]", spec.label_zh)


@pytest.mark.parametrize("entity", list(OUTPUT))
def test_labels_tell_the_fields_of_an_object_apart(entity: Any) -> None:
    own = [*OUTPUT[entity], *ENTERED[entity]]
    for labels in ("en", "zh"):
        assert len({label(spec, labels) for spec in own}) == len(own)


def test_a_label_too_long_for_a_crm_is_refused_when_it_is_declared() -> None:
    with pytest.raises(ValueError, match=r"contact\.X: label"):
        FieldSpec("contact", "X", "date", "x" * 41, "长", "too long")


def test_names_in_the_crm_and_in_tables() -> None:
    closeness = OUTPUT["contact"][0]
    assert (api_name(closeness), api_name(closeness, "ZZ"), column(closeness)) == ("GX_Closeness__c", "ZZ_Closeness__c", "closeness")


@pytest.mark.parametrize(
    ("name", "precision"), [("Closeness", 4), ("Frequency", 4), ("Touches_90d", 9), ("Chain_Price", 3), ("Trend_30d", 4), ("Can_Win", 2)]
)
def test_numbers_get_the_digits_they_need(name: Any, precision: Any) -> None:
    assert {spec.precision for spec in specs(name)} == {precision}


def test_only_output_fields_are_writable() -> None:
    assert [spec.name for spec in writable("contact", ["why", "closeness"])] == ["Closeness", "Why"]
    with pytest.raises(KeyError, match="attitude"):
        writable("contact", ["closeness", "attitude"])


def test_arrow_types_by_kind() -> None:
    kinds = {spec.kind: arrow_type(spec) for spec in all_specs()}
    assert kinds["number"] == pa.float64()
    assert kinds["date"] == pa.date32()
    assert kinds["picklist"] == kinds["lookup"] == pa.string()
