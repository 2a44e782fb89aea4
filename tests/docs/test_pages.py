"""The documentation is checked, not trusted."""

import re
import subprocess
from pathlib import Path

import pytest

from docs import build

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", build.PAGES)
def test_generated_pages_say_what_the_code_says(name: str) -> None:
    assert name not in build.stale(), "run: python -m docs.build"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_lists_every_top_level_folder_and_no_other() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {name.split("/")[0] for name in tracked if "/" in name and not name.startswith(".")}
    named = {
        name.split("/")[0] for name in re.findall(r"`([a-z]+/)", README[README.index("## Rooms") : README.index("## When things fail")])
    }
    assert named == folders


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) - {"nothing"} <= targets | {"help"}


def test_every_command_of_the_readme_exists() -> None:
    from orchestration.cli import commands

    assert set(re.findall(r"guanxi (init|doctor|provision|run|plan|push|explain|score|report|status|sandbox)\b", README)) <= set(
        commands.commands
    )
    assert not re.search(r"@@\w+@@", README), "the README has figures to fill in"
