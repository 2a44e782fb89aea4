"""Overrides of the method: by key, of the right type and range, and visible in the version."""

import re
from typing import Any

import pytest

from transforms.method import MethodError, by_industry, entries, load


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
        ({"closeness.half_life_days": -1}, "closeness.half_life_days: expected a number from 1 to 1e+09, got -1"),
        ({"rhythm.late": float("nan")}, "rhythm.late: expected a number of at least 0"),
        ({"rep.senior_all": float("inf")}, "rep.senior_all"),
        ({"attitude.points": [0, 50, 100]}, "attitude.points: expected a list of 5 numbers"),
        ({"attitude.points": [0, 25, 50, 75, 200]}, "attitude.points: expected numbers from 0 to 100"),
        ({"attitude.points": [100, 75, 50, 25, 0]}, "attitude.points: expected numbers that rise"),
        ({"lifecycle.large_percentile": 80}, "lifecycle.large_percentile: expected a number from 0 to 1, got 80"),
        ({"maps.team": 1.2}, "maps.team: expected a number from 0 to 1"),
        ({"rep.senior_all": 8.5}, "rep.senior_all: expected a whole number, got 8.5"),
        ({"kappa.window_days": 1e9}, "kappa.window_days: expected a number from 1 to 36500"),
        ({"rhythm.min_contact_days": 1}, "rhythm.min_contact_days: expected a number of at least 2"),
        ({"departments.key": [1]}, "departments.key: expected a list of texts"),
        ({"departments.synonyms": 5}, "departments.synonyms: expected a table of lists of texts"),
        ({"departments.synonyms": {"it": "ict"}}, "departments.synonyms: expected a table of lists of texts, got {'it': 'ict'}"),
        ({"opportunity.roles": {"boss": 1}}, "opportunity.roles: expected a table of texts"),
        (
            {"opportunity.roles": {"boss": "Deciders"}},
            "opportunity.roles: expected values of Gatekeeper, Buyer, User, Decider, Influencer, got Deciders",
        ),
        ({"counting.task_types": {"visit": "meetings"}}, "counting.task_types: expected values of call, email, meeting, got meetings"),
        ({"suggestions.roles": {"Boss": ["ceo"]}}, "suggestions.roles: expected names of Gatekeeper"),
    ],
)
def test_an_impossible_override_names_its_key(overrides: dict[str, Any], words: str) -> None:
    with pytest.raises(MethodError) as refused:
        load(overrides)
    assert words in str(refused.value)


def test_a_value_written_out_as_it_is_shipped_is_no_other_method() -> None:
    assert load({"level.mid": 50.0, "importance.weight_sales": 0.25, "industry": {"Steel": {}}}).version == load().version


def test_texts_of_the_crm_are_compared_in_lower_case() -> None:
    assert load({"opportunity.roles": {" Big Boss": "Decider"}})["opportunity.roles"] == {"big boss": "Decider"}
    assert load({"counting": {"task_types": {"Visit": "meeting"}}})["counting.task_types"] == {"visit": "meeting"}


def test_an_industry_may_have_some_numbers_of_its_own() -> None:
    method = load({"level.mid": 45, "industry": {" Health Care": {"level": {"mid": 40}}, "Steel": {"lifecycle.large_amount": 9e6}}})
    assert [method.of(industry)["level.mid"] for industry in ("health care ", "HEALTH CARE", "Steel", "other", None)] == [
        40,
        40,
        45,
        45,
        45,
    ]
    assert method.of("steel")["lifecycle.large_amount"] == 9e6
    assert method["level.mid"] == 45
    assert method.version != load({"level.mid": 45}).version


@pytest.mark.parametrize("key", sorted(entries()))
def test_every_number_says_whether_it_is_the_source_s_or_ours_and_ours_say_why(key: str) -> None:
    assert re.match(r"S(: .+)?$|O: .{5,}", entries()[key]["origin"])


def test_what_can_differ_by_industry_is_a_small_set() -> None:
    weights = {f"importance.weight_{name}" for name in ("sales", "potential", "demonstration", "can_win")}
    levels = {f"level.{name}" for name in ("initial", "mid", "strong")}
    assert by_industry(entries()) == weights | levels | {"importance.key_share", "lifecycle.large_amount", "departments.key"}


HEALTHCARE = '[method.industry."Healthcare"]'


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            {"industry": {"Healthcare": {"kappa.default": 9}}},
            f"{HEALTHCARE} kappa.default: cannot vary by industry; by industry can be set: dep",
        ),
        (
            {"industry": {"Healthcare": {"level": {"mdi": 9}}}},
            f"{HEALTHCARE} level.mdi: unknown key; by industry can be set: departments.key, ",
        ),
        ({"industry": {"Healthcare": {"level.mid": "high"}}}, f"{HEALTHCARE} level.mid: expected a number, got 'high'"),
        ({"industry": {"Healthcare": {"level.mid": 80}}}, f"{HEALTHCARE} level.strong: expected at least level.mid (80), got 75"),
        ({"industry": {"Steel": {}, "steel ": {}}}, "expected each industry once"),
        ({"industry": {" ": {}}}, "expected each industry once, by the name the CRM has for it"),
        ({"industry": {"level.mid": 40}}, "[method] industry: expected one section per industry"),
        ({"industry": 5}, "[method] industry: expected one section per industry"),
        ({"grade.good": 20}, "[method] grade.good: expected at least grade.fair (25), got 20"),
        ({"importance.weight_sales": 0.5}, "importance.weight_can_win: expected numbers that add up to 1, got 1.25"),
    ],
)
def test_what_does_not_fit_together_or_no_industry_can_have_is_refused_by_name(overrides: dict[str, Any], words: str) -> None:
    with pytest.raises(MethodError) as refused:
        load(overrides)
    assert words in str(refused.value)
