"""How the address lines of a mail come apart: what a person or another system may have typed or folded."""

from typing import Any

import pytest

from tests.transforms.kit import CRM, World, build_model, open_warehouse, rows
from transforms.staging.shapes import staging_table

LINES = {
    "ann@acme.example": ["ann@acme.example"],
    " Ann@ACME.example ;bob@acme.example,": ["ann@acme.example", "bob@acme.example"],
    "Ann Lee <ann@acme.example>; Bob <BOB@acme.example>": ["ann@acme.example", "bob@acme.example"],
    '"Lee, Ann" <ann@acme.example>, "Roe; Bob" <bob@acme.example>': ["ann@acme.example", "bob@acme.example"],
    "'ann@acme.example'; \"bob@acme.example\"": ["ann@acme.example", "bob@acme.example"],
    "ann@acme.example;\r\n\tbob@acme.example\n": ["ann@acme.example", "bob@acme.example"],
    "pat.o'brien@acme.example": ["pat.o'brien@acme.example"],
    "<ann@acme.example> (at work)": ["ann@acme.example"],
    "undisclosed recipients:;": [],
    "Ann Lee; Bob": [],
    "": [],
}


@pytest.fixture(scope="module")
def staged() -> list[dict[str, Any]]:
    """What is staged of a mail per line."""
    world, table = World(), staging_table(CRM, "participants")
    for number, line in enumerate(LINES):
        world.add("EmailMessage", f"02s{number}", ToAddress=line)
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), only=[table])
        return rows(warehouse, table)


@pytest.mark.parametrize(("number", "line"), enumerate(LINES))
def test_an_address_line_gives_its_addresses(staged: list[dict[str, Any]], number: int, line: str) -> None:
    found = [row for row in staged if row["event_id"] == f"02s{number}"]
    assert [row["address"] for row in found] == LINES[line]
    assert {(row["role"], row["from_header"]) for row in found} <= {("to", True)}
