"""Commands that need no configuration: `sandbox`, `init`."""

from datetime import datetime
from os import environ
from pathlib import Path

import click

from orchestration.cli.base import Instant, Misused, Told, told
from orchestration.notices import BRIEF


@click.command()
@click.option("--port", default=8710, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same company.")
@click.option("--size", type=click.Choice(["small", "medium", "large"]), default="small", show_default=True)
@click.option("--as-of", type=Instant(), help="Date of the company (default: today).")
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), help="Folder of the state (default: .guanxi/sandbox/SIZE).")
@click.option("--faults", default="none", show_default=True, metavar="PROFILE", help="Faults to inject.")
@told
def sandbox(port: int, seed: int, size: str, as_of: datetime | None, state: Path | None, faults: str) -> None:
    """Serve a Salesforce org and a Dynamics 365 environment of one generated company, whose true relationships are known.

    \b
    Example:
      guanxi sandbox --size small &      (prints the variables that guanxi.toml reads)
    """
    from connectors.sandbox.faults import BadRule
    from connectors.sandbox.server import SandboxError, serve
    from orchestration.home import private_home

    when = as_of.replace(tzinfo=None) if as_of else None
    try:
        serve(port, seed, size, when, state or private_home(Path()) / "sandbox" / size, faults, click.echo)
    except SandboxError as error:
        raise Told(str(error)) from error
    except BadRule as error:
        raise Misused(str(error)) from error


@click.command()
@click.option("--config", "file", type=click.Path(dir_okay=False), help="File to write (default: $GUANXI_CONFIG or guanxi.toml).")
@told
def init(file: str | None) -> None:
    """Write a commented guanxi.toml for the CRMs whose variables are set; never overwrites one.

    \b
    Example:
      guanxi init --config crm/guanxi.toml
    """
    from orchestration.config import locate
    from orchestration.config_template import written

    target = locate(file)
    made = written(environ)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as opened:
            opened.write(made.text)
    except FileExistsError:
        raise Told(f"{target} is there already; edit it, or name another with --config") from None
    click.echo(f"wrote {target}")
    for name, variables in made.active.items():
        unset = ", ".join(variable for variable in variables if not environ.get(variable))
        click.echo(f"  [crm.{name}]: " + (f"set {unset}" if unset else "its variables are set"))
    for name, variables in made.commented.items():
        click.echo(f"  [crm.{name}] is commented out: none of {', '.join(variables)} is set")
    click.echo(BRIEF)
    click.echo("next: guanxi doctor")
