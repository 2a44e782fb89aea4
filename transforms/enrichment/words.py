"""The sentences of the text fields, English and Chinese, put together by the engine from counts, dates and labels.

They name nobody but our own strongest user, and carry no figure that decays: a text changes only when evidence does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import String

from transforms.base import Context

LENGTH: Final = 255

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "days": ("In 365 days: contact days ", "365天内：接触天数"),
    "meetings": (", meetings ", "，会议"),
    "calls": (", calls ", "，通话"),
    "emails_out": (", mails out ", "，发出邮件"),
    "emails_in": (", mails in ", "，收到邮件"),
    "emails_unseen": ("not captured", "未采集"),
    "last_two_way": ("; last two-way contact ", "；最近双向接触"),
    "never_two_way": ("; no two-way contact", "；无双向接触"),
    "strongest": ("; closest: ", "；关系最强同事："),
    "nothing": ("No counted contact on record.", "没有可计入的接触记录。"),
    "stop": (".", "。"),
    "known": (" key persons known", "位关键人已知"),
    "of": (" of ", "/"),
    "no_key": (" (no key person entered, engaged contacts stand in)", "（未录入关键人，以有接触的联系人代替）"),
    "no_persons": ("No key person known", "没有已知关键人"),
    "touches": ("touches in 90 days ", "90天接触次数"),
    "users": ("our people in two-way contact in 365 days ", "365天双向接触的我方人数"),
    "semicolon": ("; ", "；"),
    "comma": (", ", "，"),
    "at_strong": (" more at Strong", "个强客户"),
    "at_mid": (" more at Mid or better", "个中级及以上客户"),
    "at_all": (" more at Initial or better", "个初级及以上客户"),
    "or_expert": (", or Industry Expert", "，或为行业专家"),
    "colon": (": ", "：还需"),
    "partial": ("Partial: inbound mail not captured; ", "数据不完整：未采集收到的邮件；"),
}
LABELS_ZH: Final[Mapping[str, str]] = {
    "Gatekeeper": "看门者",
    "Buyer": "采购者",
    "User": "使用者",
    "Decider": "决策者",
    "Influencer": "影响者",
    "Junior": "初级",
    "Intermediate": "中级",
    "Senior": "高级",
    "Top": "顶级",
}


def word(context: Context, key: str) -> sa.ColumnElement[str]:
    """A fixed phrase in the chosen language."""
    english, chinese = WORDS[key]
    return sa.literal(chinese if context.language == "zh" else english, String)


def text(value: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """A number, date or label as text; empty where unknown."""
    return sa.func.coalesce(sa.cast(value, String), "")


def joined(parts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[str]:
    """Parts written one after the other, cut to the length of the field."""
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.concat(part)
    return sa.cast(sa.func.substr(whole, 1, LENGTH), String)


def translated(context: Context, names: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Labels within a list, in the chosen language."""
    if context.language == "zh":
        for english, chinese in LABELS_ZH.items():
            names = sa.func.replace(names, english, chinese)
    return names
