"""The catalogue of contract section 4: every field we write to a CRM and every field people fill in for us, as data.

Provisioning creates these fields, staging reads the entered ones, enrichment tables have the written ones as columns
(in this order), and activation sends nothing that is not in `OUTPUT`. A new field is a new line here, not new code.
Deliberately absent: how a CRM names or types them (the connectors know), and where the values come from (transforms).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import pyarrow as pa

from warehouse import ENRICHMENT

Entity = Literal["account", "contact", "lead", "user", "opportunity"]
Kind = Literal["number", "integer", "date", "boolean", "picklist", "multipicklist", "text", "lookup"]
Labels = Literal["en", "zh", "both"]
EntityMap = Mapping[Entity, Mapping[str, str]]
"""Entity -> field people enter, in lower case -> the org's own field it is read from instead."""
LABEL_MAX: Final = 40
SCORED_ON: Final = "scored_on"
METHOD_VERSION: Final = "method_version"
WHY: Final = "why"


@dataclass(frozen=True)
class Choice:
    """One value of a picklist: the API value (English), its Chinese label, and its number where it stands for one."""

    value: str
    zh: str
    number: int | None = None


@dataclass(frozen=True)
class FieldSpec:
    """One field of one entity.

    `length` counts characters of a text; `minimum` and `maximum` bound a number or integer in its own unit; `scale` is
    the width of a score's scale (100 for 0-100, 4 for -2..2), None for figures that are exact and not scores.
    """

    entity: Entity
    name: str
    kind: Kind
    label_en: str
    label_zh: str
    description: str
    written: bool = True
    decimals: int = 0
    length: int = 0
    minimum: float | None = None
    maximum: float | None = None
    scale: float | None = None
    values: tuple[Choice, ...] = ()
    lookup_to: Entity | None = None

    def __post_init__(self) -> None:
        for labels in ("en", "zh", "both"):
            if len(label(self, labels)) > LABEL_MAX:
                raise ValueError(f"{self.entity}.{self.name}: label {label(self, labels)!r} has more than {LABEL_MAX} characters")

    @property
    def precision(self) -> int:
        """Digits a stored number needs in all, decimals included."""
        bound = max(abs(self.minimum or 0), abs(self.maximum or 0))
        return len(str(int(bound))) + self.decimals


def column(spec: FieldSpec) -> str:
    """Column of the field in enrichment tables and payloads: the name in lower case."""
    return spec.name.lower()


def api_name(spec: FieldSpec, prefix: str = "GX") -> str:
    """Salesforce API name, e.g. `GX_Closeness__c`."""
    return f"{prefix}_{spec.name}__c"


def label(spec: FieldSpec | Choice, labels: Labels = "en") -> str:
    """What people read on the field or picklist value, in the configured language(s)."""
    english, chinese = (spec.value, spec.zh) if isinstance(spec, Choice) else (spec.label_en, spec.label_zh)
    return {"en": english, "zh": chinese, "both": f"{english} {chinese}"}[labels]


def _number(
    name: str, en: str, zh: str, description: str, bounds: tuple[float, float] = (0, 100), decimals: int = 1, score: bool = True
) -> FieldSpec:
    low, high = bounds
    width = 100.0 if high == 100 else high - low
    return FieldSpec(
        "contact", name, "number", en, zh, description, decimals=decimals, minimum=low, maximum=high, scale=width if score else None
    )


def _integer(name: str, en: str, zh: str, description: str, bounds: tuple[float, float] = (0, 999_999_999)) -> FieldSpec:
    return FieldSpec("contact", name, "integer", en, zh, description, minimum=bounds[0], maximum=bounds[1])


def _date(name: str, en: str, zh: str, description: str) -> FieldSpec:
    return FieldSpec("contact", name, "date", en, zh, description)


def _yes_no(name: str, en: str, zh: str, description: str) -> FieldSpec:
    return FieldSpec("contact", name, "boolean", en, zh, description)


def _text(name: str, en: str, zh: str, description: str, length: int = 255) -> FieldSpec:
    return FieldSpec("contact", name, "text", en, zh, description, length=length)


