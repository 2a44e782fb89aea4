"""`guanxi report`: the warehouse as static HTML pages."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Told, configured

if TYPE_CHECKING:
    from orchestration.config import Configuration


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for the pages (default: .guanxi/report).")
@configured
def report(config: "Configuration", output: Path | None) -> None:
    """Write what is in the warehouse as HTML pages: open index.html in any browser, print them, or send them on.

    People, accounts and deals are shown by their ids, with links into the CRM; no name or address is in the pages.

    \b
    Example:
      guanxi report --output /tmp/report
    """
    from orchestration.report import FOLDER, write
    from warehouse import DuckDBWarehouse

    if not config.warehouse_file.exists():
        raise Told("there is nothing to report yet; start with: guanxi run")
    with DuckDBWarehouse(config.warehouse_file) as warehouse:
        files = write(warehouse, config, output or config.folder / FOLDER)
    click.echo(f"{len(files)} pages; open {files[0]}")
