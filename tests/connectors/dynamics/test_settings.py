"""What a `[crm.NAME]` section of kind dynamics may say; everything else is refused before a call is made."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.dynamics.settings import DynamicsSettings

GOOD = {"environment_url": "https://acme.crm4.dynamics.com/", "tenant_id": "acme.example", "client_id": "id", "client_secret": "s3cret"}


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        DynamicsSettings(**{**GOOD, **changes})
    return str(caught.value)


def test_a_minimal_section_signs_in_at_microsofts_public_cloud() -> None:
    settings = DynamicsSettings(**GOOD)
    assert settings.environment_url == "https://acme.crm4.dynamics.com"
    assert settings.authority == "https://login.microsoftonline.com"
    assert (settings.api_version, settings.max_concurrency, settings.compress, settings.solution) == ("9.2", 16, True, "")


def test_the_secret_is_never_shown() -> None:
    assert "s3cret" not in repr(DynamicsSettings(**GOOD))


@pytest.mark.parametrize("key", ["environment_url", "authority"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:8710", "http://localhost:8710", "http://[::1]:8710"])
def test_plain_http_is_for_loopback(key: str, url: str) -> None:
    assert getattr(DynamicsSettings(**{**GOOD, key: url}), key) == url


@pytest.mark.parametrize("key", ["environment_url", "authority"])
@pytest.mark.parametrize("url", ["http://acme.crm4.dynamics.com", "http://127.0.0.1.evil.com", "acme.crm4.dynamics.com", "ftp://x"])
def test_other_addresses_are_refused(key: str, url: str) -> None:
    assert key in refusal(**{key: url})


def test_an_unknown_key_is_refused_by_name() -> None:
    assert "environmenturl" in refusal(environmenturl="x")


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant_id": ""},
        {"tenant_id": "../common"},
        {"client_id": ""},
        {"client_secret": ""},
        {"api_version": "9"},
        {"max_concurrency": 0},
        {"max_concurrency": 53},
        {"solution": "my solution"},
        {"map": {"task": {"a": "new_b"}}},
    ],
)
def test_impossible_values_are_refused(changes: dict[str, Any]) -> None:
    assert next(iter(changes)) in refusal(**changes)


def test_mapped_columns_are_given_per_entity() -> None:
    settings = DynamicsSettings(**GOOD, map={"contact": {"attitude": "new_sentiment"}})
    assert settings.map == {"contact": {"attitude": "new_sentiment"}}


def test_a_mapped_field_must_be_one_that_people_enter() -> None:
    assert "contact.closeness is no field people enter" in refusal(map={"contact": {"closeness": "new_closeness"}})


def test_a_mapped_column_is_a_logical_name() -> None:
    assert "logical name" in refusal(map={"contact": {"attitude": "New_Sentiment"}})