def _pick(name: str, en: str, zh: str, description: str, values: tuple[Choice, ...]) -> FieldSpec:
    return FieldSpec("contact", name, "picklist", en, zh, description, values=values)


def _of(entity: Entity, specs: Sequence[FieldSpec], written: bool = True) -> tuple[FieldSpec, ...]:
    return tuple(replace(spec, entity=entity, written=written) for spec in specs)


GRADES: Final = (Choice("Excellent", "优"), Choice("Good", "良"), Choice("Fair", "中"), Choice("Poor", "差"))
ATTITUDES: Final = (
    Choice("Strong support", "强支持", 2),
    Choice("Support", "支持", 1),
    Choice("Neutral", "中立", 0),
    Choice("Against", "反对", -1),
    Choice("Strongly against", "强反对", -2),
)
_LEVELS = (Choice("No contact", "未接触过"), Choice("Occasional", "偶尔接触"), Choice("Multiple", "多次接触"), Choice("Deep", "深层接触"))
_RHYTHMS = (Choice("In rhythm", "节奏正常"), Choice("Late", "偏晚"), Choice("Cooling", "转冷"), Choice("Lapsed", "中断"))
_GAPS = (Choice("Agree", "一致"), Choice("Stated higher", "填报偏高"), Choice("Observed higher", "观察偏高"))
_ACCOUNT_LEVELS = (Choice("None", "无"), Choice("Initial", "初级"), Choice("Mid", "中级"), Choice("Strong", "强"))
_STAGES = (
    Choice("Stranger", "陌生"),
    Choice("User", "用户"),
    Choice("Customer", "客户"),
    Choice("Small deals", "小型交易"),
    Choice("Large deals", "大型交易"),
)
_REP_GRADES = (
    Choice("Novice", "小白"),
    Choice("Junior", "初级"),
    Choice("Intermediate", "中级"),
    Choice("Senior", "高级"),
    Choice("Top", "顶级"),
)
_HORIZONS = (Choice("0-3 months", "3个月内"), Choice("3-12 months", "3到12个月"), Choice("1-3 years", "1到3年"))
_VOTES = (Choice("None", "无"), Choice("Approve", "赞成票"), Choice("Veto", "否决票"), Choice("Both", "两票都有"))
_ROLES = (
    Choice("Gatekeeper", "看门者"),
    Choice("Buyer", "采购者"),
    Choice("User", "使用者"),
    Choice("Decider", "决策者"),
    Choice("Influencer", "影响者"),
)

_CLOSENESS = _number("Closeness", "Closeness", "亲密度", "Our company to this person, 0-100; 50 is a typical live relationship.")
_GRADE = _pick("Closeness_Grade", "Closeness Grade", "亲密度等级", "Effective closeness cut at 75, 50 and 25.", GRADES)
_TOUCHES = _integer("Touches_90d", "Touches 90 Days", "90天接触次数", "Distinct counted activities with any of our users in 90 days.")
_DAYS = _integer("Contact_Days_90d", "Contact Days 90 Days", "90天接触天数", "Distinct UTC dates with a counted activity in 90 days.")
_LAST = _date("Last_Touch", "Last Touch", "最近接触", "Date of the last counted activity.")
_TRENDS = (
    _number("Trend_30d", "Trend 30 Days", "环比", "Closeness now minus closeness 30 days ago.", (-100, 100)),
    _number("Trend_365d", "Trend 365 Days", "同比", "Closeness now minus closeness 365 days ago.", (-100, 100)),
)
_CONFIDENCE = _number("Confidence", "Confidence", "可信度", "How far the activity log can be trusted here, 0-100.")
_WHY = _text("Why", "Why", "依据", "One sentence of evidence behind the figures.")
_STAMP = (
    _date("Scored_On", "Scored On", "评分日期", "As-of date at which any guanxi field of this record last changed."),
    _text("Method_Version", "Method Version", "方法版本", "Version of the method behind the figures.", 20),
)

