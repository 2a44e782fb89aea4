"""`guanxi provision`: our fields in every CRM, all CRMs at the same time, because a CRM takes seconds for each field."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import click

from orchestration.cli.base import chosen, configured, console, crm_option, for_each
from orchestration.notices import GRADING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.contract import ProvisionStep
    from connectors.fields import FieldSpec
    from orchestration.config import Configuration
    from orchestration.crms import Crm
    from orchestration.progress import Display


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
    from orchestration.progress import display, tell_retries

    crms, specs = chosen(config, names), wanted(config)
    pool = ThreadPoolExecutor(len(crms))
    try:
        with display(console()) as shown:
            tell_retries(shown)
            made = {crm.name: pool.submit(_provision, crm, specs, dry_run, shown) for crm in crms}
            wait(made.values())
        if any(_grades_people(future.result()) for future in made.values() if not future.exception()):
            click.echo(GRADING)
        for_each(crms, lambda crm: _report(crm, made[crm.name].result(), dry_run))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _provision(crm: "Crm", specs: "Sequence[FieldSpec]", dry_run: bool, shown: "Display") -> "Sequence[ProvisionStep]":
    """What was missing; made by now, unless `dry_run`."""
    with crm.kind.provisioner(crm) as provisioner:
        shown.busy(f"{crm.name}: looking at what is there")
        missing = [step for step in provisioner.plan(specs) if not step.done]
        if missing and not dry_run:
            provisioner.apply(specs, progress=lambda line: shown.busy(f"{crm.name}: {line}"))
    return missing


def wanted(config: "Configuration") -> "list[FieldSpec]":
    """Every field; none on users where people are not graded."""
    from connectors.fields import all_specs

    return [spec for spec in all_specs() if config.grading.individual or spec.entity != "user"]


def _grades_people(missing: "Sequence[ProvisionStep]") -> bool:
    """Whether the field of the grade is among what was missing: so the notice is shown once."""
    return any(step.kind == "field" and "rep_grade" in step.name.lower() for step in missing)


def _report(crm: "Crm", missing: "Sequence[ProvisionStep]", dry_run: bool) -> None:
    if not missing:
        click.echo(f"{crm.name}: nothing to do, all fields and rights are there")
        return
    if dry_run:
        for step in missing:
            click.echo(f"  would create {step.kind.replace('_', ' ')} {step.name} {step.detail}".rstrip())
    counts = Counter(step.kind.replace("_", " ") for step in missing)
    what = ", ".join(f"{number:,} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items())
    click.echo(f"{crm.name}: {'would create' if dry_run else 'created'} {what}")
    for line in crm.kind.rights():
        click.echo(f"  {line}")
