"""A blocking check stands between a wrong table and the CRM: nothing is even planned, and the check is named.

Slow, for it takes a minute; `tests/orchestration/test_checks.py` holds the same decision in process.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.kit import new_user

pytestmark = pytest.mark.slow

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
            connection.execute(sa.text("insert into enrichment.contact select * from enrichment.contact where crm = 'sales_cloud' limit 1"))
    return rows

Model.build = spoilt
sys.argv = ["guanxi", "run", "--as-of", "2026-06-01", "--dry-run"]
main()
"""


def test_a_contact_that_would_be_written_twice_stops_its_crm_before_the_plan_and_no_other(
    tmp_path: Path, sandbox: Any, dynamics: Any
) -> None:
    user = new_user(tmp_path, sandbox, dynamics)
    variables = {"SF_INSTANCE_URL": user.url, "SF_CLIENT_ID": user.client_id, "SF_CLIENT_SECRET": user.client_secret, **user.also}
    words = [sys.executable, "-c", ONE_CONTACT_TWICE]
    ended = subprocess.run(
        words, cwd=user.folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    (stopped,) = ended.stderr.splitlines()
    assert stopped.startswith("stopped: enrichment.contact: not so that no record is written twice")
    assert ended.stdout.count("sales_cloud, dynamics: alone from here, enrichment.contact: not so that") == 1
    assert [line.split(";")[0].split(",")[0] for line in ended.stdout.splitlines()[-2:]] == [
        f"sales_cloud: NOT fresh: {stopped.removeprefix('stopped: ').split(',')[0]}",
        "dynamics: not written",
    ]
    assert user.warehouse("select crm, status from ledger.sync_run") == [("dynamics", "planned")]
    read = user.warehouse("select count(*) from ledger.pipeline_run where counts ->> 'landed' like '%Task%'")
    assert read == [(2,)], "what was read for all is told of each, and not read again"
