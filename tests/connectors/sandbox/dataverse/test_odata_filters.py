"""What `$filter` means: Dataverse's comparisons, its handling of nothing and of letters' case, navigation, lambdas, its own functions."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.connectors.sandbox.dataverse.readkit import Reader, guid, reading


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("dataverse") / "state") as made:
        yield made


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name eq 'ALPHA'", ["Alpha"]),
        ("name eq 'O''Neil'", ["O'Neil"]),
        ("name ne 'Alpha' and statecode eq 0 and revenue gt 4000", ["50% off"]),
        ("contains(name,'A')", ["Alpha", "beta", "Gamma", "delta & co"]),
        ("startswith(name,'BE') or endswith(name,'off')", ["beta", "50% off"]),
        ("contains(name,'50%')", ["50% off"]),
        ("revenue ge 1000.5 and revenue lt 3001.5", ["beta"]),
        ("1000.5 eq revenue", ["beta"]),
        ("createdon ge 2026-01-02T00:00:00Z and createdon lt 2026-01-04", ["beta", "Gamma"]),
        ("createdon eq 2026-01-02T13:00:00%2B01:00".replace("%2B", "+"), ["beta"]),
        (f"accountid eq {guid(2).upper()}", ["Gamma"]),
        ("industrycode eq 3 or (industrycode eq 4 and not contains(name,'x'))", ["delta & co", "O'Neil"]),
        ("contains(name,'gam') eq true", ["Gamma"]),
        ("primarycontactid/lastname eq 'ng'", ["Alpha"]),
        ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['alpha','GAMMA'])", ["Alpha", "Gamma"]),
        (
            'Microsoft.Dynamics.CRM.In(PropertyName="industrycode",PropertyValues=["1","5"])'.replace('"industrycode"', "'industrycode'"),
            ["beta", "50% off"],
        ),
        ("Microsoft.Dynamics.CRM.Between(PropertyName='industrycode',PropertyValues=['2','3'])", ["Gamma", "delta & co"]),
        ("Microsoft.Dynamics.CRM.OnOrAfter(PropertyName='createdon',PropertyValue='2026-01-06')", ["50% off", None]),
    ],
)
def test_rows_that_meet_a_condition(reader: Reader, condition: str, expected: list[Any]) -> None:
    assert reader.names(condition) == expected


def test_ne_and_not_keep_rows_without_a_value(reader: Reader) -> None:
    assert None in reader.names("name ne 'Alpha'")
    assert None in reader.names("not contains(name,'a')")
    assert reader.names("name eq null") == [None]
    assert len(reader.names("revenue ne null")) == 3


def test_a_lookup_is_compared_by_id_and_followed_by_navigation(reader: Reader) -> None:
    assert reader.names(f"_parentcustomerid_value eq {guid(0)}", "contacts", "lastname") == ["Ng", "Ode"]
    assert reader.names("parentcustomerid_account/name eq 'beta'", "contacts", "lastname") == ["ng", "Pi"]
    assert reader.names("parentcustomerid_contact/lastname ne null", "contacts", "lastname") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("parentcustomerid_account/createdon ge 2026-01-02 and parentcustomerid_account/createdon lt 2026-01-03", ["ng", "Pi"]),
        ("parentcustomerid_account/revenue gt 1 and lastname eq 'pi' and parentcustomerid_account/name eq 'beta'", ["Pi"]),
        ("parentcustomerid_account/name eq 'beta' or lastname eq 'Quin'", ["ng", "Pi", "Quin"]),
        ("not (parentcustomerid_account/name eq 'beta')", ["Ng", "Ode", "Quin"]),
        ("parentcustomerid_account/name ne 'beta'", ["Ng", "Ode", "Quin"]),
        ("parentcustomerid_account/revenue eq null and firstname eq 'J'", ["Ng", "Ode", "Quin"]),
    ],
)
def test_conditions_on_a_parent_mean_the_same_together_and_alone(reader: Reader, wanted: str, found: list[str]) -> None:
    assert reader.names(wanted, "contacts", "lastname") == found


def test_query_functions_know_a_lookup_by_its_logical_name_only(reader: Reader) -> None:
    def among(name: str) -> str:
        return f"Microsoft.Dynamics.CRM.In(PropertyName='{name}',PropertyValues=['{guid(0)}'])"

    assert reader.names(among("parentcustomerid"), "contacts", "lastname") == ["Ng", "Ode"]
    text = "'contact' entity doesn't contain attribute with Name = '_parentcustomerid_value' and NameMapping = 'Logical'."
    assert reader.refusal("contacts", filter=among("_parentcustomerid_value")) == (400, "0x80041103", text)


def test_any_and_all_look_into_a_collection(reader: Reader) -> None:
    assert reader.names("contact_customer_accounts/any(c:c/lastname eq 'ode')") == ["Alpha"]
    assert reader.names("contact_customer_accounts/any()") == ["Alpha", "beta"]
    assert "beta" not in reader.names("contact_customer_accounts/all(c:c/lastname ne 'pi')")
    assert reader.names("email_activity_parties/any(p:p/participationtypemask eq 2 and p/_partyid_value eq null)", "emails", "subject") == [
        "Hello"
    ]


def test_parameter_aliases_are_filled_in(reader: Reader) -> None:
    answer = reader.env.client.get("accounts?$select=name&$filter=name eq @n and industrycode eq @i&@n='beta'&@i=1")
    assert [row["name"] for row in answer.json()["value"]] == ["beta"]


def test_a_date_only_column_compares_with_dates(reader: Reader) -> None:
    reader.insert("opportunity", opportunityid=guid(900), name="Deal", actualclosedate=date(2026, 3, 1))
    assert reader.names("actualclosedate eq 2026-03-01", "opportunities") == ["Deal"]
    assert reader.rows("opportunities", select="actualclosedate")[0]["actualclosedate"] == "2026-03-01"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("nosuch eq 1", "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.account'."),
        ("Name eq 'x'", "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.account'."),
        ("ownerid eq null", "Could not find a property named 'ownerid' on type 'Microsoft.Dynamics.CRM.account'."),
        ("name eq", "Syntax error at position 7 in 'name eq'."),
        ("name = 'x'", "Syntax error at position 5 in 'name = 'x''."),
        ("name eq 'x", "Syntax error at position 8 in 'name eq 'x'."),
        ("length(name) gt 2", "A function in a comparison is only supported with true or false."),
        ("substringof('a',name)", "An unknown function with name 'substringof' was found."),
        ("Microsoft.Dynamics.CRM.Nope(PropertyName='name')", "An unknown function with name 'Microsoft.Dynamics.CRM.Nope' was found."),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_reason(reader: Reader, condition: str, text: str) -> None:
    assert reader.refusal("accounts", filter=condition) == (400, "0x80060888", text)


@pytest.mark.parametrize(
    "condition", ["accountid eq 'x'", "revenue eq 'x'", "name eq 5", "createdon eq 'x'", "name eq accountid", "statecode eq true"]
)
def test_values_of_another_type_are_refused(reader: Reader, condition: str) -> None:
    status, code, text = reader.refusal("accounts", filter=condition)
    assert (status, code) == (400, "0x80060888")
    assert text.startswith("A binary operator with incompatible types was detected.")
