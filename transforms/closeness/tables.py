"""The tables of one scored event log, declared; steps that the CRMs have too are copies of the tables of `scores`."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, String, Table

from transforms.scores import tables as scores
from transforms.scores.instants import INSTANTS
from warehouse import SCORES

AT: Final = ("now", "now_quarter", "last")
"""Instants scored in one go: the as-of, the quarter's start that freezes kappa, the last event."""

metadata = sa.MetaData()

rows = Table(
    "log_rows",
    metadata,
    Column("src", String),
    Column("dst", String),
    Column("at", Double, comment="Unix seconds"),
    Column("channel", String, comment="meeting, call, missed_call, sms or email"),
    Column("msg_key", BigInteger, comment="stands for msg_id; null = none"),
    Column("addressed", Double, comment="n_rcpt"),
    Column("seconds", Double, comment="duration_s"),
    schema=SCORES,
    comment="The file, read.",
)

persons = Table(
    "log_persons",
    metadata,
    Column("person_key", BigInteger, comment="1, 2, ... in the order of the ids"),
    Column("id", String, comment="as in the file"),
    schema=SCORES,
    comment="Everybody in the log.",
)

interactions = Table(
    "log_interactions",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("person_id", String),
    Column("user_key", BigInteger, comment="a: the smaller key of the two"),
    Column("person_key", BigInteger, comment="b"),
    Column("account_key", BigInteger),
    Column("sender_key", BigInteger, comment="who wrote or called; 0 for a meeting"),
    Column("msg_key", BigInteger, comment="stands for msg_id; null = none"),
    Column("at", Double, comment="Unix seconds"),
    Column("at_s", BigInteger),
    Column("day", BigInteger),
    Column("channel", String, comment="meeting, call, sms or email"),
    Column("direction", String, comment="out: from a to b; in: from b to a; both: a meeting"),
    Column("minutes", Double, comment="of a meeting; null = unknown"),
    Column("participants_outside", BigInteger, comment="other people on it"),
    Column("recipients", BigInteger, comment="the same, of a message"),
    Column("is_cc", Boolean),
    Column("two_way", Boolean, comment="a meeting or a connected call"),
    Column("unanswered", Boolean),
    schema=SCORES,
    comment="One row per pair and event of the log up to the as-of, each once, under the column names of model.interactions.",
)


def _copied(table: sa.Table, prefixes: Sequence[str], *more: Column[Any]) -> sa.Table:
    """A table declared like `table`, its columns per instant for the instants of a log."""
    per_instant = {f"{prefix}_{name}": prefix for prefix in prefixes for name in INSTANTS}
    kinds = {per_instant[column.name]: column.type for column in table.columns if column.name in per_instant}
    plain = [Column(column.name, column.type, comment=column.comment) for column in table.columns if column.name not in per_instant]
    repeated: list[Column[Any]] = [Column(f"{prefix}_{name}", kinds[prefix]) for prefix in prefixes for name in AT]
    return Table(f"log_{table.name}", metadata, *plain, *repeated, *more, schema=SCORES, comment=table.comment)


pair_facts = _copied(scores.pair_facts, ("two_way_s", "out", "in"))
pair_intensity = _copied(scores.pair_intensity, ("out", "in", "intensity", "two_way_s"))
kappa = Table("log_kappa", metadata, *(Column(column.name, column.type) for column in scores.kappa.columns), schema=SCORES)
pairs = Table(
    "log_pairs",
    metadata,
    *(Column(column.name, column.type) for column in scores.pairs.columns if column.name not in ("ratio_month", "ratio_year")),
    schema=SCORES,
)

together = Table(
    "log_together",
    metadata,
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    *(Column(f"together_{name}", Double) for name in AT),
    schema=SCORES,
    comment="Decayed co-presence C of pairs in contact: both addressed by one message of few recipients.",
)

answers = Table(
    "log_answers",
    metadata,
    Column("asker_key", BigInteger),
    Column("asked_key", BigInteger),
    Column("asked", BigInteger, comment="opening messages that had time to be answered"),
    Column("answered", BigInteger),
    schema=SCORES,
    comment="How often the one answered the other's opening message in time.",
)
