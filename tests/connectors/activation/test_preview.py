"""What a changed method would do to grades is told from the plan, by record, label and direction, before anything is sent."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.activation.preview import LADDERS, MethodChange, method_change
from connectors.fields import OUTPUT, column

CRM = "sales_cloud"


def previewed(bench: Any, version: str = "m2") -> MethodChange | None:
    made = bench.plan()
    return method_change(bench.warehouse, CRM, made.plan_id, {entity: item.updates for entity, item in made.entities.items()}, version)


def moves(change: MethodChange | None) -> Sequence[tuple[Any, ...]]:
    assert change
    return [(move.entity, column(move.field), move.before, move.after, move.records, move.direction) for move in change.moves]


def test_each_step_from_one_label_to_another_is_counted_with_its_direction(bench: Any, contact: Any) -> None:
    bench.put([contact(f"003{number}", interaction_level=None) for number in range(4)])
    bench.push()
    graded = [{"closeness_grade": "Fair"}, {"closeness_grade": "Fair", "interaction_level": "Deep"}, {"closeness_grade": "Excellent"}, {}]
    bench.put([contact(f"003{number}", method_version="m2", **changes) for number, changes in enumerate(graded)])
    change = previewed(bench)
    assert moves(change) == [
        ("contact", "closeness_grade", "Good", "Fair", 2, "down"),
        ("contact", "closeness_grade", "Good", "Excellent", 1, "up"),
        ("contact", "interaction_level", "(blank)", "Deep", 1, ""),
    ]
    assert change
    assert change.line == "sales_cloud: method m1 -> m2: 3 contacts change grade, 3 rows to write"
    assert bench.crm.held["0030"]["closeness_grade"] == "Good"


def test_the_version_before_is_that_of_the_last_push_though_most_records_carry_an_older_one(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B"), contact("003C")])
    bench.push()
    bench.put([contact("003A", touches_90d=5, method_version="m2"), contact("003B"), contact("003C")])
    bench.push()
    assert previewed(bench, "m2") is None
    change = previewed(bench, "m3")
    assert change
    assert change.line == "sales_cloud: method m2 -> m3: no record changes grade, 0 rows to write"


def test_a_first_push_is_no_change_of_the_method(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    assert previewed(bench) is None


def test_accounts_users_and_yes_or_no_are_told_as_well(bench: Any) -> None:
    account = {"record_id": "001A", "lifecycle_stage": "Customer", "key_account": True, "relationship_level": "Mid", "method_version": "m1"}
    user = {"record_id": "005A", "rep_grade": "Senior", "method_version": "m1"}
    deal = {"record_id": "006A", "win_signal": 10.0, "method_version": "m1"}
    for entity, row in (("account", account), ("user", user), ("opportunity", deal)):
        bench.put([row], entity)
    bench.push()
    bench.put([account | {"lifecycle_stage": "Large deals", "key_account": False, "relationship_level": "Strong"}], "account")
    bench.put([user | {"rep_grade": "Top"}], "user")
    bench.put([deal | {"win_signal": 20.0}], "opportunity")
    change = previewed(bench)
    assert moves(change) == [
        ("account", "relationship_level", "Mid", "Strong", 1, "up"),
        ("account", "lifecycle_stage", "Customer", "Large deals", 1, "up"),
        ("account", "key_account", "yes", "no", 1, "down"),
        ("user", "rep_grade", "Senior", "Top", 1, "up"),
    ]
    assert change
    assert change.line.endswith("1 account, 1 user change grade, 3 rows to write")


@pytest.mark.parametrize("name", [name for name in LADDERS if name != "key_account"])
def test_the_ladders_hold_the_labels_of_the_catalogue(name: str) -> None:
    known = {frozenset(choice.value for choice in spec.values) for specs in OUTPUT.values() for spec in specs if column(spec) == name}
    assert known == {frozenset(LADDERS[name])}
