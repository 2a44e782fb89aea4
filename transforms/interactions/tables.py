"""The steps between staging and `model.interactions`, each a table one can look at when a number surprises.

`int_activities` and `int_participants` are what was read, with integer keys and everyone resolved; `int_twins`, `int_mails`,
`int_refused`, `int_repeated`, `int_filled` and `int_sides` answer one question each; `int_verdicts` holds the one verdict on
every activity record.
"""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, String, Table

from warehouse import MODEL

metadata = sa.MetaData()

survivors = Table(
    "int_survivors",
    metadata,
    Column("crm", String),
    Column("record_id", String),
    Column("survivor_id", String, comment="the end of the chain of merges and conversions"),
    schema=MODEL,
    comment="Records that live on as another record, by any number of steps.",
)

parties = Table(
    "int_parties",
    metadata,
    Column("crm", String),
    Column("party_id", String),
    Column("standing", String, comment="user, nobody, person, not_a_person, deleted"),
    Column("user_key", BigInteger, comment="also where an outside record carries the address of a user"),
    Column("person_key", BigInteger),
    Column("email", String),
    schema=MODEL,
    comment="Every user, contact and lead id ever seen, and who that is today.",
)

addresses = Table(
    "int_addresses",
    metadata,
    Column("crm", String),
    Column("address", String),
    Column("account_key", BigInteger, comment="null: the choice without an account; else the choice on that account"),
    Column("standing", String, comment="user, nobody or person"),
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    schema=MODEL,
    comment="Who an address belongs to: a user before a contact before a lead.",
)

activities = Table(
    "int_activities",
    metadata,
    Column("event_key", BigInteger),
    Column("crm", String),
    Column("event_id", String),
    Column("kind", String),
    Column("channel", String),
    Column("reason", String),
    Column("shadows_mail", Boolean),
    Column("is_log", Boolean),
    Column("is_open", Boolean),
    Column("is_list_mail", Boolean),
    Column("at_s", BigInteger),
    Column("logged_s", BigInteger),
    Column("minutes", Double),
    Column("says", String),
    Column("unanswered", Boolean),
    Column("message_id", String),
    Column("regarding_id", String),
    Column("account_key", BigInteger),
    schema=MODEL,
    comment="Every activity record read, all CRMs; columns as in stg_<crm>__activities.",
)

participants = Table(
    "int_participants",
    metadata,
    Column("event_key", BigInteger),
    Column("channel", String),
    Column("role", String),
    Column("standing", String, comment="user, nobody, person, not_a_person, deleted, unresolved"),
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    Column("party_key", BigInteger, comment="one number for a user or a person; null for all others"),
    Column("is_outside", Boolean, comment="named by a contact or lead record"),
    Column("declined", Boolean),
    Column("from_header", Boolean),
    Column("stands_in", Boolean),
    Column("party_id", String),
    Column("address", String),
    schema=MODEL,
    comment="Who took part, resolved by id, else by address, in activities that may still count.",
)

twins = Table(
    "int_twins",
    metadata,
    Column("event_key", BigInteger),
    schema=MODEL,
    comment="Second records of one mail: later copies of a message, and Tasks that shadow a mail without a link to it.",
)

mails = Table(
    "int_mails",
    metadata,
    Column("event_key", BigInteger),
    Column("direction", String, comment="out or in"),
    Column("owner_speaks", Boolean, comment="nobody we know sent it: the owner is our side"),
    Column("user_key", BigInteger, comment="the sending user"),
    Column("person_key", BigInteger, comment="the sending person"),
    Column("is_automatic", Boolean, comment="sent from an address that is not a person's"),
    Column("recipients", Integer, comment="distinct To, Cc and Bcc addresses, ours included"),
    schema=MODEL,
    comment="Mails: who sent them, which way, to how many.",
)

refused = Table(
    "int_refused",
    metadata,
    Column("event_key", BigInteger),
    Column("party_key", BigInteger),
    schema=MODEL,
    comment="Who declined what, so that the same person named elsewhere on the event has declined too.",
)

repeated = Table(
    "int_repeated",
    metadata,
    Column("event_key", BigInteger),
    Column("address", String),
    Column("role", String),
    schema=MODEL,
    comment="Address lines whose address is that of a record a relation of the mail names on the same side: the record says who it is.",
)

filled = Table(
    "int_filled",
    metadata,
    Column("event_key", BigInteger),
    Column("role", String),
    schema=MODEL,
    comment="Places a stand-in is not needed for: an owner's where a user took part, the regarding person's where a person did.",
)

sides = Table(
    "int_sides",
    metadata,
    Column("event_key", BigInteger),
    Column("side", String, comment="us, them; null = left out"),
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    Column("copied", Integer, comment="1 = only in Cc or Bcc"),
    Column("left_out", String, comment="reason of participants_dropped"),
    Column("record_id", String, comment="of those left out"),
    Column("address", String, comment="of those left out that have no record"),
    Column("outsider", Integer, comment="1 = not one of us, whoever it is"),
    Column("colleague", Integer, comment="1 = a user beside the owner or sender"),
    schema=MODEL,
    comment="Who stands on which side of an activity, once each.",
)

verdicts = Table(
    "int_verdicts",
    metadata,
    Column("event_key", BigInteger),
    Column("reason", String, comment="null = counted"),
    Column("direction", String),
    Column("recipients", Integer),
    Column("participants_outside", Integer),
    schema=MODEL,
    comment="One verdict per activity record read: counted, or the first reason of contract section 3 that applies.",
)
