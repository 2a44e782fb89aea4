"""The suggestions table, declared."""

import sqlalchemy as sa
from sqlalchemy import Column, Double, String, Table

from warehouse import SUGGESTIONS

metadata = sa.MetaData()

items = Table(
    "items",
    metadata,
    Column("crm", String),
    Column("entity", String, comment="account, contact or opportunity: of what record_id is"),
    Column("record_id", String, comment="the record somebody could complete or correct"),
    Column(
        "kind",
        String,
        comment="missing_seat (subject might hold it), attitude_contradicted (by the log), attitude_stale, absent_from_roles (subject is "
        "active and not in the deal's roles), unmet_key_person, no_key_departments",
    ),
    Column("about", String, comment="the seat, or the departments of engaged contacts; null where the kind says it all"),
    Column("subject_id", String, comment="the contact proposed, or our user who could act; null = nobody in particular"),
    Column("confidence", Double, comment="0-100: how far the evidence goes"),
    Column("evidence", String, comment="what it rests on, in counts, in the configured language"),
    schema=SUGGESTIONS,
    comment="What the evidence proposes to people; never written into a CRM.",
)
