"""What raises the level of an account and the grade of a user, one line per condition not yet met."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

LEVELS = ("None", "Initial", "Mid", "Strong")


def account_needs(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Sequence[str]:
    """Conditions of the next Relationship_Level (method section 4) that the account does not meet."""
    account = _row(warehouse, scores.accounts, scores.accounts.c.account_id, crm, record_id)
    if account["level"] == LEVELS[-1]:
        return ()
    target = LEVELS[LEVELS.index(account["level"]) + 1]
    cut = context.method[f"level.{target.lower()}"]
    checks = [("a key person whose closeness is known", not account["known"])]
    checks.append((f"closeness {cut} (now {account['closeness_now']})", bool(account["known"]) and account["closeness_now"] < cut))
    if target == "Strong":
        checks += _strong(account)
    return [f"{target}: {text}" for text, missing in checks if missing]


def _strong(account: Mapping[str, Any]) -> list[tuple[str, bool]]:
    shallow = account["targets"] - account["targets_deep"]
    return [
        (f"an engaged person in {account['departments_open']} more key departments", account["departments_open"] > 0),
        (f"{account['negative_deciders']} deciders with a negative attitude won over", account["negative_deciders"] > 0),
        ("a known voter or decider", account["targets"] == 0),
        (f"deep influence on {shallow} more voters or deciders", shallow > 0),
    ]


def user_needs(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Sequence[str]:
    """Accounts missing for the next Rep_Grade, cumulative: an account at Strong is one at Mid or better, too."""
    user = _row(warehouse, scores.users, scores.users.c.user_id, crm, record_id)
    labels = {"strong": "at Strong", "mid": "at Mid or better", "all": "at Initial or better"}
    return [f"{user['next_grade']}: {user[f'needs_{band}']} more accounts {text}" for band, text in labels.items() if user[f"needs_{band}"]]


def _row(warehouse: DuckDBWarehouse, table: sa.Table, identity: sa.Column[str], crm: str, record_id: str) -> Mapping[str, Any]:
    found = sa.select(table).where(table.c.crm == crm, identity == record_id)
    row: Mapping[str, Any] = warehouse.arrow(found).to_pylist()[0]
    return row
