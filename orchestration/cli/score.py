"""`guanxi score`: closeness of every pair in a file of events, without any CRM."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.base import Misused, told

if TYPE_CHECKING:
    from transforms.closeness.score import Scored
    from transforms.method import Method

NUMBER = re.compile(r"-?\d+(\.\d*)?(e\d+)?")
MEMORY = "2GB"
"""Of the working file, which spills beside itself; it is gone when the command ends."""


class Second(click.ParamType[float]):
    """An ISO date (00:00:00Z of it), an instant, or Unix seconds; as Unix seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Numbers as they are, texts as instants."""
        from orchestration.instants import instant, of_seconds

        try:
            return (of_seconds if NUMBER.fullmatch(str(value)) else instant)(str(value)).timestamp()
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-11-21, no instant such as 2026-11-21T02:15:00Z and no Unix seconds", param, ctx)


@click.command()
@click.argument("events", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as-of", type=Second(), required=True, help="Score as of this date, instant (UTC) or Unix second; later events do not exist."
)
@click.option(
    "--config", "file", type=click.Path(dir_okay=False, path_type=Path), help="Configuration whose [method] holds (default: as shipped)."
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write, .csv or .parquet (default: CSV on standard output)."
)
@told
def score(events: Path, as_of: float, file: Path | None, output: Path | None) -> None:
    """Score how close every two people of an event log are: a CSV or Parquet file with src, dst, ts and, where known, channel
    (meeting, call, missed_call, sms, email), n_rcpt, msg_id, duration_s.

    \b
    Example:
      guanxi score mails.csv --as-of 2026-06-01 --output closeness.csv
    """
    from tempfile import TemporaryDirectory

    from transforms.closeness.reading import EventLogError
    from transforms.closeness.score import score as scored
    from warehouse import DuckDBWarehouse

    method = _method(file)
    with TemporaryDirectory(prefix="guanxi-score-") as folder:
        target = output or Path(folder, "pairs.csv")
        _check_target(target)
        with DuckDBWarehouse(Path(folder, "events.duckdb"), memory_limit=MEMORY) as warehouse:
            try:
                done = scored(warehouse, events, target, as_of, method)
            except EventLogError as error:
                raise Misused(str(error)) from error
        if output is None:
            click.echo(target.read_text(encoding="utf-8"), nl=False)
    click.echo(_summary(done), err=True)


def _method(file: Path | None) -> "Method":
    """The shipped method, with `[method]` of a configuration laid over it; nothing else of the file is looked at."""
    import tomllib

    from orchestration.config_values import ConfigError
    from transforms.method import MethodError, load

    if file is None:
        return load()
    try:
        return load(tomllib.loads(file.read_text(encoding="utf-8-sig")).get("method", {}))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, MethodError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _check_target(target: Path) -> None:
    if target.suffix.lower() not in (".csv", ".parquet"):
        raise Misused(f"--output {target}: expected a .csv or .parquet file")
    if not target.parent.is_dir():
        raise Misused(f"--output {target}: there is no folder {target.parent}")


def _summary(done: "Scored") -> str:
    sources = {
        "quarter": "the median live pair at the start of the quarter",
        "as_of": "the median live pair at the last event",
        "default": "the shipped value; too few live pairs",
    }
    error = done.forecast.error
    chance = "log too short to try p_two_way_90d" if error is None else f"p_two_way_90d off by {error:.3f} on the last window"
    withheld = "" if error is None or done.forecast.chance else ", withheld"
    scale = f"half-life {done.half_life_days:.4g} days, kappa {done.kappa:.4g} ({sources[done.origin]})"
    return f"{done.events} events of {done.pairs} pairs; {scale}; {chance}{withheld}"
