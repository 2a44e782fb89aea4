"""`guanxi` commands as processes forked from one that has their imports ready: these cost more than most commands do.

Python's fork server does the work. A command is a process of its own as ever, with its own arguments and environment and this
process's output; only for several commands in a row, as in `make demo`.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver

FORKS = multiprocessing.get_context("forkserver")


def get_ready() -> None:
    """Begin to import, in the background."""
    FORKS.set_forkserver_preload(["orchestration.warm"])
    forkserver.ensure_running()


def guanxi(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `guanxi WORDS` to its end; returns its exit code. Ctrl-C reaches it too, and it says its own last word."""
    process = FORKS.Process(target=_main, args=(list(words), dict(environment)))
    process.start()
    try:
        process.join()
    except KeyboardInterrupt:
        process.join()
        raise
    finally:
        process.terminate()
    return int(process.exitcode or 0)


def _main(words: Sequence[str], environment: Mapping[str, str]) -> None:
    from orchestration.cli import commands

    os.environ.clear()
    os.environ.update(environment)
    commands(words, prog_name="guanxi")
