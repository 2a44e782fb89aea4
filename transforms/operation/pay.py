"""Shares of pay as arithmetic (method section 10): what the account-operation score would be worth in points of 100.

The sales result, the other variable share, stands in no log and is left to those who pay.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.operation import tables
from transforms.scores import tables as scores
from transforms.scores.expressions import num, rounded

SHARES = ("base", "sales", "operation")


def select(context: Context) -> sa.Select[Any]:
    """One row per graded user (`operation.pay_shares`); none where individuals are not graded."""
    user = scores.users
    share = {name: num(round(100 * context.method[f"pay.{name}"], 9)) for name in SHARES}
    rows = sa.select(
        user.c.crm,
        user.c.user_id,
        *(value.label(f"{name}_share") for name, value in share.items()),
        user.c.account_ops_score,
        rounded(share["operation"] * user.c.account_ops_score / num(100), 1).label("operation_points"),
    )
    return rows if context.grade_individuals else rows.where(sa.false())


MODEL = Model(tables.pay_shares, select, ("scores.users",))
