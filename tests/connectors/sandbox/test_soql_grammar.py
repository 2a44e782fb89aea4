"""What parses, what does not, and the sentence that says where."""

from datetime import date, datetime

import pytest

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.soql import tree
from connectors.sandbox.salesforce.soql.dates import day_range
from connectors.sandbox.salesforce.soql.parse import parse

TODAY = date(2026, 6, 3)  # a Wednesday


@pytest.mark.parametrize(
    "soql",
    [
        "select id from account",
        "SELECT Id, Owner.Name FROM Task WHERE WhoId = null ORDER BY CreatedDate DESC NULLS LAST, Id LIMIT 5 OFFSET 2 ALL ROWS",
        "SELECT COUNT() FROM Contact",
        "SELECT Type, COUNT(Id) n, MAX(AnnualRevenue) FROM Account GROUP BY Type HAVING COUNT(Id) > 1",
        "SELECT Id, (SELECT LastName FROM Contacts WHERE Email != null LIMIT 3) FROM Account",
        "SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND NOT Type IN ('x', 'y')",
        "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)",
        "SELECT FIELDS(ALL) FROM Group LIMIT 200",
        "SELECT Id FROM Contact WHERE Roles__c INCLUDES ('A;B', 'C') AND Other__c EXCLUDES ('D')",
        "SELECT CALENDAR_YEAR(CreatedDate) FROM Account GROUP BY ROLLUP(CALENDAR_YEAR(CreatedDate))",
        "SELECT a.Id FROM Account a WHERE a.Name LIKE 'x%' FOR VIEW",
        "SELECT Id FROM Event WHERE StartDateTime >= 2024-01-01T00:00:00Z AND ActivityDate = LAST_N_DAYS:30 AND Amount > -1.5e3",
    ],
)
def test_statements_of_the_reference_parse(soql: str) -> None:
    assert isinstance(parse(soql), tree.Query)


@pytest.mark.parametrize(
    ("soql", "unexpected"),
    [
        ("SELECT Id FROM", "<EOF>"),
        ("SELECT FROM Account", "FROM"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' OR Type = 'c'", "OR"),
        ("SELECT Id FROM Account WHERE Name == 'a'", "="),
        ('SELECT Id FROM Account WHERE Name = "a"', '"'),
        ("SELECT Id FROM Account WHERE Name = :bound", ":"),
        ("SELECT * FROM Account", "*"),
        ("SELECT Id FROM Account LIMIT 'x'", "'x'"),
        ("SELECT Id FROM Account; DROP TABLE Account", ";"),
        ("UPDATE Account SET Name = 'a'", "UPDATE"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_EONS:2", "LAST_N_EONS:2"),
    ],
)
def test_what_is_no_soql_is_malformed_and_named(soql: str, unexpected: str) -> None:
    with pytest.raises(QueryError) as refusal:
        _resolved(soql)
    assert refusal.value.code == "MALFORMED_QUERY"
    assert f"unexpected token: '{unexpected}'" in refusal.value.message


def _resolved(soql: str) -> None:
    where = parse(soql).where
    if isinstance(where, tree.Comparison) and where.value.kind == "range":
        day_range(str(where.value.value), TODAY)


def test_a_refusal_shows_the_spot_as_salesforce_does() -> None:
    with pytest.raises(QueryError) as refusal:
        parse("SELECT Id\nFROM Account Some Thing")
    assert refusal.value.message.endswith("^\nERROR at Row:2:Column:19\nunexpected token: 'Thing'")


def test_keywords_are_not_cut_out_of_longer_names() -> None:
    query = parse("SELECT Ordering__c, Inside__c, Notes__c FROM Andes__c WHERE Nothing__c = 1 AND Limits__c != 2")
    assert [item.operand.text for item in query.select] == ["Ordering__c", "Inside__c", "Notes__c"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"'it\'s'", "it's"),
        (r"'a\nb'", "a\nb"),
        ("'多次接触'", "多次接触"),
        ("12.5", 12.5),
        ("TRUE", True),
        ("null", None),
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-01-01T08:00:00+08:00", datetime(2024, 1, 1)),
        ("2024-01-01T00:00:00.000Z", datetime(2024, 1, 1)),
        ("last_n_days:7", "LAST_N_DAYS:7"),
    ],
)
def test_literals(literal: str, value: object) -> None:
    where = parse(f"SELECT Id FROM Account WHERE X__c = {literal}").where
    assert isinstance(where, tree.Comparison)
    assert where.value.value == value


@pytest.mark.parametrize("bad", [r"'a\q'", "2024-02-30", "'open"])
def test_impossible_literals_are_malformed(bad: str) -> None:
    with pytest.raises(QueryError) as refusal:
        parse(f"SELECT Id FROM Account WHERE X__c = {bad}")
    assert refusal.value.code == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("literal", "first", "after"),
    [
        ("TODAY", date(2026, 6, 3), date(2026, 6, 4)),
        ("YESTERDAY", date(2026, 6, 2), date(2026, 6, 3)),
        ("THIS_WEEK", date(2026, 5, 31), date(2026, 6, 7)),
        ("LAST_MONTH", date(2026, 5, 1), date(2026, 6, 1)),
        ("NEXT_QUARTER", date(2026, 7, 1), date(2026, 10, 1)),
        ("THIS_FISCAL_YEAR", date(2026, 1, 1), date(2027, 1, 1)),
        ("LAST_90_DAYS", date(2026, 3, 5), date(2026, 6, 4)),
        ("LAST_N_DAYS:2", date(2026, 6, 1), date(2026, 6, 4)),
        ("NEXT_N_DAYS:2", date(2026, 6, 4), date(2026, 6, 6)),
        ("N_DAYS_AGO:2", date(2026, 6, 1), date(2026, 6, 2)),
        ("LAST_N_MONTHS:2", date(2026, 4, 1), date(2026, 6, 1)),
        ("N_YEARS_AGO:1", date(2025, 1, 1), date(2026, 1, 1)),
        ("NEXT_N_FISCAL_QUARTERS:1", date(2026, 7, 1), date(2026, 10, 1)),
    ],
)
def test_date_literals_are_half_open_ranges_of_days(literal: str, first: date, after: date) -> None:
    assert day_range(literal, TODAY) == (first, after)
