"""The sentences of the evidence, English and Chinese."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy import String

from transforms.base import Context
from transforms.enrichment.words import text
from transforms.scores.expressions import Number

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "both": ("title and department speak for it", "职务与部门均相符"),
    "title": ("title speaks for it", "职务相符"),
    "department": ("department speaks for it", "部门相符"),
    "touches_365d": ("; touches in 365 days ", "；365天接触次数"),
    "touches_90d": ("touches in 90 days ", "90天接触次数"),
    "days_90d": ("; contact days ", "；接触天数"),
    "deals": ("; open deals of the account ", "；该客户未结商机数"),
    "stated": ("stated attitude ", "录入态度"),
    "edited": ("days since the attitude was edited ", "距态度录入天数"),
    "observed": ("; observed closeness ", "；观察到的紧密度"),
    "two_way_days": ("; two-way contact days in 365 days ", "；365天双向接触天数"),
    "unmet": ("days since two-way contact ", "距上次双向接触天数"),
    "never": ("no two-way contact on record", "没有双向接触记录"),
    "engaged": ("no list entered; engaged contacts ", "未录入清单；有接触的联系人"),
    "departments": ("; their departments ", "；所属部门数"),
}


def word(context: Context, key: str) -> sa.ColumnElement[str]:
    """A fixed phrase in the chosen language."""
    english, chinese = WORDS[key]
    return sa.literal(chinese if context.language == "zh" else english, String)


def counted(context: Context, key: str, count: Number) -> sa.ColumnElement[str]:
    """A phrase with a number behind it."""
    return word(context, key).concat(text(count))
