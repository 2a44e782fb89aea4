"""Commands forked from one process that has imported everything: an import costs a second of CPU per sandbox, five per `guanxi run`.

Python's fork server does the work, one per pytest process. A command is a process of its own as ever, with its own arguments, folder,
environment and output; that the command lines themselves start it is tested where they are tested.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.forks_warm"])
Main = Callable[[list[str]], int | None]


def expect_guanxi() -> None:
    """Have the modules of a nightly run ready too; to be said before the first fork. It takes six seconds, once."""
    FORKS.set_forkserver_preload(["tests.forks_warm", "orchestration.warm"])


class Forked:
    """A running command; as much of `subprocess.Popen` as tests need. `err` defaults to where `out` goes."""

    def __init__(
        self,
        main: Main,
        arguments: list[str],
        folder: Path,
        out: Path,
        err: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.out, self.err = out, err or out
        given = dict(os.environ if environment is None else environment)
        self._process = FORKS.Process(target=_run, args=(main, arguments, str(folder), given, str(self.out), str(self.err)), daemon=True)
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """As `returncode`."""
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended; raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self._process.pid), timeout)
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What it said, once it has ended; raises as `wait`."""
        self.wait(timeout)
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in (self.out, self.err))
        return out, err

    def send_signal(self, number: int) -> None:
        if self._process.pid and self.returncode is None:
            os.kill(self._process.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(main: Main, arguments: list[str], folder: str, environment: Mapping[str, str], out: str, err: str) -> None:
    """In the new process."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        with Path(path).open("ab", buffering=0) as file:
            os.dup2(file.fileno(), number)
    try:
        sys.exit(main(arguments))
    except SystemExit:
        raise
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.exit(1)


def guanxi(arguments: list[str]) -> None:
    """The console script."""
    from orchestration.cli import main

    sys.argv = ["guanxi", *arguments]
    main()
