"""Chains of pages against answers prepared by hand: one page ahead, in order, and the most urgent work first."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from connectors.dynamics.pages import next_page
from connectors.dynamics.read import DECODERS, FETCHES, Chain, Following
from connectors.dynamics.urgency import LATER, URGENT, USUAL, Line, Workers
from connectors.errors import IncompleteRead
from connectors.landing.spool import Spool
from connectors.landing.tables import RawTable

TABLE = RawTable("things", {"thingid": "text", "versionnumber": "integer"}, "thingid", "versionnumber", "")
Spoil = Callable[[int, bytes], bytes]


class Walk:
    """Pages 1 to `last` of things, the n-th with n rows; `spoil` may change a body. `asked` are the numbers of the pages."""

    def __init__(self, last: int, spoil: Spoil = lambda number, body: body) -> None:
        self.last, self.spoil = last, spoil
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        number = int(request.query_params.get("page", "1"))
        self.asked.append(number)
        following = f"http://{request.headers['host']}/api/data/v9.2/things?page={number + 1}"
        page = {"value": [{"thingid": f"{number}-{place}", "versionnumber": place} for place in range(number)]}
        link = {"@odata.nextLink": following} if number < self.last else {}
        return Response(self.spoil(number, json.dumps({**page, **link}).encode()), media_type="application/json")


@pytest.fixture
def following(stub: Any, client_of: Any) -> Iterator[Following]:
    with Following(client_of(stub)) as made:
        yield made


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain("things", TABLE, Spool(tmp_path / "pages"))


def silent(rows: int) -> None:
    """Nobody counts."""


def without_keys(times: int) -> Spoil:
    """The second page has rows without a key so many times, and a next link all the same."""
    left = iter(range(times))
    return lambda number, body: body.replace(b"thingid", b"nothing") if number == 2 and next(left, None) is not None else body


def test_pages_come_in_order_each_asked_for_once(following: Following, chain: Chain, stub: Any) -> None:
    stub.answers[:] = [walk := Walk(5)]
    pages = following.one(chain, silent)
    assert [note.rows for note in pages.notes] == [1, 2, 3, 4, 5] == walk.asked
    assert len(set(pages.paths)) == 5


def test_a_page_that_is_spoilt_is_fetched_again_although_the_next_one_is_there(following: Following, chain: Chain, stub: Any) -> None:
    stub.answers[:] = [walk := Walk(4, without_keys(times=2))]
    pages = following.one(chain, silent)
    assert [note.rows for note in pages.notes] == [1, 2, 3, 4]
    assert walk.asked == [1, 2, 3, 2, 2, 4]


def test_a_page_that_stays_spoilt_fails_the_read(following: Following, chain: Chain, stub: Any) -> None:
    stub.answers[:] = [walk := Walk(4, without_keys(times=99))]
    with pytest.raises(IncompleteRead):
        following.one(chain, silent)
    assert walk.asked.count(2) == FETCHES
    assert 4 not in walk.asked


def test_a_page_cut_before_its_link_is_fetched_again_and_followed(following: Following, chain: Chain, stub: Any) -> None:
    cuts = iter([True])
    stub.answers[:] = [walk := Walk(4, lambda number, body: body[:-40] if number == 2 and next(cuts, False) else body)]
    assert [note.rows for note in following.one(chain, silent).notes] == [1, 2, 3, 4]
    assert walk.asked == [1, 2, 2, 3, 4]


def test_a_link_the_whole_page_does_not_confirm_is_not_followed_any_further(following: Following, chain: Chain, stub: Any) -> None:
    def misled(number: int, body: bytes) -> bytes:
        return body[:-1] + b', "inner": {"@odata.nextLink":"things?page=4"}}' if number == 2 else body

    stub.answers[:] = [walk := Walk(4, misled)]
    assert [note.rows for note in following.one(chain, silent).notes] == [1, 2, 3, 4]
    assert walk.asked == [1, 2, 4, 3, 4]


def test_a_chain_holds_no_more_than_one_page_beside_the_one_that_is_decoded(following: Following, chain: Chain, stub: Any) -> None:
    stub.answers[:] = [walk := Walk(9)]
    free = threading.Event()
    for _ in range(DECODERS):
        following._decoders.submit(URGENT, free.wait)
    thread = threading.Thread(target=following.one, args=(chain, silent))
    thread.start()
    while len(walk.asked) < 2:
        time.sleep(0.005)
    time.sleep(0.2)
    held = len(walk.asked)
    free.set()
    thread.join(30)
    assert (held, len(walk.asked)) == (2, 9)


@given(st.lists(st.text()), st.text(min_size=1))
def test_the_link_read_off_the_bytes_is_the_one_the_page_has(values: list[str], link: str) -> None:
    rows = [{"name": value} for value in [*values, '"@odata.nextLink":"wrong"']]
    assert next_page(json.dumps({"value": rows, "@odata.nextLink": link}).encode()) == link
    assert next_page(json.dumps({"value": rows}).encode()) == ""


def test_workers_do_the_most_urgent_first_and_of_equal_work_what_came_first() -> None:
    workers, busy, free, done = Workers(1), threading.Event(), threading.Event(), list[str]()
    workers.submit(LATER, lambda: busy.set() or free.wait())
    busy.wait()
    for urgency, name in ((LATER, "party 1"), (USUAL, "row 1"), (LATER, "party 2"), (URGENT, "walk"), (USUAL, "row 2")):
        workers.submit(urgency, done.append, name)
    free.set()
    workers.shutdown()
    assert done == ["walk", "row 1", "row 2", "party 1", "party 2"]


def test_a_line_lets_the_most_urgent_go_and_never_more_than_its_width() -> None:
    line, lock, inside, order = Line(lambda: 2), threading.Lock(), [0], list[int]()

    def pass_through(urgency: int) -> None:
        with line.place(urgency):
            with lock:
                inside[0] += 1
                assert inside[0] <= 2
                order.append(urgency)
            time.sleep(0.01)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=pass_through, args=(urgency,)) for urgency in [*[LATER] * 6, *[URGENT] * 6]]
    with line.place(USUAL), line.place(USUAL):
        for thread in threads:
            thread.start()
        while len(line._waiting) < len(threads):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert (order[:5], order[-5:]) == ([URGENT] * 5, [LATER] * 5)
