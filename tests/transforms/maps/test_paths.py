"""Paths to the deciders whom an account's owner does not reach."""

import math

import pytest
from hypothesis import HealthCheck, given, settings

from tests.transforms.maps.kit import told
from tests.transforms.maps.plain_paths import ACCOUNTS, World, worlds
from transforms.maps import tables
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
PATH = ("owner_id", "decider_id", "steps", "strength", "lines", "via_1", "via_2")


def world(people: dict[str, tuple[str | None, str | None, bool]], **pairs: tuple[float, int | None]) -> World:
    """Account acme owned by ann, whose manager is cyd; bob has another, dan has left. Contacts as `ann_p1=(50, 5)`."""
    users = {"ann": (True, "cyd"), "bob": (True, "boss"), "cyd": (True, None), "dan": (False, "cyd")}
    named = {f"acme/{name}": (line(boss), line(influencer), decides) for name, (boss, influencer, decides) in people.items()}
    met = {(name.split("_")[0], f"acme/{name.split('_')[1]}"): pair for name, pair in pairs.items()}
    return World(dict.fromkeys(ACCOUNTS) | {"acme": "ann"}, users, named, met)


def line(name: str | None) -> str | None:
    return name and f"acme/{name}"


def found(warehouse: DuckDBWarehouse, given_world: World) -> list[tuple[object, ...]]:
    given_world.fill(warehouse)
    return told(warehouse, tables.paths, *PATH)


TENTH = 0.051
DECIDER = {"p1": (None, None, True)}


@pytest.mark.parametrize(
    ("case", "path"),
    [
        (world(DECIDER, cyd_p1=(50, 5)), (2, 45.0, "colleague, contact", "user:cyd", None)),
        (world(DECIDER, bob_p1=(60, 5), cyd_p1=(50, 5)), (2, 45.0, "colleague, contact", "user:cyd", None)),
        (world(DECIDER, bob_p1=(70, 5), cyd_p1=(50, 5)), (2, 49.0, "colleague, contact", "user:bob", None)),
        (world(DECIDER, bob_p1=(90, 5), cyd_p1=(70, 5)), (2, 63.0, "colleague, contact", "user:bob", None)),
        (
            world({"p1": ("p2", None, True), "p2": (None, None, False)}, ann_p2=(50, 5)),
            (2, 30.0, "contact, reporting", "person:acme/p2", None),
        ),
        (
            world({"p1": (None, "p2", True), "p2": ("p1", None, False)}, ann_p2=(50, 5)),
            (2, 40.0, "contact, influence", "person:acme/p2", None),
        ),
        (
            world({"p1": (None, None, True), "p2": ("p1", None, False)}, ann_p2=(50, 5)),
            (2, 25.0, "contact, reporting", "person:acme/p2", None),
        ),
        (
            world({"p1": (None, "p2", True), "p2": (None, "p3", False), "p3": (None, None, False)}, ann_p3=(45, 5), cyd_p1=(32, 5)),
            (2, 28.8, "colleague, contact", "user:cyd", None),
        ),
        (
            world({"p1": (None, "p2", True), "p2": (None, "p3", False), "p3": (None, None, False)}, ann_p3=(50, 5)),
            (3, 32.0, "contact, influence, influence", "person:acme/p3", "person:acme/p2"),
        ),
        (
            world({"p1": (None, "p2", True), "p2": (None, None, False)}, cyd_p2=(50, 5)),
            (3, 36.0, "colleague, contact, influence", "user:cyd", "person:acme/p2"),
        ),
    ],
)
def test_the_best_way_is_by_a_colleague_or_along_lines_and_its_strength_is_the_product(
    warehouse: DuckDBWarehouse, case: World, path: tuple[object, ...]
) -> None:
    assert found(warehouse, case) == [("ann", "acme/p1", *path)]


