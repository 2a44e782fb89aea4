"""The console script without a CRM: help, exit codes, one line per failure."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.orchestration.conftest import SCRIPT, VARIABLES

Guanxi = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[..., Path]
COMMANDS = ("sandbox", "init", "doctor", "provision", "run", "plan", "push", "rollback", "explain", "report", "status", "score")


def one_line(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("guanxi: ")
    assert "very-secret" not in line
    return line


def test_help_lists_the_commands_that_exist_and_no_other(guanxi: Guanxi) -> None:
    listed = guanxi("--help").stdout.split("Commands:")[1].split("\n")
    assert sorted(line.split()[0] for line in listed if line.strip()) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(guanxi: Guanxi, command: str) -> None:
    result = guanxi(command, "--help")
    assert result.returncode == 0
    assert f"Example:\n    guanxi {command}" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, orchestration.cli; print([n for n in ('dagster', 'duckdb', 'sqlalchemy', 'pydantic', 'httpx') if n in sys.modules])"
    assert subprocess.run([SCRIPT.with_name("python"), "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_init_writes_a_file_that_loads_and_never_overwrites_one(guanxi: Guanxi) -> None:
    assert guanxi("init").returncode == 0
    assert guanxi("status").returncode == 0
    again = guanxi("init")
    assert again.returncode == 1
    assert "is there already" in one_line(again)


def test_init_makes_the_folder_it_is_to_write_in_as_its_own_example_asks(guanxi: Guanxi, tmp_path: Path) -> None:
    assert guanxi("init", "--config", "crm/guanxi.toml").returncode == 0
    assert (tmp_path / "crm" / "guanxi.toml").exists()


def test_nobody_reading_on_is_no_failure_to_speak_of(guanxi: Guanxi, tmp_path: Path) -> None:
    guanxi("init")
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([SCRIPT, "status"], cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, env=os.environ | VARIABLES)
    os.close(writer)
    assert result.stderr == ""


@pytest.mark.parametrize("words", [("run",), ("doctor",), ("provision",), ("plan",), ("status",), ("explain", "a:b"), ("push", "x")])
def test_without_a_configuration_every_command_ends_with_2_and_one_line(guanxi: Guanxi, words: tuple[str, ...]) -> None:
    result = guanxi(*words)
    assert result.returncode == 2
    assert "write one with: guanxi init" in one_line(result)


def test_a_configuration_fault_ends_with_2_before_any_call(guanxi: Guanxi, write: Write) -> None:
    write('[output]\nlabels = "de"\n')
    result = guanxi("run")
    assert result.returncode == 2
    assert "[output] labels: must be 'en', 'zh' or 'both'" in one_line(result)


@pytest.mark.parametrize(
    "words",
    [("run", "--as-of", "soon"), ("run", "--crm"), ("runs",), ("explain",), ("explain", "sales_cloud"), ("sandbox", "--size", "huge")],
)
def test_wrong_usage_ends_with_2(guanxi: Guanxi, write: Write, words: tuple[str, ...]) -> None:
    write()
    assert guanxi(*words).returncode == 2


def test_an_unknown_crm_ends_with_2(guanxi: Guanxi, write: Write) -> None:
    write()
    result = guanxi("run", "--crm", "other")
    assert (result.returncode, "the known ones are: sales_cloud" in one_line(result)) == (2, True)


@pytest.mark.slow
def test_an_unreachable_host_is_one_line_and_exit_1(guanxi: Guanxi, write: Write) -> None:
    write()
    result = guanxi("provision")
    assert result.returncode == 1
    assert "http://127.0.0.1:9 does not answer" in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_shows_the_traceback(guanxi: Guanxi) -> None:
    assert "Traceback" in guanxi("status", "--debug").stderr


def test_a_busy_warehouse_is_one_line_and_no_run(guanxi: Guanxi, write: Write, tmp_path: Path) -> None:
    write()
    (tmp_path / ".guanxi").mkdir()
    with duckdb.connect(str(tmp_path / ".guanxi/warehouse.duckdb")):
        result = guanxi("run")
    assert result.returncode == 1
    assert "is open in another process; wait for that run to end or stop it" in result.stderr
    assert not (tmp_path / ".guanxi/dagster").exists()


def test_a_warehouse_that_is_no_warehouse_is_one_line(guanxi: Guanxi, write: Write, tmp_path: Path) -> None:
    write('[warehouse]\nurl = "duckdb:///notes.txt"\n')
    (tmp_path / "notes.txt").write_text("not a database " * 500, encoding="utf-8")
    result = guanxi("run")
    assert result.returncode == 1
    assert "cannot use the warehouse file" in result.stderr


def test_explain_before_any_run_says_what_to_do(guanxi: Guanxi, write: Write) -> None:
    write()
    result = guanxi("explain", "sales_cloud:003000000000001AAA")
    assert result.returncode == 1
    assert "start with: guanxi run" in one_line(result)


def test_an_unknown_plan_says_what_to_do(guanxi: Guanxi, write: Write) -> None:
    write()
    result = guanxi("push", "nothing")
    assert result.returncode == 1
    assert "there is no plan nothing" in one_line(result)


def test_config_names_the_file_and_so_does_the_variable(guanxi: Guanxi, write: Write, tmp_path: Path) -> None:
    moved = tmp_path / "other" / "crm.toml"
    moved.parent.mkdir()
    write().rename(moved)
    assert guanxi("status", "--config", "other/crm.toml").returncode == 0
    assert guanxi("status", variables={**VARIABLES, "GUANXI_CONFIG": str(moved)}).returncode == 0
    assert (moved.parent / ".guanxi/warehouse.duckdb").exists()
