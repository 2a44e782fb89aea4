"""Rows of an entity set: what a page holds, how pages follow, counts, aggregates, relations, annotations, single rows."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from tests.connectors.sandbox.dataverse.readkit import LABEL, LOOKUP, Reader, guid, reading


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("dataverse") / "state") as made:
        yield made


def test_a_row_holds_what_was_selected_its_etag_and_its_key(reader: Reader) -> None:
    page = reader.json("accounts", select="name,_ownerid_value", top=1)
    assert page["@odata.context"].endswith("/api/data/v9.2/$metadata#accounts(name,_ownerid_value)")
    row = page["value"][0]
    assert list(row) == ["@odata.etag", "name", "_ownerid_value", "accountid"]
    assert row["@odata.etag"].startswith('W/"')


def test_values_have_the_types_of_the_wire(reader: Reader) -> None:
    row = reader.rows("accounts", filter="name eq 'beta'")[0]
    assert (row["createdon"], row["revenue"], row["statecode"], row["industrycode"]) == ("2026-01-02T12:00:00Z", 1000.5, 0, 1)
    assert row["merged"] is False
    assert row["telephone1"] is None
    assert isinstance(row["versionnumber"], int)


def test_a_money_column_brings_its_currency(reader: Reader) -> None:
    assert "_transactioncurrencyid_value" in reader.rows("accounts", select="revenue", top=1)[0]


def test_a_lookup_cannot_be_selected_by_its_own_name(reader: Reader) -> None:
    assert reader.refusal("accounts", select="ownerid")[:2] == (400, "0x80060888")
    assert reader.refusal("emails", select="to")[:2] == (400, "0x80060888")


def test_a_page_ends_with_a_link_until_the_last(reader: Reader) -> None:
    prefer = "odata.maxpagesize=3"
    answer = reader.get("accounts", prefer, select="name")
    assert answer.headers["Preference-Applied"] == prefer
    rows, last = reader.walk("accounts", prefer, select="name")
    assert [row["accountid"] for row in rows] == [guid(number) for number in range(7)]
    assert "@odata.nextLink" not in last


def test_a_link_carries_a_cookie_that_is_encoded_twice(reader: Reader) -> None:
    link = reader.json("accounts", "odata.maxpagesize=3", select="name")["@odata.nextLink"]
    cookie = unquote(link.partition("$skiptoken=")[2])
    assert cookie.startswith('<cookie pagenumber="2" pagingcookie="%3C')
    assert cookie.endswith('istracking="False" />')


@pytest.mark.parametrize("spoil", [lambda link: unquote(unquote(link)), lambda link: link.replace("%253C", "%3C"), lambda link: link[:-20]])
def test_a_link_that_was_touched_is_refused(reader: Reader, spoil: object) -> None:
    link = reader.json("accounts", "odata.maxpagesize=3", select="name")["@odata.nextLink"]
    head, _, token = link.partition("$skiptoken=")
    answer = reader.env.client.get(f"{head}$skiptoken={spoil(token)}")  # type: ignore[operator]
    assert answer.json()["error"] == {"code": "0x80040203", "message": "Malformed XML in the Paging Cookie."}


def test_top_counts_only_without_a_page_size(reader: Reader) -> None:
    page = reader.json("accounts", select="name", top=2)
    assert len(page["value"]) == 2
    assert "@odata.nextLink" not in page
    assert len(reader.json("accounts", "odata.maxpagesize=3", select="name", top=2)["value"]) == 3


def test_skip_and_unknown_options_are_refused(reader: Reader) -> None:
    assert reader.refusal("accounts", skip=2) == (400, "0x80060888", "Skip Clause is not supported in CRM")
    assert reader.refusal("accounts", nosuch=2)[:2] == (400, "0x80060888")
    assert reader.refusal("accounts", top="x")[:2] == (400, "0x80060888")


def test_order_sorts_without_case_and_nothing_comes_first(reader: Reader) -> None:
    names = ["50% off", "Alpha", "beta", "delta & co", "Gamma", "O'Neil"]
    assert [row["name"] for row in reader.rows("accounts", select="name", orderby="name")] == [None, *names]
    rows, _ = reader.walk("accounts", "odata.maxpagesize=2", select="name", orderby="name desc")
    assert [row["name"] for row in rows] == [*reversed(names), None]


def test_pages_in_another_order_than_the_keys_miss_rows_when_others_go(tmp_path: Path) -> None:
    with reading(tmp_path / "state") as reader:
        first = reader.json("accounts", "odata.maxpagesize=3", select="name", orderby="createdon")
        reader.delete("account", 0)
        rest, _ = reader.walk(first["@odata.nextLink"], "odata.maxpagesize=3")
        assert guid(3) not in {row["accountid"] for row in [*first["value"], *rest]}
        first = reader.json("accounts", "odata.maxpagesize=3", select="name")
        reader.delete("account", 1)
        rest, _ = reader.walk(first["@odata.nextLink"], "odata.maxpagesize=3")
        assert [row["accountid"] for row in rest] == [guid(4), guid(5), guid(6)]


def test_counts_are_capped_and_annotated_on_request(reader: Reader) -> None:
    page = reader.json("accounts", "odata.maxpagesize=2", select="name", count="true")
    assert page["@odata.count"] == 7
    total = "Microsoft.Dynamics.CRM.totalrecordcount"
    page = reader.json("accounts", f'odata.include-annotations="{total}"', select="name", count="true")
    assert (page[f"@{total}"], page[f"@{total}limitexceeded"]) == (7, False)
    assert reader.get("accounts/$count").text == "7"
    assert reader.get("accounts/$count", filter="statecode eq 1").text == "0"


def test_a_count_stops_at_five_thousand_and_a_page_too(tmp_path: Path) -> None:
    with reading(tmp_path / "state") as reader:
        with reader.store.write() as cursor:
            cursor.execute("insert into task (activityid, subject) select guid('t', i), 'x' from range(5003) r(i)")
        total = "Microsoft.Dynamics.CRM.totalrecordcount"
        page = reader.json("tasks", 'odata.include-annotations="*"', select="subject", count="true")
        assert (page["@odata.count"], page[f"@{total}limitexceeded"], len(page["value"])) == (5000, True, 5000)
        assert reader.get("tasks/$count").text == "5000"
        assert len(reader.follow(page["@odata.nextLink"])["value"]) == 3
        assert len(reader.json("tasks", "odata.maxpagesize=9000", select="subject")["value"]) == 5000


def test_totals_are_a_snapshot_of_up_to_a_day_ago(tmp_path: Path) -> None:
    with reading(tmp_path / "state") as reader:
        address = "RetrieveTotalRecordCount(EntityNames=['account','contact'])"
        counted = reader.json(address)["EntityRecordCountCollection"]
        assert dict(zip(counted["Keys"], counted["Values"], strict=True)) == {"account": 7, "contact": 5}
        reader.delete("account", 0)
        assert reader.json(address)["EntityRecordCountCollection"]["Values"] == [7, 5]
        reader.store.clock.advance(86_401)
        reader.env.client.headers["Authorization"] = f"Bearer {reader.env.tokens.issue()}"
        assert reader.json(address)["EntityRecordCountCollection"]["Values"] == [6, 5]


def test_aggregates(reader: Reader) -> None:
    assert reader.rows("accounts", apply="aggregate($count as n)") == [{"n": 7}]
    grouped = reader.rows(
        "accounts", apply="filter(revenue gt 0)/groupby((statecode),aggregate(revenue with sum as s,revenue with max as m))"
    )
    assert grouped == [{"statecode": 0, "s": 9004.5, "m": 5002.5}]
    dated = reader.rows("accounts", apply="aggregate(createdon with min as first,createdon with max as last)")
    assert dated == [{"first": "2026-01-01T12:00:00Z", "last": "2026-01-07T12:00:00Z"}]


def test_expansion_shows_the_parent_whole_or_null(reader: Reader) -> None:
    rows = reader.rows(
        "contacts", select="lastname", expand="parentcustomerid_account($select=name),parentcustomerid_contact($select=lastname)"
    )
    assert [row["parentcustomerid_account"] and row["parentcustomerid_account"]["name"] for row in rows] == [
        "Alpha",
        "beta",
        "Alpha",
        "beta",
        None,
    ]
    assert {row["parentcustomerid_contact"] for row in rows} == {None}
    assert (
        reader.rows("accounts", select="name", top=1, expand="owninguser($select=systemuserid)")[0]["owninguser"]["systemuserid"]
        == INTEGRATION_USER_ID
    )


def test_an_expanded_collection_brings_its_own_link_even_when_complete(reader: Reader) -> None:
    inner = "$select=participationtypemask,_partyid_value;$filter=participationtypemask eq 2;$orderby=activitypartyid desc"
    options = f"email_activity_parties({inner})"
    row = reader.rows("emails", select="subject", expand=options)[0]
    assert [party["_partyid_value"] for party in row["email_activity_parties"]] == [None, guid(101)]
    again = reader.follow(row["email_activity_parties@odata.nextLink"])
    assert [party["_partyid_value"] for party in again["value"]] == [None, guid(101)]


def test_expansions_nest_and_top_holds_per_parent(reader: Reader) -> None:
    nested = "contact_customer_accounts($select=lastname;$orderby=lastname desc;$top=1;$expand=parentcustomerid_account($select=name))"
    rows = reader.rows("accounts", select="name", filter="contact_customer_accounts/any()", expand=nested)
    found = [
        (row["name"], [(c["lastname"], c["parentcustomerid_account"]["name"]) for c in row["contact_customer_accounts"]]) for row in rows
    ]
    assert found == [("Alpha", [("Ode", "Alpha")]), ("beta", [("Pi", "beta")])]


def test_an_unknown_navigation_property_is_refused_letter_by_letter(reader: Reader) -> None:
    assert reader.refusal("contacts", expand="ParentCustomerId_account")[:2] == (400, "0x80060888")


def test_annotations_are_given_as_asked_and_only_then(reader: Reader) -> None:
    plain = reader.rows("contacts", select="_parentcustomerid_value", top=1)[0]
    assert not [name for name in plain if "@" in name and not name.startswith("@")]
    typed = reader.rows("contacts", f'odata.include-annotations="{LOOKUP}"', select="_parentcustomerid_value")
    assert typed[0][f"_parentcustomerid_value@{LOOKUP}"] == "account"
    assert f"_parentcustomerid_value@{LOOKUP}" not in typed[4]
    every = reader.rows("contacts", 'odata.include-annotations="*"', select="_parentcustomerid_value,statecode", top=1)[0]
    assert every[f"_parentcustomerid_value@{LABEL}"] == "Alpha"
    assert every["_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "parentcustomerid_account"
    assert every[f"statecode@{LABEL}"] == "Active"


def test_labels_are_for_people(reader: Reader) -> None:
    row = reader.rows("accounts", f'odata.include-annotations="{LABEL}"', filter="name eq 'beta'", select="createdon,revenue,merged")[0]
    assert row[f"createdon@{LABEL}"] == "1/2/2026 12:00 PM"
    assert row[f"revenue@{LABEL}"] == "€1,000.50"
    assert row[f"merged@{LABEL}"] == "No"


def test_several_wishes_in_one_header(reader: Reader) -> None:
    prefer = f'odata.maxpagesize=2,odata.include-annotations="{LOOKUP},{LABEL}"'
    page = reader.json("contacts", prefer, select="_parentcustomerid_value,statecode")
    assert len(page["value"]) == 2
    assert f"statecode@{LABEL}" in page["value"][0]
    assert f"_parentcustomerid_value@{LOOKUP}" in page["value"][0]


def test_a_single_row_by_key_and_by_the_keys_name(reader: Reader) -> None:
    answer = reader.get(f"accounts({guid(1).upper()})", select="name")
    assert answer.json()["name"] == "beta"
    assert answer.headers["ETag"] == answer.json()["@odata.etag"]
    assert reader.json(f"accounts(accountid={guid(1)})", select="name")["@odata.context"].endswith("#accounts(name)/$entity")


def test_an_unchanged_row_is_not_sent_again(reader: Reader) -> None:
    etag = reader.json(f"accounts({guid(1)})", select="name")["@odata.etag"]
    answer = reader.env.client.get(f"accounts({guid(1)})?$select=name", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_rows_sets_and_keys_that_are_not_there(reader: Reader) -> None:
    assert reader.refusal(f"accounts({guid(77)})") == (404, "0x80040217", f"Entity 'account' With Id = {guid(77)} Does Not Exist")
    assert reader.refusal("Accounts") == (404, "0x8006088a", "Resource not found for the segment 'Accounts'.")
    assert reader.refusal("accounts(name='beta')")[:2] == (400, "0x80060891")
    assert reader.refusal("accounts('x')")[:2] == (400, "0x80060888")


def test_parties_are_only_read_in_sets(reader: Reader) -> None:
    assert len(reader.rows("activityparties", select="participationtypemask")) == 3
    assert reader.refusal(f"activityparties({guid(300)})")[:2] == (400, "0x80040800")


def test_what_hangs_on_a_row(reader: Reader) -> None:
    assert reader.json(f"accounts({guid(1)})/name")["value"] == "beta"
    assert reader.get(f"accounts({guid(6)})/name").status_code == 204
    assert reader.json(f"contacts({guid(100)})/parentcustomerid_account", select="name")["name"] == "Alpha"
    assert reader.get(f"contacts({guid(104)})/parentcustomerid_account").status_code == 204
    assert [row["lastname"] for row in reader.rows(f"accounts({guid(0)})/contact_customer_accounts", select="lastname")] == ["Ng", "Ode"]
    assert reader.json(f"accounts({guid(0)})/ownerid", select="systemuserid")["systemuserid"] == INTEGRATION_USER_ID
    assert reader.refusal(f"accounts({guid(77)})/name")[:2] == (404, "0x80040217")
    assert reader.refusal(f"accounts({guid(1)})/nosuch")[:2] == (400, "0x80060888")


def test_rights_hide_tables_columns_and_the_rows_of_others(tmp_path: Path) -> None:
    with reading(tmp_path / "state") as reader:
        reader.env.access.restrict(hidden_tables=["contact"], secured_columns=["account.name"], organization_read=False)
        assert reader.refusal("contacts")[:2] == (403, "0x80040220")
        assert reader.refusal("accounts", expand="primarycontactid")[:2] == (403, "0x80040220")
        assert {row["name"] for row in reader.rows("accounts", select="name")} == {None}
        reader.update("account", 3, _ownerid_value=guid(999))
        assert len(reader.rows("accounts", select="accountid")) == 6


def test_quotes_and_ampersands_survive_the_way(reader: Reader) -> None:
    assert (
        reader.env.client.get(f"accounts?$select=name&$filter=name eq {quote(chr(39) + 'delta & co' + chr(39))}").json()["value"][0]["name"]
        == "delta & co"
    )