@pytest.mark.parametrize(
    "case",
    [
        world(DECIDER),
        world(DECIDER, dan_p1=(90, 5)),
        world(DECIDER, cyd_p1=(90, 366)),
        world(DECIDER, cyd_p1=(90, None)),
        world(DECIDER | {"p2": ("p1", None, False), "p3": ("p2", None, False), "p4": ("p3", None, False)}, ann_p4=(90, 5)),
    ],
    ids=["nobody", "a user who left", "old contact", "one-way contact", "four steps"],
)
def test_where_nothing_leads_there_the_decider_is_listed_with_a_blank(warehouse: DuckDBWarehouse, case: World) -> None:
    assert found(warehouse, case) == [("ann", "acme/p1", None, None, None, None, None)]


def test_a_decider_whom_the_owner_meets_needs_no_path(warehouse: DuckDBWarehouse) -> None:
    assert found(warehouse, world(DECIDER, ann_p1=(1, 364), cyd_p1=(90, 5))) == []
    assert told(warehouse, tables.deciders, "person_id", "owner_id", "reached") == [("acme/p1", "ann", True)]


def test_of_equally_strong_colleagues_the_first_by_id_is_named(warehouse: DuckDBWarehouse) -> None:
    users = {"ann": (True, "cyd"), "cyd": (True, None), "zoe": (True, "cyd"), "eve": (True, "cyd")}
    pairs = {(user, "acme/p1"): (50.0, 5) for user in ("zoe", "eve", "cyd")}
    case = World(dict.fromkeys(ACCOUNTS) | {"acme": "ann"}, users, {"acme/p1": (None, None, True)}, pairs)
    assert [row[5] for row in found(warehouse, case)] == ["user:cyd"]
    case.pairs = {pair: met for pair, met in pairs.items() if pair[0] != "cyd"}
    assert [row[5] for row in found(warehouse, case)] == ["user:eve"]


def test_who_decides_on_an_open_deal_alone_is_a_decider_too(warehouse: DuckDBWarehouse) -> None:
    case = world({"p1": (None, None, True), "p2": (None, None, False)}, cyd_p2=(50, 5))
    case.on_deals = ["acme/p1", "acme/p2", "acme/p2"]
    assert [row[1:4] for row in found(warehouse, case)] == [("acme/p1", None, None), ("acme/p2", 2, 45.0)]
    assert told(warehouse, tables.deciders, "person_id", "by_deal") == [("acme/p1", False), ("acme/p2", True)]


def test_without_an_active_owner_there_is_nobody_to_start_from(warehouse: DuckDBWarehouse) -> None:
    case = world(DECIDER, cyd_p1=(90, 5))
    assert found(warehouse, World(dict.fromkeys(ACCOUNTS) | {"acme": "dan"}, case.users, case.people, case.pairs)) == []
    assert told(warehouse, tables.deciders, "person_id", "owner_id", "reached") == [("acme/p1", None, None)]


@QUICK
@given(case=worlds())
def test_no_path_is_better_than_told_and_each_exists_step_by_step_past_nobody_who_left(warehouse: DuckDBWarehouse, case: World) -> None:
    rows = {(row[0], row[1]): row[2:] for row in found(warehouse, case)}
    assert set(rows) == set(case.goals())
    for (owner, goal), row in rows.items():
        best = case.best(str(owner), str(goal))
        assert (row[0] is None) == (best is None), goal
        if best is not None:
            assert abs(float(str(row[1])) - 100 * best) <= TENTH, goal
            check(case, str(owner), str(goal), *row)


def check(case: World, owner: str, goal: str, steps: object, strength: object, lines: object, *vias: object) -> None:
    """The path can be walked, its strength is the product of its steps and so at most the weakest of them."""
    stops, node, walked = [str(via).split(":", 1)[1] for via in vias if via] + [goal], owner, []
    assert len(stops) == steps
    assert all(case.users[stop][0] for stop in stops if stop in case.users)
    for stop, kind in zip(stops, str(lines).split(", "), strict=True):
        walked.append(max(worth for following, worth, named in case.onward(owner, node, goal[:4]) if (following, named) == (stop, kind)))
        node = stop
    assert abs(float(str(strength)) - 100 * math.prod(walked)) <= TENTH
    assert float(str(strength)) <= 100 * min(walked) + TENTH
