"""CreateMultiple, UpdateMultiple and UpsertMultiple: all or nothing, and writes that are spoilt on purpose."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx
import pytest

from connectors.sandbox.faults import Rule
from tests.connectors.sandbox.dataverse.writekit import NOBODY, TYPE, Environment, environment, refusal


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


@pytest.fixture
def three(env: Environment) -> Iterator[list[str]]:
    """Three accounts, and no fault rules afterwards."""
    yield [env.create("accounts", name=name) for name in ("a", "b", "c")]
    env.break_with()


def phones(env: Environment, ids: list[str]) -> list[str | None]:
    return [env.value("account", "telephone1", record_id) for record_id in ids]


def test_create_multiple_gives_the_ids_in_order(env: Environment) -> None:
    answer = env.multiple("CreateMultiple", "accounts", "account", {"name": "x"}, {"name": "y", "telephone1": "1"})
    assert answer.status_code == 200
    assert [env.value("account", "name", made) for made in answer.json()["Ids"]] == ["x", "y"]


def test_update_multiple_writes_each_rows_own_columns_and_versions(env: Environment, three: list[str]) -> None:
    before = env.rows("select max(versionnumber) from account")[0][0]
    rows = [
        {"accountid": three[0], "telephone1": "1"},
        {"accountid": three[1], "websiteurl": "w"},
        {"accountid": three[2], "telephone1": "3"},
    ]
    assert env.multiple("UpdateMultiple", "accounts", "account", *rows).status_code == 204
    assert phones(env, three) == ["1", None, "3"]
    versions = [env.value("account", "versionnumber", made) for made in three]
    assert len(set(versions)) == 3
    assert min(versions) > before


def test_one_refused_row_undoes_all_and_is_named(env: Environment, three: list[str]) -> None:
    rows = [{"accountid": three[0], "telephone1": "1"}, {"accountid": three[1], "telephone1": "x" * 51}]
    answer = env.multiple("UpdateMultiple", "accounts", "account", *rows)
    assert refusal(answer) == (400, "0x80044331")
    assert three[1] in answer.json()["error"]["message"]
    missing = env.multiple("UpdateMultiple", "accounts", "account", rows[0], {"accountid": NOBODY, "telephone1": "1"})
    assert refusal(missing) == (404, "0x80040217")
    assert NOBODY in missing.json()["error"]["message"]
    assert phones(env, three) == [None, None, None]


def test_the_same_row_twice_is_taken_by_update_and_refused_by_upsert(env: Environment, three: list[str]) -> None:
    twice = [{"accountid": three[0], "telephone1": "1"}, {"accountid": three[0], "telephone1": "2"}]
    assert env.multiple("UpdateMultiple", "accounts", "account", *twice).status_code == 204
    assert phones(env, three[:1]) == ["2"]
    assert refusal(env.multiple("UpsertMultiple", "accounts", "account", *twice)) == (412, "0x80040237")


def test_upsert_multiple_updates_and_creates(env: Environment, three: list[str]) -> None:
    fresh = "22222222-2222-2222-2222-222222222222"
    rows = [{"@odata.id": f"accounts({three[0]})", "telephone1": "1"}, {"accountid": fresh, "name": "new"}]
    assert env.multiple("UpsertMultiple", "accounts", "account", *rows).status_code == 204
    assert phones(env, three[:1]) == ["1"]
    assert env.value("account", "name", fresh) == "new"


@pytest.mark.parametrize(
    "target",
    [
        {"accountid": NOBODY},
        {"@odata.type": TYPE + "contact", "accountid": NOBODY},
        {"@odata.type": TYPE + "account"},
        {"@odata.type": TYPE + "account", "accountid": "5"},
        "text",
    ],
    ids=str,
)
def test_every_target_says_its_type_and_its_key(env: Environment, target: object) -> None:
    answer = env.client.post(f"accounts/{TYPE}UpdateMultiple", json={"Targets": [target]})
    assert refusal(answer) == (400, "0x80048d19")


def test_a_request_without_targets_is_refused(env: Environment) -> None:
    assert refusal(env.client.post(f"accounts/{TYPE}UpdateMultiple", json={"Targets": []})) == (400, "0x80040203")


def test_a_table_without_the_message_has_no_such_address(env: Environment) -> None:
    assert refusal(env.multiple("UpdateMultiple", "connections", "connection", {})) == (404, "0x8006088a")


def test_a_poisoned_row_fails_every_request_that_touches_it_and_no_other(env: Environment, three: list[str]) -> None:
    env.break_with(Rule("poison_row", object=three[1], times=0))
    rows = [{"accountid": made, "telephone1": "9"} for made in three]
    answer = env.multiple("UpdateMultiple", "accounts", "account", *rows)
    assert refusal(answer) == (400, "0x80040265")
    assert three[1] not in answer.text
    assert env.multiple("UpdateMultiple", "accounts", "account", rows[0], rows[2]).status_code == 204
    assert env.refused(f"accounts({three[1]})", telephone1="9") == (400, "0x80040265")
    assert phones(env, three) == ["9", None, "9"]


def test_a_deadlock_strikes_once_and_the_same_request_then_passes(env: Environment, three: list[str]) -> None:
    env.break_with(Rule("deadlock", object="account"))
    target = {"accountid": three[0], "telephone1": "4"}
    answer = env.multiple("UpdateMultiple", "accounts", "account", target)
    assert refusal(answer) == (500, "0x80044150")
    assert "1205" in answer.json()["error"]["message"]
    assert env.multiple("UpdateMultiple", "accounts", "account", target).status_code == 204


def test_two_requests_that_write_one_row_at_the_same_time_deadlock(env: Environment, three: list[str]) -> None:
    def write(ids: list[str]) -> httpx.Response:
        return env.multiple("UpdateMultiple", "accounts", "account", *({"accountid": made, "telephone1": "7"} for made in ids))

    with ThreadPoolExecutor(2) as threads:
        with env.store.lock:
            both = [threads.submit(write, three[:2]), threads.submit(write, three[1:])]
            victim = next(iter(wait(both, timeout=20, return_when=FIRST_COMPLETED).done)).result()
        statuses = sorted(future.result().status_code for future in both)
    assert refusal(victim) == (500, "0x80044150")
    assert statuses == [204, 500]
    assert write(three).status_code == 204


def test_a_sql_timeout_strikes_only_large_requests(env: Environment, three: list[str]) -> None:
    env.break_with(Rule("sql_timeout", object="account", value=2, times=0))
    rows = [{"accountid": made, "telephone1": "6"} for made in three]
    assert refusal(env.multiple("UpdateMultiple", "accounts", "account", *rows)) == (500, "0x80044151")
    assert env.multiple("UpdateMultiple", "accounts", "account", *rows[:2]).status_code == 204
