"""What the commands share: the options --config and --debug, and expected faults as one line with the right exit code."""

import getpass
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.config import Configuration
    from orchestration.crms import Crm

Command = Callable[..., None]
WIDTH = 132


class Told(click.ClickException):
    """One line for the user; the work failed."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))

    def show(self, file: Any = None) -> None:
        """On standard error."""
        click.echo(f"guanxi: {self.message}", err=True)


class Misused(Told):
    """One line for the user; the usage or the configuration is wrong."""

    exit_code = 2


def told(function: Command) -> Command:
    """Adds --debug; without it, faults we know of become one line: 2 for the configuration, 1 for the work."""

    @click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
    @wraps(function)
    def command(*, debug: bool, **options: Any) -> None:
        if debug:
            function(**options)
            return
        try:
            function(**options)
        except _configuration_faults() as error:
            raise Misused(str(error)) from error
        except _work_faults() as error:
            raise Told(str(error) or type(error).__name__) from error
        except BrokenPipeError:
            raise  # click ends in silence when nobody reads on
        except KeyboardInterrupt:
            from orchestration.figures import INTERRUPTED

            raise Told(INTERRUPTED) from None

    return command


def configured(function: Command) -> Command:
    """Adds --config and --debug; the command gets the loaded configuration as `config`."""

    @click.option("--config", "file", type=click.Path(dir_okay=False), help="Configuration file (default: $GUANXI_CONFIG or guanxi.toml).")
    @told
    @wraps(function)
    def command(*, file: str | None, **options: Any) -> None:
        from orchestration.config import load
        from orchestration.progress import Silent, tell_retries

        tell_retries(Silent())
        function(config=load(file), **options)

    return command


def _configuration_faults() -> tuple[type[Exception], ...]:
    from orchestration.config_values import ConfigError

    return (ConfigError,)


def _work_faults() -> tuple[type[Exception], ...]:
    from connectors.activation.errors import ActivationError
    from connectors.errors import CrmError
    from warehouse.errors import WarehouseError

    return (CrmError, WarehouseError, ActivationError, OSError)


def console(*, error: bool = False) -> "Console":
    """Where text goes: as wide as the terminal, a fixed width elsewhere."""
    from rich.console import Console

    made = Console(stderr=error, highlight=False)
    return made if made.is_terminal else Console(stderr=error, highlight=False, width=WIDTH)


def chosen(config: "Configuration", names: Sequence[str]) -> "list[Crm]":
    """The CRMs named, all when none is; raises `ConfigError`."""
    return [config.crm(name) for name in dict.fromkeys(names)] or list(config.crms.values())


def for_each(crms: "Sequence[Crm]", work: "Callable[[Crm], None]") -> None:
    """Do `work` for each CRM; of several, one that fails is told in a line and does not stop the others."""
    if len(crms) == 1:
        work(crms[0])
        return
    faults = []
    for crm in crms:
        try:
            work(crm)
        except Told as told:
            faults.append(told)
        except _work_faults() as error:
            faults.append(Told(f"{crm.name}: {error}"))
    raise_last(faults)


def raise_last(faults: "Sequence[Told]") -> None:
    """Tell every fault, the last by raising it."""
    for fault in faults[:-1]:
        fault.show()
    if faults:
        raise faults[-1]


class Instant(click.ParamType[datetime]):
    """An ISO date (00:00:00Z of it) or instant."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """As an instant in UTC."""
        from orchestration.instants import instant

        if isinstance(value, datetime):
            return value
        try:
            return instant(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no date such as 2026-11-21 and no instant such as 2026-11-21T02:15:00Z", param, ctx)


def whoami() -> str:
    """Who runs the command, for the ledger: the number where the user has no name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


crm_option = click.option("--crm", "names", multiple=True, metavar="NAME", help="Only this CRM; may be repeated (default: all).")
as_of_option = click.option("--as-of", type=Instant(), help="Score as of this date or instant, UTC (default: now).")
