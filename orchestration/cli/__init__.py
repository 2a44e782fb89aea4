"""The console script `guanxi`: every command a thin layer over the rooms, one line when it fails.

Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration. Modules of commands import only click at the top;
everything heavy is imported when a command runs, so that help is fast.
"""

import logging
import os
import signal
import sys
from types import TracebackType

import click

from orchestration.cli.check import doctor, status
from orchestration.cli.evidence import explain
from orchestration.cli.nightly import run
from orchestration.cli.provisioning import provision
from orchestration.cli.report import report
from orchestration.cli.score import score
from orchestration.cli.setup import init, sandbox
from orchestration.cli.writing import plan, push, rollback

CONTEXT = {"help_option_names": ["-h", "--help"], "terminal_width": 120}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="guanxi", message="%(prog)s %(version)s")
def commands() -> None:
    """Relationship intelligence for the CRM you already have.

    \b
    Example, from nothing to the first scores in a CRM:
      guanxi init && guanxi doctor && guanxi provision && guanxi run
    """


for command in (sandbox, init, doctor, provision, run, plan, push, rollback, explain, report, status, score):
    commands.add_command(command)


def main() -> None:
    """Entry point of the console script. A scheduler that stops us (SIGTERM) ends the work as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if "--debug" not in sys.argv:
        sys.excepthook = _unexpected
        # Of a connection that cannot be given back in order SQLAlchemy prints the traceback; what broke it is told as the failure.
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        commands(prog_name="guanxi")
    except SystemExit as ended:
        _leave(ended.code)


def _leave(code: str | int | None) -> None:
    """End at once: DuckDB would print a page about types that Great Expectations keeps alive until after the interpreter's end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    text = " ".join(str(error).split())
    click.echo(f"guanxi: unexpected {kind.__name__}: {text[:200]}; this is a fault of guanxi, add --debug for the details", err=True)
