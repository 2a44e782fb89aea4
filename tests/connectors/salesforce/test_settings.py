"""What a `[crm.NAME]` section may say; everything else is refused before a call is made."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.salesforce.settings import SalesforceSettings

GOOD = {"instance_url": "https://acme.my.salesforce.com/", "client_id": "id", "client_secret": "s3cret"}


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        SalesforceSettings(**{**GOOD, **changes})
    return str(caught.value)


def test_a_minimal_section_is_client_credentials_on_the_my_domain_host() -> None:
    settings = SalesforceSettings(**GOOD)
    assert (settings.auth, settings.instance_url, settings.api_version) == ("client_credentials", "https://acme.my.salesforce.com", "62.0")


def test_the_secret_is_never_shown() -> None:
    assert "s3cret" not in repr(SalesforceSettings(**GOOD))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8710", "http://localhost:8710", "http://[::1]:8710"])
def test_plain_http_is_for_loopback(url: str) -> None:
    assert SalesforceSettings(**{**GOOD, "instance_url": url}).instance_url == url


@pytest.mark.parametrize("url", ["http://acme.my.salesforce.com", "http://127.0.0.1.evil.com", "acme.my.salesforce.com", "ftp://x"])
def test_other_addresses_are_refused(url: str) -> None:
    assert "instance_url" in refusal(instance_url=url)


def test_an_unknown_key_is_refused_by_name() -> None:
    assert "instanceurl" in refusal(instanceurl="x")


def test_each_flow_names_what_it_lacks() -> None:
    assert "client_secret" in refusal(client_secret=None)
    assert "username and private_key_file" in refusal(auth="jwt")


@pytest.mark.parametrize(
    "changes",
    [{"auth": "password"}, {"api_version": "latest"}, {"max_calls_share": 0}, {"max_calls_share": 1.5}, {"map": {"task": {"a": "B__c"}}}],
)
def test_impossible_values_are_refused(changes: dict[str, Any]) -> None:
    assert next(iter(changes)) in refusal(**changes)


def test_mapped_fields_are_given_per_entity() -> None:
    settings = SalesforceSettings(**GOOD, map={"contact": {"attitude": "Sentiment__c"}})
    assert settings.map["contact"]["attitude"] == "Sentiment__c"
