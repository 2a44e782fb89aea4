"""Commands before the first run: `sandbox`, `init`, `provision`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import Instant, Misused, Told, chosen, configured, console, crm_option, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.contract import ProvisionStep
    from connectors.fields import FieldSpec
    from orchestration.config import Configuration
    from orchestration.crms import Crm


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
    """Write a commented guanxi.toml; never overwrites one.

    \b
    Example:
      guanxi init --config crm/guanxi.toml
    """
    from orchestration.config import TEMPLATE, locate

    target = locate(file)
    try:
        with target.open("x", encoding="utf-8") as opened:
            opened.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise Told(f"{target} is there already; edit it, or name another with --config") from None
    click.echo(f"wrote {target}; set the variables it names, then: guanxi doctor")


@click.command()
@crm_option
@click.option("--dry-run", is_flag=True, help="Only list what is missing.")
@configured
def provision(config: "Configuration", names: tuple[str, ...], dry_run: bool) -> None:
    """Create our fields and the rights on them in the CRM; what is there stays, nothing is ever deleted.

    \b
    Example:
      guanxi provision --dry-run
    """
    for crm in chosen(config, names):
        _provision(config, crm, dry_run)


def _provision(config: "Configuration", crm: "Crm", dry_run: bool) -> None:
    from orchestration.progress import display, tell_retries

    out = console()
    specs = _specs(config)
    with display(out) as shown, crm.kind.provisioner(crm) as provisioner:
        tell_retries(shown)
        shown.busy(f"{crm.name}: looking at what is there")
        missing = [step for step in provisioner.plan(specs) if not step.done]
        if missing and not dry_run:
            provisioner.apply(specs, progress=shown.busy)
    _report(crm.name, missing, dry_run)


def _specs(config: "Configuration") -> "list[FieldSpec]":
    from connectors.fields import all_specs

    return [spec for spec in all_specs() if config.grading.individual or spec.entity != "user" or not spec.written]


def _report(crm: str, missing: "Sequence[ProvisionStep]", dry_run: bool) -> None:
    from collections import Counter

    if dry_run:
        for step in missing:
            click.echo(f"  would create {step.kind.replace('_', ' ')} {step.name} {step.detail}".rstrip())
    counts = Counter(step.kind.replace("_", " ") for step in missing)
    verb = "would create" if dry_run else "created"
    what = ", ".join(f"{number:,} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items())
    click.echo(f"{crm}: {verb} {what}" if missing else f"{crm}: nothing to do, all fields and rights are there")
