"""What the ledger says of the last runs, by CRM."""

import json
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from orchestration.report.blocks import Chip
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import as_chip
from warehouse.ledger import pipeline_run

LOOKED_AT: Final = 200
"""Runs of the ledger that are looked at, the newest."""


def newest(facts: Facts) -> Mapping[str, Row]:
    """By CRM, its last run that came to its end."""
    return {item["crm"]: run for run in _last(facts) if run["status"] == "done" for item in counts_of(run).get("objects", [])}


def last_status(facts: Facts) -> Mapping[str, Chip]:
    """By CRM, how the newest run that was of it ended."""
    return {crm: as_chip(run["status"]) for run in _last(facts) for crm in str(counts_of(run).get("crms", "")).split(", ")}


def counts_of(run: Row) -> Row:
    """The numbers a run left in the ledger; none while it runs."""
    found: Row = json.loads(run["counts"] or "{}") or {}
    return found


def objects(newest_runs: Mapping[str, Row]) -> list[Row]:
    """Read, counted and dropped of each activity object, as the newest run of its CRM found them."""
    return [item for crm, run in newest_runs.items() for item in counts_of(run).get("objects", []) if item["crm"] == crm]


def _last(facts: Facts) -> list[Row]:
    """The last runs, the newest at the end."""
    return facts.rows(sa.select(pipeline_run).order_by(pipeline_run.c.started.desc()).limit(LOOKED_AT))[::-1]
