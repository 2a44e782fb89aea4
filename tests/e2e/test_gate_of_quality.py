"""A blocking check stands between a wrong table and the CRM: nothing is even planned, and the check is named."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.kit import new_user

ONE_CONTACT_TWICE = """
import sys
import sqlalchemy as sa
from orchestration.cli import main
from transforms.base import Model

build = Model.build

def spoilt(model, warehouse, context):
    rows = build(model, warehouse, context)
    if model.name == "enrichment.contact":
        with warehouse.connection() as connection:
            connection.execute(sa.text("insert into enrichment.contact select * from enrichment.contact limit 1"))
    return rows

Model.build = spoilt
sys.argv = ["guanxi", "run", "--as-of", "2026-06-01"]
main()
"""


def test_a_contact_that_would_be_written_twice_stops_the_run_before_the_plan(tmp_path: Path, sandbox: Any) -> None:
    user = new_user(tmp_path, sandbox)
    variables = {"SF_INSTANCE_URL": user.url, "SF_CLIENT_ID": user.client_id, "SF_CLIENT_SECRET": user.client_secret}
    words = [sys.executable, "-c", ONE_CONTACT_TWICE]
    ended = subprocess.run(
        words, cwd=user.folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "stopped: enrichment.contact: not so that no record is written twice" in ended.stderr
    assert user.warehouse("select count(*) from ledger.sync_run") == [(0,)]
