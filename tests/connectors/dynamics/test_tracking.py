"""One table against answers prepared by hand: what a walk, a delta and a chain that ends early mean."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.dynamics.definitions import VisibleColumn, VisibleTable
from connectors.dynamics.read import Following
from connectors.dynamics.specs import TASK
from connectors.dynamics.state import ReadPlan, TableState
from connectors.dynamics.tables import TableRead, TableReading
from connectors.errors import IncompleteRead, RequestRejected
from warehouse import DuckDBWarehouse

TASKS = VisibleTable(TASK, "tasks", "activityid", tuple(VisibleColumn(item, item.kind) for item in TASK.columns), (), (), tracked=True)
WHOLE = ReadPlan(TASKS, "tracked", "full")
GONE = "https://x/api/data/v9.2/$metadata#tasks/$deletedEntity"


def row(number: int, version: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "activityid": f"0000000{number}-0000-0000-0000-000000000000",
        "versionnumber": version,
        "createdon": "2026-01-01T00:00:00Z",
        **values,
    }


def gone(number: int) -> dict[str, Any]:
    return {"@odata.context": GONE, "id": row(number)["activityid"], "reason": "deleted"}


def ids(*numbers: int) -> list[str]:
    return [row(number)["activityid"] for number in numbers]


class Service:
    """Answers by what is asked: keys, rows, a delta, rows by id. `asked` are the addresses, decoded."""

    def __init__(self, **parts: Any) -> None:
        self.parts: Mapping[str, list[dict[str, Any]]] = parts
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        root = f"http://{request.headers['host']}/api/data/v9.2/tasks"
        address = unquote(str(request.url.query))
        self.asked.append(address)
        kind = self._kind(address, request.headers.get("prefer", ""))
        rows = self.parts.get(kind, [])
        if kind == "dead":
            return JSONResponse({"error": {"code": "0x80044352", "message": "expired"}}, 400)
        if kind == "named":
            rows = [item for item in rows if item["activityid"] in address]
        links = {"@odata.deltaLink": f"{root}?$deltatoken=1%212"} if kind in ("keys", "delta") and "no_link" not in self.parts else {}
        return Response(json.dumps({"value": rows, **links}), media_type="application/json")

    def _kind(self, address: str, prefer: str) -> str:
        if "deltatoken" in address:
            return "dead" if "dead" in address else "delta"
        if "CRM.In(" in address:
            return "named"
        return "keys" if "track-changes" in prefer or "ownerid" not in address else "rows"


Read = Callable[..., tuple[TableRead, Service]]


@pytest.fixture
def read(stub: Any, client_of: Any, tmp_path: Path) -> Iterator[Read]:
    """`read(plan, keys=[...], rows=[...], delta=[...], named=[...])`"""
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as warehouse:

        def run(plan: ReadPlan, **parts: Any) -> tuple[TableRead, Service]:
            service = Service(**parts)
            stub.answers[:] = [service]
            with Following(client_of(stub)) as following:
                return TableReading(following, warehouse, "dyn", tmp_path / "pages", lambda line: None).read(plan, 0), service

        yield run


def test_the_link_comes_first_and_its_delta_last(read: Read) -> None:
    rows = [row(1), row(2)]
    done, service = read(WHOLE, keys=rows, rows=rows, delta=[row(2, 5), row(3, 6)], named=[row(2, 5), row(3, 6)])
    assert [("deltatoken" in text, "CRM.In(" in text, "ownerid" in text) for text in service.asked] == [
        (False, False, False),
        (False, False, True),
        (True, False, False),
        (False, True, True),
    ]
    assert (done.pages.rows, done.fresh.rows, done.gone) == (4, 2, [])
    assert done.link.endswith("$deltatoken=1%212")


def test_the_version_is_among_the_columns_of_a_delta_so_that_every_change_is_one_of_a_selected_column(read: Read) -> None:
    _, service = read(WHOLE, keys=[row(1)], rows=[row(1)])
    assert service.asked[0] == "$select=activityid,versionnumber,createdon"


def test_deletes_of_a_delta_and_changed_rows_that_are_not_found_any_more_are_gone(read: Read) -> None:
    done, _ = read(WHOLE, keys=[row(1), row(2)], rows=[row(1), row(2)], delta=[row(2, 7), gone(1)], named=[])
    assert sorted(done.gone) == ids(1, 2)


def test_a_key_without_a_row_is_asked_for_once_more_and_then_gone(read: Read) -> None:
    done, service = read(WHOLE, keys=[row(1), row(2)], rows=[row(1)])
    assert done.gone == ids(2)
    assert row(2)["activityid"] in service.asked[-1]


def test_a_chain_that_ends_before_its_end_is_seen(read: Read) -> None:
    with pytest.raises(IncompleteRead, match="1 rows are there that no page brought"):
        read(WHOLE, keys=[row(1), row(2)], rows=[row(1)], named=[row(2)])


def test_a_walk_without_a_delta_link_lost_its_last_page(read: Read) -> None:
    with pytest.raises(IncompleteRead, match="without a delta link"):
        read(WHOLE, keys=[row(1)], rows=[row(1)], no_link=[])


def night(stub_url: str, token: str) -> ReadPlan:
    link = f"{stub_url}/api/data/v9.2/tasks?$deltatoken={token}"
    return ReadPlan(TASKS, "tracked", "incremental", TableState("host", (), link))


def test_a_night_asks_for_the_delta_and_for_the_rows_it_names(read: Read, stub: Any) -> None:
    done, service = read(night(stub.url, "7"), delta=[row(3, 9), gone(1)], named=[row(3, 9)])
    assert (done.plan.mode, done.pages.rows, done.gone) == ("incremental", 1, ids(1))
    assert len(service.asked) == 2


def test_a_quiet_night_is_one_request(read: Read, stub: Any) -> None:
    done, service = read(night(stub.url, "7"))
    assert (done.pages.rows, len(service.asked)) == (0, 1)


def test_an_expired_link_ends_in_a_full_read_and_any_other_refusal_in_an_error(read: Read, stub: Any) -> None:
    done, _ = read(night(stub.url, "dead"), keys=[row(1)], rows=[row(1)])
    assert (done.plan.mode, done.pages.rows) == ("full", 1)
    with pytest.raises(RequestRejected, match="another environment"):
        read(ReadPlan(TASKS, "tracked", "incremental", TableState("host", (), "https://elsewhere.example/tasks?$deltatoken=1")))
