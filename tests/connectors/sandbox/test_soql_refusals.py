"""What Salesforce refuses is refused with its code and its words."""

from collections.abc import Iterator

import pytest

from connectors.sandbox.salesforce.errors import QueryError
from tests.connectors.sandbox.orgkit import Org, new_org


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with new_org(tmp_path_factory.mktemp("org")) as made:
        yield made


REFUSED = [
    ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'. If you are attempting to use a custom field"),
    ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
    ("SELECT Account.Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
    ("SELECT Owner.Nope FROM Task", "INVALID_FIELD", "No such column 'Nope' on entity 'Name'"),
    ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path"),
    ("SELECT Id FROM Nothing__c", "INVALID_TYPE", "sObject type 'Nothing__c' is not supported."),
    ("SELECT Id, (SELECT Id FROM Kids) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Kids' in FROM part of query call"),
    ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
    ("SELECT Id n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
    ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY", "unexpected token: ','"),
    ("SELECT COUNT(Id) FROM Account GROUP BY Name ORDER BY Type", "MALFORMED_QUERY", "Ordered field must be grouped or aggregated: Type"),
    ("SELECT COUNT(Id) FROM Account GROUP BY CreatedDate", "INVALID_FIELD", "field 'CreatedDate' can not be grouped in a query call"),
    ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
    ("SELECT Id FROM Task WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
    ("SELECT Id FROM EmailMessage WHERE HtmlBody LIKE '%x%'", "INVALID_FIELD", "field 'HtmlBody' can not be filtered in a query call"),
    ("SELECT Id FROM Task ORDER BY Description", "INVALID_FIELD", "field 'Description' can not be sorted in a query call"),
    ("SELECT Id FROM Account WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
    ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
    ("SELECT Id FROM Account WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
    ("SELECT Id FROM AccountContactRelation WHERE Roles LIKE 'x%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on multipicklist"),
    ("SELECT Id FROM Account WHERE Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"),
    ("SELECT Id FROM Account WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR", "null"),
    (
        "SELECT Id FROM Account WHERE CreatedDate > '2024-01-01'",
        "INVALID_FIELD",
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    ),
    ("SELECT Id FROM Account WHERE CreatedDate > 2024-01-01", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Task WHERE ActivityDate > 2024-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date and"),
    ("SELECT Id FROM Account WHERE AnnualRevenue = 'x'", "INVALID_FIELD", "must be of type double and should not be enclosed in quotes"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
    ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)", "MALFORMED_QUERY", "semi join"),
    ("SELECT a.b.c.d.e.f.g FROM Account", "INVALID_FIELD", "more than 5 levels"),
    ("SELECT Id FROM Account WHERE COUNT(Id) > 1", "MALFORMED_QUERY", "Aggregate function not allowed"),
]


@pytest.mark.parametrize(("soql", "code", "words"), REFUSED)
def test_refusals(org: Org, soql: str, code: str, words: str) -> None:
    with pytest.raises(QueryError) as refusal:
        org.compile(soql)
    assert refusal.value.code == code
    assert words in refusal.value.message


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT BillingAddress FROM Account", "INVALID_FIELD", "Selecting compound data not supported in Bulk Query"),
        ("SELECT COUNT() FROM Account", "API_ERROR", "not supported in Bulk Query"),
        ("SELECT Type, COUNT(Id) FROM Account GROUP BY Type", "API_ERROR", "not supported in Bulk Query"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate Relationships not supported in Bulk Query"),
        ("SELECT Id FROM Account OFFSET 5", "API_ERROR", "OFFSET"),
        ("SELECT Id FROM Organization", "INVALIDENTITY", "is not supported by the Bulk API"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 10", "MALFORMED_QUERY", "FIELDS"),
    ],
)
def test_bulk_refuses_more(org: Org, soql: str, code: str, words: str) -> None:
    with pytest.raises(QueryError) as refusal:
        org.compile(soql, dialect="bulk")
    assert (refusal.value.code, words in refusal.value.message) == (code, True)


def test_a_hidden_field_is_no_such_column_everywhere(org: Org) -> None:
    org.access.restrict(hidden_fields=["Contact.Email", "Contact.AccountId"])
    for soql in (
        "SELECT Email FROM Contact",
        "SELECT Id FROM Contact WHERE Email = null",
        "SELECT Id FROM Contact ORDER BY Email",
        "SELECT Contact.Email FROM OpportunityContactRole",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
    ):
        with pytest.raises(QueryError) as refusal:
            org.compile(soql)
        assert "No such column" in refusal.value.message
    assert "Email" not in {column.name for column in org.compile("SELECT FIELDS(STANDARD) FROM Contact").columns}
    org.access.restrict(hidden_fields=[])


def test_a_switched_off_object_is_not_supported_and_its_relations_are_unknown(org: Org) -> None:
    org.access.restrict(hidden_objects=["TaskRelation", "Lead"])
    for soql in ("SELECT Id FROM TaskRelation", "SELECT Id, (SELECT Id FROM TaskRelations) FROM Task"):
        with pytest.raises(QueryError) as refusal:
            org.compile(soql)
        assert refusal.value.code == "INVALID_TYPE"
    assert org.compile("SELECT Who.Name FROM Task")
    org.access.restrict(hidden_objects=[])
