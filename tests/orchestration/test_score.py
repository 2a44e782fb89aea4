"""`guanxi score` as a command: no CRM, no configuration needed, one line per failure."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Guanxi = Callable[..., "subprocess.CompletedProcess[str]"]
LOG = "src,dst,ts\nann,bob,2026-05-01T10:00:00Z\nbob,ann,2026-05-02T10:00:00+02:00\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    return file


def test_pairs_go_to_standard_output_or_to_a_file_and_the_scale_is_told_beside_them(guanxi: Guanxi, log: Path, tmp_path: Path) -> None:
    shown = guanxi("score", str(log), "--as-of", "2026-06-01")
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[1].startswith("ann,bob,")
    assert shown.stderr.startswith("2 events of 1 pairs; half-life 30.58 days, kappa 8 (")
    written = guanxi("score", str(log), "--as-of", "1780272000", "--output", str(tmp_path / "pairs.csv"))
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "pairs.csv").read_text() == shown.stdout


def test_a_configuration_changes_the_numbers_of_the_method(guanxi: Guanxi, log: Path, tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text("[method]\nkappa.default = 4\n")
    assert "kappa 4 " in guanxi("score", str(log), "--as-of", "2026-06-01", "--config", str(config)).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.csv", "--as-of", "2026-06-01"), "guanxi: nowhere.csv: no such file"),
        (("log.csv", "--as-of", "2026-06-01", "--output", "pairs.xlsx"), "guanxi: --output pairs.xlsx: expected a .csv or .parquet file"),
        (("log.csv", "--as-of", "2026-06-01", "--config", "none.toml"), "guanxi: none.toml: "),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(guanxi: Guanxi, words: tuple[str, ...], said: str) -> None:
    result = guanxi("score", *words)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(said)


def test_the_as_of_must_be_said(guanxi: Guanxi, log: Path) -> None:
    assert guanxi("score", str(log)).returncode == 2
    assert "no Unix seconds" in guanxi("score", str(log), "--as-of", "soon").stderr
