"""Overrides of the method: by key, of the right type and range, and visible in the version."""

from typing import Any

import pytest

from transforms.method import MethodError, entries, load


def test_shipped_values_lie_within_their_own_bounds() -> None:
    shipped = {key: entry["value"] for key, entry in entries().items()}
    assert load(shipped) == load()


def test_overrides_by_dotted_key_and_by_table_are_the_same() -> None:
    assert load({"kappa.default": 9}) == load({"kappa": {"default": 9}})
    assert load({"kappa.default": 9})["kappa.default"] == 9


def test_a_table_of_names_is_replaced_as_a_whole() -> None:
    assert load({"departments": {"synonyms": {"it": ["ict"]}}})["departments.synonyms"] == {"it": ["ict"]}


def test_the_version_follows_every_value_and_fits_its_field() -> None:
    versions = {load(overrides).version for overrides in ({}, {"kappa.default": 9}, {"departments.key": ["Legal"]})}
    assert len(versions) == 3
    assert max(map(len, versions)) <= 20


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"kappa": {"defautl": 9}}, "kappa.defautl: unknown key"),
        ({"kappa.default": "nine"}, "kappa.default: expected a number, got 'nine'"),
        ({"kappa.default": True}, "kappa.default: expected a number"),
        ({"kappa.default": 0}, "kappa.default: expected a number of at least 0.01"),
        ({"closeness.half_life_days": -1}, "closeness.half_life_days: expected a number of at least 1"),
        ({"rhythm.late": float("nan")}, "rhythm.late: expected a number of at least 0"),
        ({"rep.senior_all": float("inf")}, "rep.senior_all"),
        ({"attitude.points": [0, 50, 100]}, "attitude.points: expected a list of 5 numbers"),
        ({"departments.key": [1]}, "departments.key: expected a list of texts"),
        ({"departments.synonyms": 5}, "departments.synonyms: expected a table"),
    ],
)
def test_an_impossible_override_names_its_key(overrides: dict[str, Any], words: str) -> None:
    with pytest.raises(MethodError) as refused:
        load(overrides)
    assert words in str(refused.value)
