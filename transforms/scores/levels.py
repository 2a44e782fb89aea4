"""Levels of contact and of relationship, the same ladder for our company's view and for a user's own."""

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores.expressions import Condition, Number, for_industry, num, rounded

ENGAGED = ("Occasional", "Multiple", "Deep")


def interaction_level(context: Context, two_way_days: Number, meetings: Number, closeness: Number) -> Number:
    """Interaction_Level (contract 4.1) from counts of 365 days and the closeness at its stored precision."""
    method = context.method
    multiple = two_way_days >= method["interaction_level.multiple_days"]
    met = meetings >= method["interaction_level.deep_meetings"]
    close = rounded(closeness, 1) >= num(method["interaction_level.deep_closeness"])
    return sa.case(
        (multiple & met & close, "Deep"),
        (multiple, "Multiple"),
        (sa.func.coalesce(two_way_days, 0) > 0, "Occasional"),
        else_="No contact",
    )


def relationship_level(context: Context, closeness: Number, strong: Condition, industry: Number) -> Number:
    """None, Initial, Mid or Strong from the mean over at least one known key person (null = none known).

    `strong`: the other conditions of Strong. `industry`: of the account, for cuts that an industry has of its own.
    """
    initial, mid, high = (for_industry(context, f"level.{name}", industry) for name in ("initial", "mid", "strong"))
    return sa.case(((closeness >= high) & strong, "Strong"), (closeness >= mid, "Mid"), (closeness >= initial, "Initial"), else_="None")
