"""What `guanxi doctor` learns of an org without changing it."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract import Probe
from connectors.salesforce.reader import SalesforceReader


@pytest.fixture
def probed(sandbox: Any, settings_of: Any, tmp_path: Any) -> Iterator:
    def probe(**changes: Any) -> dict[str, Probe]:
        found = SalesforceReader(settings_of(sandbox, **changes), "sales", "GX", tmp_path).probe()
        return {item.name: item for item in found}

    yield probe
    sandbox.post_control("salesforce/access", {"hidden_fields": [], "hidden_objects": []})


def test_a_healthy_org_has_no_fatal_line(probed: Any) -> None:
    found = probed()
    assert not [item for item in found.values() if item.fatal]
    assert {"login", "API version", "Task", "EmailMessage", "DailyApiRequests", "clock"} <= set(found)
    assert found["DailyApiRequests"].data["left"] > 0


def test_a_refused_login_is_the_only_line(probed: Any) -> None:
    found = probed(client_secret="wrong")
    assert list(found) == ["login"]
    assert found["login"].fatal


def test_what_a_run_could_not_do_without_is_fatal_and_has_a_remedy(probed: Any, sandbox: Any) -> None:
    sandbox.post_control(
        "salesforce/access", {"hidden_fields": ["Contact.Email", "Contact.Title"], "hidden_objects": ["Event", "TaskRelation"]}
    )
    found = probed()
    assert found["Contact"].fatal
    assert "Contact.Email" in found["Contact"].remedy
    assert found["Event"].fatal
    assert found["TaskRelation"].ok is None
    assert "Shared Activities" in found["TaskRelation"].detail


def test_an_api_version_the_org_does_not_offer_is_fatal(probed: Any) -> None:
    assert probed(api_version="99.0")["login"].fatal


def test_missing_entered_fields_are_no_failure(probed: Any) -> None:
    assert probed()["Contact"].ok is None
    assert "GX_Attitude__c" in probed()["Contact"].detail
