"""Where Salesforce holds the fields people enter: picklists by their API values, which are the words of the contract."""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging.entered_fields import Holder

HOLDER: Final = Holder(
    tables={entity: (entity.capitalize(), "Id") for entity in ("contact", "lead", "account", "opportunity", "user")},
    gone=lambda raw: raw.flag("IsDeleted"),
)


def entered_dropped(source: Source, context: Context) -> sa.Select[Any]:
    """One row per value that was typed and cannot be used, on records that are not deleted."""
    return HOLDER.dropped(source)
