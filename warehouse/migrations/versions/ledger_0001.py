"""The ledger's first shape: pipeline runs, plans and pushes, rows, acknowledged state, rejections, verdicts in flight."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "ledger"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pipeline_run",
        sa.Column("run_id", sa.String),
        sa.Column("as_of", sa.DateTime),
        sa.Column("started", sa.DateTime),
        sa.Column("finished", sa.DateTime),
        sa.Column("status", sa.String),
        sa.Column("message", sa.String),
        sa.Column("counts", sa.JSON),
        schema=SCHEMA,
    )
    op.create_table(
        "sync_run",
        sa.Column("run_id", sa.String),
        sa.Column("crm", sa.String),
        sa.Column("as_of", sa.Date),
        sa.Column("planned_at", sa.DateTime),
        sa.Column("started", sa.DateTime),
        sa.Column("finished", sa.DateTime),
        sa.Column("status", sa.String),
        sa.Column("mode", sa.String),
        sa.Column("mapping_hash", sa.String),
        sa.Column("target", sa.String),
        sa.Column("approved_by", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("counts", sa.JSON),
        sa.Column("calls_used", sa.BigInteger),
        sa.Column("calls_left", sa.BigInteger),
        sa.Column("seconds", sa.Double),
        sa.Column("message", sa.String),
        schema=SCHEMA,
    )
    _create_row_tables()


def _create_row_tables() -> None:
    key = ("crm", "entity", "record_id")
    op.create_table(
        "sync_row",
        sa.Column("run_id", sa.String),
        sa.Column("crm", sa.String),
        sa.Column("entity", sa.String),
        sa.Column("position", sa.BigInteger),
        *(sa.Column(name, sa.String) for name in ("record_id", "parent_id", "operation", "status", "code", "message")),
        sa.Column("attempt", sa.Integer),
        sa.Column("fields", sa.String),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("changed_at", sa.DateTime),
        schema=SCHEMA,
    )
    op.create_table(
        "sync_state",
        *(sa.Column(name, sa.String) for name in (*key, "target")),
        sa.Column("payload", sa.JSON),
        *(sa.Column(name, sa.String) for name in ("known", "hash", "run_id")),
        schema=SCHEMA,
    )
    op.create_table(
        "sync_quarantine",
        *(sa.Column(name, sa.String) for name in key),
        sa.Column("attempts", sa.Integer),
        sa.Column("code", sa.String),
        sa.Column("message", sa.String),
        sa.Column("first_at", sa.DateTime),
        sa.Column("last_at", sa.DateTime),
        sa.Column("run_id", sa.String),
        schema=SCHEMA,
    )
    op.create_table(
        "sync_verdict",
        *(sa.Column(name, sa.String) for name in ("run_id", "entity", "record_id")),
        sa.Column("accepted", sa.Boolean),
        sa.Column("code", sa.String),
        sa.Column("message", sa.String),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("sync_verdict", "sync_quarantine", "sync_state", "sync_row", "sync_run", "pipeline_run"):
        op.drop_table(name, schema=SCHEMA)