_PERSON = (
    _CLOSENESS,
    _GRADE,
    _pick("Interaction_Level", "Interaction Level", "交互程度", "From two-way contact days and meetings in 365 days.", _LEVELS),
    _TOUCHES,
    _integer("Touches_365d", "Touches 365 Days", "365天接触次数", "Distinct counted activities with any of our users in 365 days."),
    _DAYS,
    _number("Frequency", "Contact Frequency", "接触频度", "Contact days per 30 days, over 90 days.", (0, 31), 2, score=False),
    _date("First_Touch", "First Touch", "首次接触", "Date of the first counted activity."),
    _LAST,
    _date("Last_Two_Way", "Last Two-Way Contact", "最近双向接触", "Date of the last meeting, connected call or inbound mail."),
    _integer("Meetings_365d", "Meetings 365 Days", "365天会议", "Distinct meetings in 365 days."),
    _integer("Calls_365d", "Calls 365 Days", "365天通话", "Distinct calls in 365 days."),
    _integer("Emails_Out_365d", "Emails Out 365 Days", "365天发出邮件", "Distinct mails to this person in 365 days."),
    _integer(
        "Emails_In_365d",
        "Emails In 365 Days",
        "365天收到邮件",
        "Distinct mails from this person in 365 days; blank: not captured.",
    ),
    _integer("Known_By", "Known By", "认识人数", "Our users with two-way evidence with this person in 365 days."),
    FieldSpec(
        "contact", "Strongest_User", "lookup", "Strongest User", "关系最强同事", "Our active user closest to them.", lookup_to="user"
    ),
    _number("Reciprocity", "Reciprocity", "互动对等度", "How even both directions are, 0-100; blank: inbound mail not captured."),
    _pick("Rhythm", "Contact Rhythm", "接触节奏", "Silence against the usual gap; blank below 5 contact days.", _RHYTHMS),
    *_TRENDS,
    _pick("Stated_Gap", "Stated Gap", "填报与观察差异", "Entered attitude against observed closeness, more than one grade apart.", _GAPS),
    _CONFIDENCE,
    _WHY,
    *_STAMP,
)
_ACCOUNT = (
    replace(_CLOSENESS, description="Mean effective closeness of the known key persons, 0-100."),
    _GRADE,
    _number("Solution_Acceptance_Avg", "Solution Acceptance Average", "方案认可度均值", "Mean of rated key persons.", (-2, 2), 2),
    _number("Price_Acceptance_Avg", "Price Acceptance Average", "价格接受度均值", "Mean of rated key persons.", (-2, 2), 2),
    _pick("Relationship_Level", "Relationship Level", "关系等级", "Level of our company's relationship with the account.", _ACCOUNT_LEVELS),
    _number("Map_Completeness", "Map Completeness", "关系图谱完整性", "Share of roles, departments and features that are known, 0-100."),
    _number("Insight_Rate", "Insight Rate", "洞察率", "Share of key persons fully known and reviewed in 90 days, 0-100."),
    _text("Missing_Seats", "Missing Seats", "缺失席位", "Roles and departments nobody fills, comma separated."),
    _TOUCHES,
    _DAYS,
    _LAST,
    _integer("People_Engaged", "People Engaged", "有接触人数", "Contacts of the account at Occasional or above."),
    _integer("Departments_Engaged", "Departments Engaged", "有接触部门数", "Distinct departments of the people engaged."),
    _integer("Our_People", "Our People", "我方人数", "Our users with two-way evidence in 365 days."),
    _number("Bus_Factor", "Bus Factor", "单点依赖度", "Share of the relationship held by our one strongest user, 0-100."),
    _pick("Lifecycle_Stage", "Lifecycle Stage", "客户生命周期", "Stage of the customer life cycle.", _STAGES),
    _number("Importance", "Importance", "综合积分", "Sales, potential, demonstration and can-win, 0-100."),
    _yes_no("Key_Account", "Key Account", "重点客户", "Among the most important fifth of its industry."),
    *_TRENDS,
    _CONFIDENCE,
    _WHY,
    *_STAMP,
)
_USER = (
    _pick(
        "Rep_Grade", "Rep Grade", "销售分级", "By the levels of the accounts covered; blank: too few, or mail not captured.", _REP_GRADES
    ),
    _integer("Accounts_Initial", "Accounts Initial", "初级客户数", "Accounts whose highest band is Initial."),
    _integer("Accounts_Mid", "Accounts Mid", "中级客户数", "Accounts whose highest band is Mid."),
    _integer("Accounts_Strong", "Accounts Strong", "强客户数", "Accounts whose highest band is Strong."),
    _text("Next_Grade_Needs", "Next Grade Needs", "晋级所需", "What is missing for the next grade."),
    _number("Account_Ops_Score", "Account Operation Score", "客户运营得分", "Improvement over quarter and year, 0-100; 50 is no change."),
    _integer("People_Known", "People Known", "认识客户人数", "Contacts with two-way evidence with this user in 365 days."),
    *_STAMP,
)
_OPPORTUNITY = (
    _number("Chain_Closeness", "Chain Closeness", "决策链亲密度", "Mean effective closeness of the decision chain, 0-100."),
    _number("Chain_Solution", "Chain Solution", "决策链方案认可度", "Mean solution acceptance of the decision chain, -2 to 2.", (-2, 2), 2),
    _number("Chain_Price", "Chain Price", "决策链价格接受度", "Mean price acceptance of the decision chain, -2 to 2.", (-2, 2), 2),
    _text("Chain_Missing", "Chain Missing", "决策链缺失", "Roles nobody in the decision chain fills, comma separated."),
    _integer("Deciders_Reached", "Deciders Reached", "已接触决策者", "Deciders with two-way evidence in 90 days."),
    _yes_no("Veto_Against", "Veto Against", "否决者反对", "Somebody with a veto is against us."),
    _integer("Threads", "Threads", "我方接触人数", "Our users with two-way evidence with the contact roles in 90 days."),
    _number("Win_Signal", "Win Signal", "赢单信号", "0-100; blank without a compelling event."),
    _pick("Horizon", "Need Horizon", "需求时限", "Time to the close date.", _HORIZONS),
    *_STAMP,
)

