"""`guanxi run`: the nightly job in this process, CRM by CRM, with one table at the end."""

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
    """Extract, transform, check, plan, push, verify: what the nightly schedule does, now.

    \b
    Example:
      guanxi run --crm sales_cloud --dry-run
    """
    from orchestration.in_process import Options, run_all
    from orchestration.summary import show

    out, err = console(), console(error=True)
    crms = chosen(config, names)
    failed = False
    for session in run_all(config, crms, Options(as_of, dry_run, full_refresh), out):
        show(session, out, err, dry_run=dry_run)
        failed = failed or session.figures.failed
    if failed:
        raise SystemExit(1)
