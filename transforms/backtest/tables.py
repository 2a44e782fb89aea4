"""The backtest tables, declared; their comments are written for the person who runs sales operations."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, Double, String, Table

from warehouse import BACKTEST

metadata = sa.MetaData()

SCORES: Final = ("closeness", "count", "recency", "decayed_count", "decayed_split")
"""The score and its four rivals, as named in `ranking.score`."""

runs = Table(
    "runs",
    metadata,
    Column("crm", String),
    Column("month", Date, comment="first day of the month this was computed for; kept until the next month"),
    Column("computed_on", Date, comment="as-of date of the run that computed it"),
    Column("method_version", String, comment="the method it holds for; another method is measured anew"),
    Column("cuts", BigInteger, comment="past dates at which the score was put to the test; 0 = the log is too young"),
    Column("pairs", BigInteger, comment="pairs of one of us and an outside person, counted once per date"),
    Column("deals", BigInteger, comment="closed deals looked at"),
    schema=BACKTEST,
    comment="When the backtest was last computed for each CRM, and on how much.",
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("crm", String),
    Column("cut", Date, comment="the score knew the log up to 00:00 UTC of this date"),
    Column("user_key", BigInteger, comment="one of us; a number of the run that computed it"),
    Column("person_key", BigInteger, comment="the outside person, likewise"),
    Column("two_way", Boolean, comment="what happened: contact both ways in the 90 days from the date"),
    Column("closeness", Double, comment="our score at the date"),
    Column("count", Double, comment="rival: counted events in the year before the date"),
    Column("recency", Double, comment="rival: days since the last event, as a negative number, so that more is closer"),
    Column("decayed_count", Double, comment="rival: events, each worth half after 90 days"),
    Column("decayed_split", Double, comment="rival: the same, each event split over its recipients or outside participants"),
    schema=BACKTEST,
    comment="Pairs with contact in the year before each date, what the scores said, and what happened.",
)

ranking = Table(
    "ranking",
    metadata,
    Column("crm", String),
    Column("cut", Date, comment="blank: all dates together"),
    Column("score", String, comment="closeness (ours), count, recency, decayed_count or decayed_split"),
    Column("pairs", BigInteger),
    Column("in_contact", BigInteger, comment="pairs with contact both ways in the 90 days after"),
    Column(
        "auc", Double, comment="of a pair with and a pair without contact, how often the score puts the right one first; 0.5 = by chance"
    ),
    Column("auc_low", Double, comment="95 % interval"),
    Column("auc_high", Double),
    Column("ahead", Double, comment="by how much closeness is ahead of this score; negative = behind"),
    Column("ahead_low", Double, comment="95 % interval; closeness is better when this is above 0"),
    Column("ahead_high", Double, comment="closeness is worse when this is below 0"),
    schema=BACKTEST,
    comment="How well closeness and four simpler scores told who would stay in contact. Blank where there are too few pairs.",
)

calibration = Table(
    "calibration",
    metadata,
    Column("crm", String),
    Column("chance_from", Double, comment="chance told, 0-1: from this"),
    Column("chance_to", Double, comment="to this"),
    Column("pairs", BigInteger),
    Column("told", Double, comment="mean chance told at the date, learned from earlier dates only"),
    Column("found", Double, comment="share of the pairs that were in two-way contact in the 90 days after"),
    schema=BACKTEST,
    comment="Chance of two-way contact in 90 days: what was told against what happened.",
)

chances = Table(
    "chances",
    metadata,
    Column("crm", String),
    Column("closeness_from", Double, comment="band of pair closeness (scores.pairs.closeness): from this"),
    Column("closeness_to", Double, comment="below this; the last band includes it"),
    Column("pairs", BigInteger, comment="pairs of the past dates in the band"),
    Column("chance", Double, comment="P(two-way contact in 90 days), 0-1; blank where the measured error is above the limit of the method"),
    schema=BACKTEST,
    comment="Chance that a pair with contact in the last year is in two-way contact in the next 90 days, by band of closeness.",
)

deal_eves = Table(
    "deal_eves",
    metadata,
    Column("crm", String),
    Column("opportunity_id", String),
    Column("account_key", BigInteger),
    Column("won", Boolean),
    Column("age_band", BigInteger, comment="0 = youngest; bands of days from creation to close"),
    Column("amount_band", BigInteger, comment="1 = smallest; 0 = no amount"),
    Column("people", BigInteger, comment="contacts of the account with two-way evidence in the year before"),
    Column("closeness", Double, comment="mean closeness to them as of the day before the close date; blank where there are none"),
    schema=BACKTEST,
    comment="Deals closed in the last two years, and how close we were to the account the day before (observed, never as stated).",
)

deals = Table(
    "deals",
    metadata,
    Column("crm", String),
    Column("age_band", BigInteger, comment="deals of like age; blank: all bands together"),
    Column("amount_band", BigInteger, comment="and like amount; blank: all bands together"),
    Column("won", BigInteger, comment="won deals with known closeness"),
    Column("lost", BigInteger, comment="lost deals with known closeness"),
    Column("closeness_won", Double, comment="mean closeness the day before"),
    Column("closeness_lost", Double),
    Column("difference", Double, comment="won less lost; all together: the bands' differences, larger bands weigh more"),
    Column("low", Double, comment="95 % interval; all bands together only"),
    Column("high", Double),
    schema=BACKTEST,
    comment="Closeness the day before closing, won against lost deals of like age and amount. Goes together or not; says nothing of why.",
)

gaps = Table(
    "gaps",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("last_before", Date, comment="last contact day before the gap"),
    Column("first_after", Date, comment="first one after it; blank: none yet"),
    Column("days", BigInteger, comment="days between"),
    Column("expected", Double, comment="contact days that the user's own pace would have brought in that time"),
    schema=BACKTEST,
    comment="Stretches in which the log of one of us probably has a hole: nothing is logged though much would"
    " have been expected. Empty where single people are not graded: a hole may be a leave.",
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("crm", String),
    Column("position", BigInteger),
    Column("question", String),
    Column("answer", String, comment="yes, no, not distinguishable, or not measured"),
    Column("sentence", String, comment="the answer with its figures"),
    Column("figure", Double),
    Column("low", Double, comment="95 % interval"),
    Column("high", Double),
    schema=BACKTEST,
    comment="The backtest in plain words: one row per CRM and question.",
)
