"""An explanation laid out for the person who looks after the CRM: what was written, what it rests on, what would raise it.

Plain lines of at most 140 cells; ids only. What a field is called and means is handed in,
because the catalogue of fields belongs to the connectors.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from transforms.explanation.asked import day
from transforms.explanation.evidence import Explanation
from transforms.explanation.words import columns, padded, width, wrapped

LINE: Final = 138
WIDE: Final = 20
GROUPS: Final[Mapping[str, str]] = {
    "closeness_grade": "grade",
    "interaction_level": "level",
    "rhythm": "rhythm",
    "stated_gap": "gap",
    "relationship_level": "account_level",
    "lifecycle_stage": "stage",
    "rep_grade": "rep_grade",
    "horizon": "horizon",
}
"""Picklist field -> group of labels in `phrases.toml`."""


def render(told: Explanation, meanings: Mapping[str, tuple[str, str]] | None = None) -> str:
    """The explanation as lines; `meanings`: label and description by field name in lower case."""
    say = told.say
    return "\n".join(
        [
            say("head", record=f"{told.crm}:{told.record_id}", entity=say(f"entity_{told.entity}"), version=told.method_version),
            _windows(told),
            *_section(say("title_fields"), _fields(told, meanings or {})),
            *(line for section in told.terms for line in _section(section.title, section.lines)),
            *_section(say("title_pairs"), _pairs(told)),
            *_section(say("title_activities", days=f"{told.half_life_days:g}"), _activities(told)),
            *_section(say("title_dropped"), _left_out(told)),
            *_section(say("title_needs"), told.needs),
            *_elsewhere(told),
        ]
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {part}" for line in lines for part in wrapped(line, LINE))] if lines else []


def _windows(told: Explanation) -> str:
    quarter, year = (f"{told.as_of - timedelta(days=days):%Y-%m-%d %H:%M}" for days in (90, 365))
    return told.say("windows", as_of=f"{told.as_of:%Y-%m-%d %H:%M}", quarter=quarter, year=year)


def _fields(told: Explanation, meanings: Mapping[str, tuple[str, str]]) -> list[str]:
    """Label, value and meaning; a long text takes the rest of its line."""
    rows = [(*meanings.get(name, (name, "")), _shown(told, name, value)) for name, value in told.fields.items()]
    cells = max(width(label) for label, _, _ in rows)
    return [
        f"{padded(label, cells)}  {shown}" if width(shown) > WIDE else f"{padded(label, cells)}  {padded(shown, WIDE)}  {meaning}".rstrip()
        for label, meaning, shown in rows
    ]


def _shown(told: Explanation, name: str, value: Any) -> str:
    if value is None:
        return told.say("blank")
    if isinstance(value, bool):
        return told.say.yes(value)
    return told.say.label(GROUPS[name], value) if name in GROUPS else str(value)


def _pairs(told: Explanation) -> list[str]:
    """The terms of each pair, what they stand for, and how a person's pairs combine."""
    say = told.say
    if not told.pairs:
        return []
    head = (say("head_user"), say("head_person"), "X_out", "X_in", "I", say("head_closeness"), say("head_rule"))
    body = [
        (
            pair.user_id,
            pair.person_id,
            *(f"{one:.3f}" for one in (pair.x_out, pair.x_in, pair.intensity)),
            f"{pair.closeness:.1f}",
            pair.rule,
        )
        for pair in told.pairs
    ]
    ruled = [(*row[:-1], say(f"rule_{row[-1]}")) for row in body]
    return [
        *columns("llrrrrl", [head, *ruled]),
        say("sides"),
        say("balanced"),
        say("formula", kappa=f"{told.kappa['kappa']:.3f}", origin=_origin(told)),
        *(_combined(told) if told.entity in ("contact", "lead") else ()),
    ]


def _origin(told: Explanation) -> str:
    """Where this quarter's kappa comes from."""
    return told.say(f"kappa_{told.kappa['origin']}", pairs=told.kappa["pairs"], quarter=day(told.kappa["quarter_start_s"]))


def _combined(told: Explanation) -> list[str]:
    """How the strongest users make the figure of a person."""
    factors = " * ".join(f"(1 - {pair.closeness / 100:.3f})" for pair in told.pairs)
    weaker = told.pairs_in_all - len(told.pairs)
    together = told.say("together", factors=factors, closeness=told.fields["closeness"])
    return [together, told.say("weaker", count=weaker)] if weaker else [together]


def _activities(told: Explanation) -> list[str]:
    rows = [(one.event_id, str(one.day), told.say(f"channel_{one.channel}"), f"{one.weight:.3f}") for one in told.activities]
    return columns("lllr", rows) if rows else []


def _left_out(told: Explanation) -> list[str]:
    rows = [(str(count), reason, told.say(f"reason_{reason}")) for reason, count in told.dropped.items()]
    unused = [told.say("unused", record=one.record_id, field=one.field, reason=told.say(f"unused_{one.reason}")) for one in told.unused]
    return [*(columns("rll", rows) if rows else ()), *unused]


def _elsewhere(told: Explanation) -> list[str]:
    """Counterparts in other CRMs; the figures over all CRMs are never written to one."""
    found, say = told.elsewhere, told.say
    if found is None:
        return []
    figures = [(name.replace("_", " "), say("blank") if value is None else str(value)) for name, value in found.figures.items()]
    apart = [say("apart", why=say(f"apart_{reason}"), evidence=evidence, others=others) for reason, evidence, others in found.apart]
    return [
        *_section(say("title_elsewhere"), [f"{name}  {evidence}" for name, evidence in found.records]),
        *_section(say("title_company"), columns("ll", figures) if figures else []),
        *_section(say("title_apart"), apart),
    ]
