"""How the address lines of a mail come apart: what a person or another system may have typed or folded."""

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


@pytest.mark.parametrize("line", LINES)
def test_an_address_line_gives_its_addresses(line: str) -> None:
    world = World()
    world.add("EmailMessage", "02s1", ToAddress=line)
    table = staging_table(CRM, "participants")
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), until=table)
        found = rows(warehouse, table)
    assert [row["address"] for row in found] == LINES[line]
    assert {(row["role"], row["from_header"]) for row in found} <= {("to", True)}
