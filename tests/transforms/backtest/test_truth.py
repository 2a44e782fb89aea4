"""Known truth: holes are torn into the log of a generated company, and the order of its relationships must still be found.

Two users lose all their inbound mail, two others a quarter of a year. What they lost must be told, not guessed away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.transforms.kit import build, build_model, context, load_sandbox, open_warehouse, rows, sandbox_table
from transforms.backtest import gaps, tables
from transforms.backtest.stability import ranks
from transforms.registry_scores import score_models
from transforms.scores import tables as scores
from transforms.tables import interactions, people
from warehouse import DuckDBWarehouse

MODELS = score_models()
PEOPLE = MODELS[: [model.table for model in MODELS].index(scores.people) + 1]
HOLE = ("2025-11-15", "2026-02-15")
SALES = "select user_id from model.interactions where user_id not like '%t0000%' group by 1 having count(*) > 300 order by count(*) desc, 1"


@dataclass(frozen=True)
class Torn:
    """What was scored before and after, and who lost what."""

    whole: pd.DataFrame
    left: pd.DataFrame
    deaf: Sequence[str]
    away: Sequence[str]
    confidence: tuple[pd.DataFrame, pd.DataFrame]
    coverage: dict[str, str]
    gaps: list[tuple[str, str, str | None]]


def pairs(warehouse: DuckDBWarehouse, truth: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(rows(warehouse, scores.pairs, "user_id", "person_id", "intensity", "touches"))
    return truth.merge(found, on=["user_id", "person_id"])


def confidence(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    return pd.DataFrame(rows(warehouse, scores.people, "person_id", "confidence")).dropna()


def tear(warehouse: DuckDBWarehouse, deaf: Sequence[str], away: Sequence[str]) -> None:
    with warehouse.native() as cursor:
        cursor.execute("delete from model.interactions where channel = 'email' and direction = 'in' and list_contains(?, user_id)", [deaf])
        hole = f"cast(\"at\" as date) between date '{HOLE[0]}' and date '{HOLE[1]}'"
        cursor.execute(f"delete from model.interactions where {hole} and list_contains(?, user_id)", [away])


@pytest.fixture(scope="module")
def torn(sandbox_state: Callable[[str], Path]) -> Iterator[Torn]:
    state = sandbox_state("small")
    truth = pd.DataFrame(sandbox_table(state, "_truth_pairs")).rename(columns={"closeness": "truth"})
    with open_warehouse() as opened:
        source = load_sandbox(opened, state)
        build_model(opened, source, only=[interactions, people])
        given = context([source])
        build(opened, PEOPLE, given)
        before, sure = pairs(opened, truth), confidence(opened)
        with opened.native() as cursor:
            busy = [user for (user,) in cursor.execute(SALES).fetchall()]
        deaf, away = busy[1:9:4], busy[3:9:4]
        tear(opened, deaf, away)
        build(opened, [*PEOPLE, gaps.MODEL], given)
        coverage = {row["user_id"]: row["coverage"] for row in rows(opened, scores.user_capture)}
        holes = [(row["user_id"], str(row["last_before"]), str(row["first_after"])) for row in rows(opened, tables.gaps)]
        yield Torn(before, pairs(opened, truth), deaf, away, (sure, confidence(opened)), coverage, holes)


def rho(found: pd.DataFrame) -> float:
    """Rank correlation of the hidden truth and what was scored."""
    return float(np.corrcoef(*(ranks(found[name].to_numpy()) for name in ("truth", "intensity")))[0, 1])


def test_the_order_of_relationships_is_found_through_the_holes(torn: Torn) -> None:
    injured = torn.left["user_id"].isin([*torn.deaf, *torn.away])
    figures = {"before": rho(torn.whole), "all": rho(torn.left), "uninjured": rho(torn.left[~injured]), "injured": rho(torn.left[injured])}
    print({name: round(value, 3) for name, value in figures.items()}, len(torn.left), int(injured.sum()))
    assert len(torn.left) > 200
    assert figures["uninjured"] >= 0.7
    assert figures["uninjured"] == pytest.approx(rho(torn.whole[~torn.whole["user_id"].isin([*torn.deaf, *torn.away])]))
    assert figures["all"] >= 0.7


def test_who_lost_the_inbound_mail_is_told(torn: Torn) -> None:
    assert {user for user, coverage in torn.coverage.items() if coverage == "missing"} >= set(torn.deaf)
    others = [coverage for user, coverage in torn.coverage.items() if user not in torn.deaf and user in set(torn.left["user_id"])]
    assert others.count("missing") <= 0.1 * len(others)


def test_who_lost_a_quarter_of_a_year_is_told_with_its_dates(torn: Torn) -> None:
    found = {user: (first, last) for user, first, last in torn.gaps}
    assert set(torn.away) <= set(found)
    assert all(found[user][0] <= HOLE[0] and found[user][1] >= HOLE[1] for user in torn.away)
    assert len(found) <= len(torn.away) + 2


def test_confidence_falls_where_the_log_was_torn_and_nowhere_else(torn: Torn) -> None:
    sure, unsure = (frame.set_index("person_id")["confidence"] for frame in torn.confidence)
    known = {
        name: set(torn.whole[torn.whole["user_id"].isin(users)]["person_id"]) for name, users in (("deaf", torn.deaf), ("away", torn.away))
    }
    change = (unsure - sure).dropna()
    assert change[change.index.isin(known["deaf"])].mean() < -3
    assert change[~change.index.isin(known["deaf"] | known["away"])].abs().max() < 0.1
