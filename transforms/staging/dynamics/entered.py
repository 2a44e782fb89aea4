"""Where Dynamics holds the fields people enter: in columns of their tables, read as words (see `words`)."""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging.dynamics.raw import is_gone
from transforms.staging.dynamics.words import worded
from transforms.staging.entered_fields import Holder

HOLDER: Final = Holder(
    tables={
        "contact": ("contact", "contactid"),
        "lead": ("lead", "leadid"),
        "account": ("account", "accountid"),
        "opportunity": ("opportunity", "opportunityid"),
        "user": ("systemuser", "systemuserid"),
    },
    gone=is_gone,
    raw=worded,
)


def entered_dropped(source: Source, context: Context) -> sa.Select[Any]:
    """One row per value that was chosen or typed and cannot be used, on records that are neither deleted nor merged."""
    return HOLDER.dropped(source)
