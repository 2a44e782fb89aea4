"""Does the score find who is really close to whom? The sandbox knows; here it is asked, over the whole loop."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.e2e.kit import new_user

pytestmark = pytest.mark.slow


def test_closeness_follows_the_hidden_truth_and_beats_counting(tmp_path: Path, small_sandbox: Any) -> None:
    user = new_user(tmp_path, small_sandbox)
    user.done("run", "--dry-run", "--as-of", "2026-06-01")
    rows = user.warehouse("select user_id, person_id, closeness, touches from scores.pairs")
    scored = pd.DataFrame(rows, columns=["user_id", "person_id", "score", "touches"])
    truth = pd.DataFrame(small_sandbox.pairs()).astype({"closeness": float})
    joined = truth.merge(scored, on=["user_id", "person_id"], how="inner")
    assert len(joined) > 200
    by_score = joined["closeness"].corr(joined["score"], method="spearman")
    by_count = joined["closeness"].corr(joined["touches"], method="spearman")
    print(f"Spearman with the truth: closeness {by_score:.3f}, count {by_count:.3f}, pairs {len(joined)}")
    assert by_score >= 0.7
    assert by_score > by_count