_PERSON_ENTERED = (
    _pick("Attitude", "Attitude", "态度", "How this person stands towards us.", ATTITUDES),
    _pick("Solution_Acceptance", "Solution Acceptance", "方案认可度", "How far this person accepts our solution.", ATTITUDES),
    _pick("Price_Acceptance", "Price Acceptance", "价格接受度", "How far this person accepts our price.", ATTITUDES),
    _pick("Vote", "Vote", "投票权", "Which vote this person has; blank is unknown.", _VOTES),
    FieldSpec("contact", "Buying_Role", "multipicklist", "Buying Role", "采购角色", "Roles in the purchase.", values=_ROLES),
    _yes_no("Key_Person", "Key Person", "关键人", "A person the relationship with the account depends on."),
    FieldSpec("contact", "Influenced_By", "lookup", "Influenced By", "受谁影响", "Whose opinion this person follows.", lookup_to="contact"),
    _pick("Competitor_Attitude", "Competitor Attitude", "对竞争对手态度", "How this person stands towards the main competitor.", ATTITUDES),
)
_ACCOUNT_ENTERED = (
    _integer("Potential", "Potential", "潜力", "Future business, 0-10.", (0, 10)),
    _integer("Demonstration", "Demonstration Effect", "示范效应", "Value as a reference, 0-10.", (0, 10)),
    _integer("Can_Win", "Can Win", "能赢能做", "Can we win it and do it, 0-10.", (0, 10)),
    _text("Key_Departments", "Key Departments", "关键部门", "Departments that decide, comma separated."),
    _text("Competitor_Main", "Main Competitor", "主要竞争对手", "Who we compete with here."),
)
_OPPORTUNITY_ENTERED = (
    _yes_no("Compelling_Event", "Compelling Event", "紧迫事件", "Something makes the customer decide by a date."),
    _yes_no("Inside_Source", "Inside Source", "内线", "Somebody inside tells us how it stands."),
    _integer("Competitor_Rank", "Our Rank", "竞争排名", "Our place among the competitors, 1-9.", (1, 9)),
    _text("Value_Proposition", "Value Proposition", "价值主张", "Why they should buy from us."),
)
_USER_ENTERED = (_yes_no("Industry_Expert", "Industry Expert", "行业专家", "An acknowledged expert of an industry."),)

