"""What the service tells of the user's privileges follows from what was taken away."""

from collections.abc import Iterator

import pytest

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from tests.connectors.sandbox.dataverse.writekit import TYPE, Environment, environment


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


def held(env: Environment) -> dict[str, str]:
    found = env.client.get(f"systemusers({INTEGRATION_USER_ID})/{TYPE}RetrieveUserPrivileges()").json()["RolePrivileges"]
    return {item["PrivilegeName"]: item["Depth"] for item in found}


def test_all_privileges_are_held_for_the_whole_organisation_at_first(env: Environment) -> None:
    assert {"prvReadAccount", "prvWriteUser", "prvReadActivity", "prvCreateAttribute"} <= set(held(env))
    assert set(held(env).values()) == {"Global"}


def test_what_was_taken_away_is_missing(env: Environment) -> None:
    env.access.restrict(read_only_tables=["systemuser"], hidden_tables=["lead"], customize=False, organization_read=False)
    found = held(env)
    env.access.restrict(read_only_tables=[], hidden_tables=[], customize=True, organization_read=True)
    assert not {"prvWriteUser", "prvReadLead", "prvCreateAttribute"} & set(found)
    assert found["prvReadUser"] == "Basic"


def test_no_profile_opens_a_secured_column(env: Environment) -> None:
    answer = env.client.get(f"systemusers({INTEGRATION_USER_ID})/{TYPE}RetrievePrincipalAttributePrivileges()")
    assert answer.json()["AttributePrivileges"] == []


def test_the_environment_has_one_language(env: Environment) -> None:
    assert env.client.get("RetrieveProvisionedLanguages()").json()["RetrieveProvisionedLanguages"] == [1033]
