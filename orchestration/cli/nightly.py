"""`guanxi run`: the nightly job in this process for all CRMs, with one table at the end."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import as_of_option, chosen, configured, console, crm_option

if TYPE_CHECKING:
    from orchestration.config import Configuration


@click.command()
@crm_option
@as_of_option
@click.option("--dry-run", is_flag=True, help="Stop after the plan: nothing is written in the CRM.")
@click.option("--full-refresh", is_flag=True, help="Read everything again instead of what changed.")
@configured
def run(config: "Configuration", names: tuple[str, ...], as_of: datetime | None, dry_run: bool, full_refresh: bool) -> None:
    """Extract, transform, check, plan, push, verify: what the nightly schedule does, now. A CRM that fails does not stop the others.

    \b
    Example:
      guanxi run --crm sales_cloud --dry-run
    """
    from orchestration.freshness import NOT_STARTED
    from orchestration.in_process import Options, run_all
    from orchestration.summary import show

    out, err = console(), console(error=True)
    crms = chosen(config, names)
    closings: dict[str, str] = {}
    failed = False
    try:
        for session in run_all(config, crms, Options(as_of, dry_run, full_refresh), out):
            show(session, out, err, dry_run=dry_run)
            closings |= session.figures.closings
            failed |= session.figures.failed
    finally:
        for crm in crms if closings else ():
            out.print(closings.get(crm.name, f"{crm.name}: {NOT_STARTED}"), markup=False, soft_wrap=True)
    if failed:
        raise SystemExit(1)
