"""Extractions while things go wrong or people go on working: each ends with the rows a quiet read brings, or stores nothing.

Short pages make long chains out of the tiny environment. One warehouse for the module: its first good extraction is the one
in the storm, and each test leaves behind an environment without faults.
"""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.errors import CrmError, MissingPermission
from tests.connectors.dynamics.readerkit import SETS, Extracted, extracted, send
from tests.connectors.night import killed_at

PAGES = "/api/data/v9.2/*s"
SHORT = 150
"""Rows of a page."""


@pytest.fixture(scope="module")
def company(dynamics: Any, settings_of: Any, tmp_path_factory: Any) -> Iterator[Extracted]:
    """An environment with short pages, and a warehouse."""
    dynamics.switch("tracking", page_rows=SHORT)
    with extracted(dynamics, settings_of(dynamics), tmp_path_factory.mktemp("company")) as made:
        yield made


@pytest.fixture(scope="module")
def first_failure(company: Extracted) -> list[str]:
    """A first run that fails; the tables of the warehouse afterwards."""
    fails(company, "unavailable", "*/emails", 3)
    return [name for name in SETS if company.warehouse.columns("raw_dyn", name)]


@pytest.fixture(scope="module")
def struck(company: Extracted, first_failure: list[str]) -> list[int]:
    """A first good run, in a storm; how often each fault struck."""
    company.dynamics.sandbox.faults(
        {"action": "throttle", "path": "/api/*", "skip": 50, "times": 3, "every": 9, "value": 1, "target": "requests"},
        {"action": "throttle", "path": "/api/*", "skip": 75, "times": 2, "every": 9, "value": 1, "target": "concurrent"},
        {"action": "unavailable", "method": "GET", "path": PAGES, "skip": 3, "times": 5, "every": 6},
        {"action": "reset", "method": "GET", "path": PAGES, "skip": 8, "times": 5, "every": 7},
        {"action": "expire_tokens", "path": "/api/*", "skip": 15, "times": 3, "every": 20},
        {"action": "slow", "method": "GET", "path": PAGES, "times": 0, "every": 9, "value": 0.1},
    )
    company.extract()
    found = [rule["struck"] for rule in company.dynamics.sandbox.control("GET", "faults").json()["rules"]]
    company.dynamics.sandbox.faults()
    company.login()
    return found


def fails(company: Extracted, action: str, path: str, skip: int) -> None:
    """A run that ends in one line because of a fault."""
    company.dynamics.sandbox.faults({"action": action, "method": "GET", "path": path, "skip": skip, "times": 0})
    with pytest.raises(CrmError) as caught:
        company.extract()
    company.dynamics.sandbox.faults()
    assert "\n" not in str(caught.value)


@contextmanager
def people_at_work(company: Extracted) -> Iterator[list[int]]:
    """Somebody creates, changes, merges and deletes all the time; gives the number of rounds."""
    stop, rounds = threading.Event(), [0]
    contacts = [row["contactid"] for row in company.pages("contacts?$select=contactid&$filter=statecode eq 0")]
    emails = [row["activityid"] for row in company.pages("emails?$select=activityid")]
    connections = [row["connectionid"] for row in company.pages("connections?$select=connectionid&$filter=ismaster eq true")]
    user = company.first("systemuser")

    def work() -> None:
        with company.dynamics.client() as client:
            for number in itertools.count():
                if stop.is_set():
                    return
                one_round(client, number)
                rounds[0] += 1
                stop.wait(0.1)

    def one_round(client: Any, number: int) -> None:
        place = number * 7 % len(emails)
        send(client, "PATCH", f"contacts({contacts[1 + number % 5]})", {"jobtitle": f"title {number}"})
        parties = [{"participationtypemask": 2, "partyid_contact@odata.bind": f"/contacts({contacts[number % 5 + 1]})"}]
        send(client, "POST", "emails", {"subject": "private", "email_activity_parties": parties})
        sender = [{"participationtypemask": 1, "partyid_systemuser@odata.bind": f"/systemusers({user})"}]
        client.patch(f"emails({emails[place]})", json={"email_activity_parties": [*parties, *sender]}, headers={"If-Match": "*"})
        client.delete(f"emails({emails[-1 - place]})")
        if number % 3 == 0 and len(connections) > 4:
            client.patch(f"connections({connections.pop()})", json={"description": "new"}, headers={"If-Match": "*"})
            client.delete(f"connections({connections.pop()})")
        if number == 2:
            client.delete(f"contacts({contacts[-1]})")
        if number == 4:
            company.merge("contact", contacts[0], contacts[-2])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield rounds
    finally:
        stop.set()
        thread.join(30)


def test_a_run_that_fails_at_first_leaves_nothing(first_failure: list[str]) -> None:
    assert first_failure == []


def test_a_storm_of_refusals_busy_servers_and_broken_lines_does_not_spoil_a_run(company: Extracted, struck: list[int]) -> None:
    assert all(struck)
    assert company.differences() == []


def test_a_run_that_fails_leaves_rows_and_links_of_the_last_good_one(company: Extracted, struck: list[int]) -> None:
    before = {name: company.held(name) for name in SETS}
    company.send("PATCH", f"contacts({company.first('contact')})", {"jobtitle": "changed before the failure"})
    fails(company, "not_acceptable", "*/connections", 1)
    assert {name: company.held(name) for name in SETS} == before
    assert company.extract().objects["contact"].rows == 1
    assert company.differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("first_page", [False, True], ids=["link stamped with the last page", "link stamped with the first page"])
def test_nothing_that_happens_while_all_is_read_again_or_during_a_night_is_lost(
    company: Extracted, struck: list[int], first_page: bool
) -> None:
    company.dynamics.switch("tracking", page_rows=SHORT, stamp_first_page=first_page)
    with people_at_work(company) as rounds:
        report = company.extract(full_refresh=True)
        if not first_page:
            company.extract()
    assert rounds[0] > 4
    assert {item.mode for item in report.objects.values()} == {"full"}
    assert report.objects["email"].pages > 3
    night = company.extract()
    assert {item.mode for item in night.objects.values()} == {"incremental", "snapshot"}
    assert company.differences() == []


def test_without_the_right_to_read_everything_a_run_ends_before_the_first_row(company: Extracted) -> None:
    company.dynamics.switch("access", organization_read=False)
    try:
        with pytest.raises(MissingPermission, match="organisation"):
            company.extract()
    finally:
        company.dynamics.switch("access", organization_read=True)


def test_a_run_killed_while_loading_is_repeated_by_the_next_one(company: Extracted) -> None:
    company.warehouse.close()
    names = {"environment_url": "URL", "authority": "AUTHORITY", "tenant_id": "TENANT", "client_id": "CLIENT_ID"}
    given = {
        name: company.dynamics.variables()[f"DYN_{variable}"] for name, variable in (names | {"client_secret": "CLIENT_SECRET"}).items()
    }
    killed_at("dynamics", "dyn", given, company.folder, lambda line: line.startswith("loading"), after=0.2)
    with extracted(company.dynamics, company.settings, company.folder) as again:
        again.extract()
        assert again.differences() == []
