"""Where Salesforce holds the fields people enter: picklists by their API values, which are the words of the contract."""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging.entered_fields import Holder

HOLDER: Final = Holder(
    tables={"contact": ("Contact", "Id"), "account": ("Account", "Id"), "opportunity": ("Opportunity", "Id"), "user": ("User", "Id")},
    gone=lambda raw: raw.flag("IsDeleted"),
)


def entered_dropped(source: Source, context: Context) -> sa.Select[Any]:
    """One row per value that was typed and cannot be used, on records that are not deleted."""
    return HOLDER.dropped(source)
