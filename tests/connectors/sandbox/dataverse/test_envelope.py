"""Small parts of the envelope by themselves: addresses, preferences, paging cookies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.dataverse.errors import DataverseError, QueryError
from connectors.sandbox.dataverse.paging import Cookie
from connectors.sandbox.dataverse.preferences import Preferences
from connectors.sandbox.dataverse.routing import Router

TEMPLATES = ("{set}", "WhoAmI", "{set}({key})", "{set}({key})/{property}", "EntityDefinitions({key})/Attributes", "{set}/$count")


@pytest.fixture
def router() -> Router[str]:
    made: Router[str] = Router()
    for template in TEMPLATES:
        made.on("GET", template, template)
    made.on("POST", "{set}", "create")
    return made


@pytest.mark.parametrize(
    ("path", "template", "names"),
    [
        ("accounts", "{set}", {"set": "accounts"}),
        ("WhoAmI", "WhoAmI", {}),
        ("accounts(00000000-0000-4000-8000-000000000001)", "{set}({key})", {"key": "00000000-0000-4000-8000-000000000001"}),
        ("accounts(name='a)/b(''c')", "{set}({key})", {"key": "name='a)/b(''c'"}),
        ("accounts(1)/name", "{set}({key})/{property}", {"property": "name"}),
        ("EntityDefinitions(LogicalName='x')/Attributes", "EntityDefinitions({key})/Attributes", {"key": "LogicalName='x'"}),
        ("accounts/$count", "{set}/$count", {"set": "accounts"}),
    ],
)
def test_an_address_finds_the_template_with_the_fewest_names(router: Router[str], path: str, template: str, names: dict[str, str]) -> None:
    found, values = router.find("GET", path)
    assert found == template
    assert names.items() <= values.items()


def test_an_address_that_is_not_there_and_one_for_other_methods(router: Router[str]) -> None:
    with pytest.raises(QueryError) as gone:
        router.find("GET", "accounts/x/y")
    assert (gone.value.status, gone.value.message) == (404, "Resource not found for the segment 'accounts'.")
    with pytest.raises(DataverseError) as refused:
        router.find("DELETE", "accounts")
    assert refused.value.status == 405


def test_preferences_are_read_from_one_header() -> None:
    header = 'odata.track-changes, odata.maxpagesize=7,odata.include-annotations="A.B,C.*",return=representation,something=else'
    found = Preferences.parse(header)
    assert (found.track_changes, found.page_rows, found.annotations, found.representation) == (True, 7, ("A.B", "C.*"), True)
    assert [found.wants(name) for name in ("A.B", "C.d", "B.A")] == [True, True, False]
    assert found.headers == {"Preference-Applied": header}


@pytest.mark.parametrize(
    ("header", "rows"), [("", None), ("odata.maxpagesize=0", None), ("odata.maxpagesize=x", None), ("maxpagesize=9999", 5000)]
)
def test_page_sizes(header: str, rows: int | None) -> None:
    assert Preferences.parse(header).page_rows == rows


@given(st.integers(1, 10**6), st.from_regex(r"[\w ./:-]{0,60}", fullmatch=True), st.booleans())
def test_a_cookie_survives_the_way_there_and_back(page: int, last: str, tracking: bool) -> None:
    cookie = Cookie(page, "accountid", last, tracking)
    assert Cookie.parse(str(cookie)) == cookie


@given(st.text(max_size=80))
def test_any_other_text_is_no_cookie(text: str) -> None:
    with pytest.raises(DataverseError, match="Malformed XML"):
        Cookie.parse(text)