_VALUE = _number("Value", "Value", "价值", "What this person is worth to us, 0-10.", (0, 10), score=False)
_PLAN = _text("Plan", "Account Plan", "客户计划", "The plan for the account, or where it is.")
_FACTORS = tuple(
    _number(
        f"Factor_{number}",
        f"Purchase Factor {number}",
        f"购买因素{number}",
        "One of the eight purchase factors, 0-10.",
        (0, 10),
        score=False,
    )
    for number in range(1, 9)
)

OUTPUT: Final[Mapping[Entity, tuple[FieldSpec, ...]]] = {
    "contact": _of("contact", _PERSON),
    "lead": _of("lead", _PERSON),
    "account": _of("account", _ACCOUNT),
    "user": _of("user", _USER),
    "opportunity": _of("opportunity", _OPPORTUNITY),
}
"""Written by the pipeline and by nothing else (contract 4.1), in its order."""

ENTERED: Final[Mapping[Entity, tuple[FieldSpec, ...]]] = {
    "contact": _of("contact", _PERSON_ENTERED, written=False),
    "lead": _of("lead", _PERSON_ENTERED[:1], written=False),
    "account": _of("account", _ACCOUNT_ENTERED, written=False),
    "user": _of("user", _USER_ENTERED, written=False),
    "opportunity": _of("opportunity", _OPPORTUNITY_ENTERED, written=False),
}
"""Entered by people, read and never written (contract 4.2), in its order. A lead has the attitude that its figures need."""

MAPPED: Final[Mapping[Entity, tuple[FieldSpec, ...]]] = {
    "contact": _of("contact", (_VALUE,), written=False),
    "lead": _of("lead", (_VALUE,), written=False),
    "account": _of("account", (_PLAN,), written=False),
    "user": (),
    "opportunity": _of("opportunity", _FACTORS, written=False),
}
"""Read where an org has a field of its own for them and the configuration names it; never created, never written."""


def entered(mapped: EntityMap) -> tuple[FieldSpec, ...]:
    """Every field that is read with this mapping: those of contract 4.2, and of the others those that it names."""
    asked = (spec for entity, specs in MAPPED.items() for spec in specs if column(spec) in mapped.get(entity, {}))
    return (*(spec for specs in ENTERED.values() for spec in specs), *asked)


def unreadable(mapped: EntityMap) -> str:
    """What `mapped` names that is no field people enter, and which ones are; empty when there is nothing of the kind."""
    for entity, names in mapped.items():
        known = {column(spec) for spec in (*ENTERED[entity], *MAPPED[entity])}
        if unknown := sorted(set(names) - known):
            return f"{entity}.{unknown[0]} is no field people enter; those are {', '.join(sorted(known))}"
    return ""


def all_specs() -> tuple[FieldSpec, ...]:
    """Every field to provision, written and entered, entity by entity; those that are only read where mapped are not among them."""
    return tuple(spec for entity in OUTPUT for spec in (*OUTPUT[entity], *ENTERED[entity]))


def writable(entity: Entity, names: Sequence[str]) -> tuple[FieldSpec, ...]:
    """Output specs of `names` (lower case), in contract order; raises `KeyError` naming the first that is no output field."""
    known = {column(spec): spec for spec in OUTPUT[entity]}
    for name in names:
        if name not in known:
            raise KeyError(name)
    return tuple(spec for name, spec in known.items() if name in names)


def arrow_type(spec: FieldSpec) -> pa.DataType:
    """Arrow type of the field's values."""
    types: Mapping[str, pa.DataType] = {"number": pa.float64(), "integer": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}
    return types.get(spec.kind, pa.string())


def meanings(table_schema: str | None, table_name: str) -> Mapping[str, str]:
    """What the columns of an enrichment table say, by column; empty for every other table."""
    if table_schema != ENRICHMENT:
        return {}
    return {column(spec): spec.description for entity, specs in OUTPUT.items() if entity == table_name for spec in specs}
