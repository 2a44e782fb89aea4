"""What `guanxi doctor` learns of an environment without changing it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse

from connectors.contract import Probe
from connectors.dynamics.definitions import Catalog
from connectors.dynamics.probes import probe
from connectors.dynamics.specs import tables
from connectors.dynamics.unsettled import questions, set_back

ANSWERED = {
    "answer to an expired delta link",
    "change tracking where nobody documents it",
    "types of lookups in changes",
    "UpdateMultiple",
    "ways to ask for rows",
    "seconds per page",
    "pages of changes",
}
NEED_A_WRITE = {"hour a delta link is stamped", "changes of columns nobody selected", "activity parties after an edit"}


@pytest.fixture
def probed(dynamics: Any, client_of: Any) -> Iterator[Callable[..., dict[str, Probe]]]:
    def look(environment: Any = dynamics, **changes: Any) -> dict[str, Probe]:
        return {item.name: item for item in probe(client_of(environment, **changes), tables("GX", {}))}

    yield look
    dynamics.switch("access", hidden_tables=[], secured_columns=[], organization_read=True, member=True)
    dynamics.switch("tracking", retention_days=7)


@pytest.fixture(scope="module")
def healthy(dynamics: Any, settings_of: Any) -> tuple[dict[str, Probe], dict[str, int], dict[str, int]]:
    """Probes of the environment as it is, and the requests counted before and after."""
    from connectors.dynamics.client import DynamicsClient

    before = dynamics.sandbox.requests()
    with DynamicsClient(settings_of(dynamics)) as client:
        found = {item.name: item for item in probe(client, tables("GX", {}))}
    return found, before, dynamics.sandbox.requests()


def test_a_healthy_environment_has_no_fatal_line(healthy: Any) -> None:
    found, _, _ = healthy
    assert not [item for item in found.values() if item.fatal]
    assert {"login", "version", "email", "contact", "change tracking", "requests in flight", "clock"} <= set(found)


def test_looking_writes_nothing(healthy: Any) -> None:
    _, before, after = healthy
    grown = {kind for kind in after if after[kind] > before.get(kind, 0)}
    assert not {kind for kind in grown if kind.startswith("dynamics.")} & {"dynamics.write", "dynamics.multiple", "dynamics.batch"}


def test_it_says_who_we_are_how_much_there_is_and_how_fast_we_may_go(healthy: Any) -> None:
    found, _, _ = healthy
    assert found["login"].data["user"] in found["login"].detail
    assert found["rows, up to a day old"].data["activityparty"] > found["rows, up to a day old"].data["account"] > 0
    assert found["requests in flight"].data == {"recommended": 8, "most": 16, "servers": 1}
    assert found["change tracking"].data == {"days": 7, "off": ["activityparty", "connection", "connectionrole"]}
    assert found["clock"].ok


def test_reading_of_all_rows_is_proven_where_changes_are_tracked_and_only_there(healthy: Any) -> None:
    found, _, _ = healthy
    assert "whole organisation" in found["email"].detail
    assert "only the role can say" in found["activityparty"].detail


def test_the_role_holds_everything_in_a_healthy_environment(healthy: Any) -> None:
    found, _, _ = healthy
    assert found["security role"].ok, found["security role"].detail


def test_missing_entered_columns_are_no_failure(healthy: Any) -> None:
    found, _, _ = healthy
    assert found["contact"].ok is None
    assert "gx_attitude" in found["contact"].detail


def test_every_open_question_gets_a_line_and_three_cannot_be_answered_by_reading(healthy: Any) -> None:
    found, _, _ = healthy
    assert set(found) >= ANSWERED | NEED_A_WRITE
    assert not [name for name in ANSWERED if not found[name].ok]
    assert all(found[name].ok is None and "cannot be told by reading" in found[name].detail for name in NEED_A_WRITE)


def test_open_questions_are_answered_with_what_the_environment_did(healthy: Any) -> None:
    found, _, _ = healthy
    assert "0x80044352" in found["answer to an expired delta link"].detail
    assert "HTTP 400" in found["answer to an expired delta link"].detail
    assert found["UpdateMultiple"].data == {"there": ["account", "contact", "lead", "opportunity"], "missing": ["systemuser"]}
    assert found["change tracking where nobody documents it"].data["connection"] == "off"
    assert "Track changes on for" in found["change tracking where nobody documents it"].remedy
    assert found["types of lookups in changes"].data["sent"] is True
    assert "parties by their activity's day" in found["ways to ask for rows"].data
    assert all(found["ways to ask for rows"].data.values())
    assert found["pages of changes"].data == {"next_link": True}
    assert {"activityparty", "email"} < set(found["seconds per page"].data)
    assert len(found["seconds per page"].data) == 3


def test_a_refused_login_is_the_only_line(probed: Any) -> None:
    found = probed(client_secret="wrong")
    assert list(found) == ["login"]
    assert found["login"].fatal
    assert "client_secret" in found["login"].detail


def test_an_app_without_a_user_is_the_only_line(probed: Any, dynamics: Any) -> None:
    dynamics.switch("access", member=False)
    found = probed()
    assert list(found) == ["login"]
    assert "application user" in found["login"].detail


def test_another_server_is_no_environment(probed: Any, stub: Any) -> None:
    stub.answers = [JSONResponse({"fine": True})]
    assert probed(stub)["login"].detail == "this is no Dynamics 365 environment"


def test_what_a_run_could_not_do_without_is_fatal_and_has_a_remedy(probed: Any, dynamics: Any) -> None:
    dynamics.switch("access", hidden_tables=["appointment", "lead"], secured_columns=["contact.emailaddress1", "contact.jobtitle"])
    found = probed()
    assert found["appointment"].fatal
    assert "organisation level" in found["appointment"].remedy
    assert found["security role"].data["missing"] == ["prvReadLead"]
    assert found["lead"].ok is None
    assert found["contact"].fatal
    assert "contact.emailaddress1" in found["contact"].remedy


def test_reading_in_part_is_fatal_because_nobody_would_notice_what_is_missing(probed: Any, dynamics: Any) -> None:
    dynamics.switch("access", organization_read=False)
    found = probed()
    assert found["contact"].fatal
    assert "not for the whole organisation" in found["contact"].detail
    assert "prvReadActivity" in found["security role"].data["partly"]


def test_a_short_memory_of_changes_is_worth_a_word(probed: Any, dynamics: Any) -> None:
    dynamics.switch("tracking", retention_days=2)
    found = probed()
    assert found["change tracking"].ok is None
    assert "ExpireChangeTrackingInDays" in found["change tracking"].remedy


@pytest.mark.parametrize(
    "answer", [{"error": {"code": "0x80060888", "message": "no"}}, {"value": [{}]}, {}], ids=["refused", "odd", "empty"]
)
def test_a_question_that_cannot_be_put_is_a_line_and_no_error(stub: Any, client_of: Any, answer: Any) -> None:
    stub.answers = [JSONResponse(answer, 400 if "error" in answer else 200)]
    found = questions(client_of(stub), Catalog((), {}, (), None), {})
    assert {item.name for item in found} == ANSWERED | NEED_A_WRITE
    assert all("could not be asked" in item.detail for item in found if item.name == "ways to ask for rows")


LINK = "https://org.crm.dynamics.com/api/data/v9.2/tasks?$select=activityid&$deltatoken="


@pytest.mark.parametrize("token", ["919042%2108%2f22%2f2017%2008%3a10%3a44", "919042!08/22/2017 08:10:44"])
def test_only_a_token_of_the_known_form_is_set_back(token: str) -> None:
    assert set_back(LINK + token) == f"{LINK}0%2108%2F22%2F2017%2008%3A10%3A44"
    assert set_back(LINK + token, "01/01/2000 00:00:00") == f"{LINK}0%2101%2F01%2F2000%2000%3A00%3A00"


@pytest.mark.parametrize("link", ["", LINK, f"{LINK}a1b2c3", "https://org.crm.dynamics.com/x"])
def test_a_token_of_another_form_is_left_alone(link: str) -> None:
    assert set_back(link) == ""
