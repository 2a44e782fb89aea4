"""`guanxi report`: the warehouse as a few static HTML pages that print, fit a phone and load nothing from anywhere.

    pages/      what is asked and which blocks answer it, one module per page     -> blocks.Page
    facts       rows of a select, links into the CRMs, terms in the configured language
    pictures/   drawings as inline SVG
    render      blocks -> HTML, through one template and one style sheet

A report leaves the house: people, accounts and deals appear by their CRM record id, linked into the CRM, never by a name, address
or subject. Deliberately absent: any figure that is not in a table already, scripts, and writing to the warehouse.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from orchestration.config import Configuration
from orchestration.report import render
from orchestration.report.blocks import Page
from orchestration.report.facts import Facts
from orchestration.report.pages import accounts, backtest, deals, overview, people, relationships, trends
from transforms.history.tables import snapshots
from warehouse import DuckDBWarehouse

FOLDER: Final = Path(".guanxi") / "report"
"""Where the report goes unless told otherwise, beside the configuration."""

PAGES: Final[Sequence[Callable[[Facts], Page]]] = (
    overview.page,
    accounts.page,
    relationships.page,
    deals.page,
    people.page,
    trends.page,
    backtest.page,
)


def write(warehouse: DuckDBWarehouse, config: Configuration, folder: Path) -> Sequence[Path]:
    """Write every page into `folder` and return the files, the entry first; raises `WarehouseError`, `OSError`."""
    facts = Facts(warehouse, config)
    return render.write([page(facts) for page in PAGES], folder, config.output.labels, _footer(facts))


def _footer(facts: Facts) -> str:
    days = facts.rows(
        sa.select(snapshots.c.crm, sa.func.max(snapshots.c.day).label("day")).group_by(snapshots.c.crm).order_by(snapshots.c.crm)
    )
    told = ", ".join(f"{row['crm']} {row['day']}" for row in days) or "no run yet"
    return f"guanxi report · figures as of {told} · records by their ids, names stay in the CRM · unknown is –, never 0"
