"""`$batch` over HTTP: order, change sets, where it stops, and what it may hold."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx
import pytest

from tests.connectors.sandbox.dataverse.writekit import NOBODY, Environment, environment, refusal

HTTP = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
JSON = "Content-Type: application/json\r\n\r\n"
MISSING = f"DELETE accounts({NOBODY})"


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


def part(line: str, body: str = "", content_id: int | None = None) -> str:
    named = f"Content-ID: {content_id}\r\n" if content_id is not None else ""
    return f"{HTTP}{named}\r\n{line} HTTP/1.1\r\n{JSON}{body}"


def change_set(*parts: str) -> str:
    inner = "".join(f"--set\r\n{item}\r\n" for item in parts)
    return f"Content-Type: multipart/mixed; boundary=set\r\n\r\n{inner}--set--\r\n"


def post(env: Environment, *parts: str, prefer: str = "") -> httpx.Response:
    body = "".join(f"--b\r\n{item}\r\n" for item in parts) + "--b--\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=b", **({"Prefer": prefer} if prefer else {})}
    return env.client.post("$batch", content=body.encode(), headers=headers)


def statuses(answer: httpx.Response) -> list[int | list[int]]:
    """Status of every part, a list for a change set."""
    message = BytesParser().parsebytes(f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode() + answer.content)
    return [[_status(inner) for inner in item.get_payload()] if item.is_multipart() else _status(item) for item in _parts(message)]


def _parts(message: Message) -> Any:
    return message.get_payload()


def _status(item: Any) -> int:
    return int(re.match(r"HTTP/1.1 (\d+)", item.get_payload())[1])


def create(name: str, content_id: int | None = None) -> str:
    return part("POST /api/data/v9.2/accounts", f'{{"name": "{name}"}}', content_id)


def count(env: Environment, name: str) -> int:
    return int(env.rows("select count(*) from account where name = ?", name)[0][0])


def test_requests_are_answered_in_order_with_any_kind_of_address(env: Environment) -> None:
    made = env.create("accounts", name="here")
    answer = post(env, part(f"GET accounts({made})?$select=name"), part(f"GET {env.client.base_url}accounts({made})"), create("there"))
    assert answer.status_code == 200
    assert statuses(answer) == [200, 200, 204]
    assert answer.text.index("here") < answer.text.index("OData-EntityId")


def test_the_first_failure_ends_the_batch_and_the_whole_answer_is_400(env: Environment) -> None:
    answer = post(env, create("first"), part(MISSING), create("never"))
    assert answer.status_code == 400
    assert statuses(answer) == [204, 404]
    assert (count(env, "first"), count(env, "never")) == (1, 0)


def test_with_continue_on_error_every_part_has_its_status(env: Environment) -> None:
    answer = post(env, part(MISSING), create("after"), prefer="odata.continue-on-error")
    assert answer.status_code == 200
    assert statuses(answer) == [404, 204]
    assert count(env, "after") == 1


def test_a_failure_in_a_change_set_undoes_it_whatever_the_preference(env: Environment) -> None:
    both = change_set(create("undone", 1), part(MISSING, content_id=2), create("undone", 3))
    answer = post(env, both, create("kept"), prefer="odata.continue-on-error")
    assert answer.status_code == 200
    assert statuses(answer) == [[404], 204]
    assert "Content-ID: 2" in answer.text
    assert (count(env, "undone"), count(env, "kept")) == (0, 1)


def test_later_parts_of_a_change_set_refer_to_rows_of_earlier_ones(env: Environment) -> None:
    child = part("POST contacts", '{"lastname": "Child", "parentcustomerid_account@odata.bind": "$1"}', 2)
    rename = part("PATCH $1", '{"telephone1": "77"}', 3)
    answer = post(env, change_set(create("Parent", 1), child, rename))
    assert statuses(answer) == [[204, 204, 204]]
    sql = "select a.telephone1 from contact c join account a on a.accountid = c._parentcustomerid_value where c.lastname = 'Child'"
    assert env.rows(sql) == [("77",)]


def test_if_match_counts_in_a_batch(env: Environment) -> None:
    ghost = f"{HTTP}\r\nPATCH accounts({NOBODY}) HTTP/1.1\r\nIf-Match: *\r\n{JSON}{{}}"
    assert statuses(post(env, ghost)) == [404]


@pytest.mark.parametrize(
    "parts",
    [
        [change_set(part("GET accounts", content_id=1))],
        [change_set(create("x"))],
        [change_set(create("x", 1), create("x", 1))],
        [create("x")] * 1_001,
    ],
    ids=["GET in a change set", "no Content-ID", "same Content-ID", "too many"],
)
def test_what_a_batch_may_not_hold(env: Environment, parts: list[str]) -> None:
    assert refusal(post(env, *parts)) == (400, "0x80048d19")
    assert count(env, "x") == 0


def test_a_batch_in_a_batch_is_refused(env: Environment) -> None:
    assert statuses(post(env, part("POST $batch"))) == [400]


def test_a_body_that_is_no_batch_is_refused(env: Environment) -> None:
    assert refusal(env.client.post("$batch", content=b"{}")) == (400, "0x80048d19")
