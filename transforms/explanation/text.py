"""An explanation laid out for the person who looks after the CRM: what was written, what it rests on, what would raise it.

Plain lines of at most 100 cells; ids only. What a field is called and means is handed in,
because the catalogue of fields belongs to the connectors.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from transforms.explanation.asked import day
from transforms.explanation.evidence import Explanation, PairTerms
from transforms.explanation.words import GAP, LINE, Words, columns, padded, width, wrapped

WIDE: Final = 15
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
            *wrapped(_windows(told), LINE),
            *section(say("title_fields"), _fields(told, meanings or {})),
            *(line for part in told.terms for line in section(part.title, part.lines)),
            *section(say("title_pairs"), _pairs(told)),
            *section(say("title_activities", days=f"{told.half_life_days:g}"), _activities(told)),
            *section(say("title_dropped"), _left_out(told)),
            *section(say("title_needs"), told.needs),
            *_elsewhere(told),
        ]
    )


def section(title: str, lines: Sequence[str]) -> list[str]:
    """A blank line, the title, and its lines indented; nothing where there are none."""
    return ["", title, *(f"  {part}" for line in lines for part in wrapped(line, LINE))] if lines else []


def _windows(told: Explanation) -> str:
    quarter, year = (f"{told.as_of - timedelta(days=days):%Y-%m-%d %H:%M}" for days in (90, 365))
    return told.say("windows", as_of=f"{told.as_of:%Y-%m-%d %H:%M}", quarter=quarter, year=year)


def _fields(told: Explanation, meanings: Mapping[str, tuple[str, str]]) -> list[str]:
    """Label, value and meaning; a long value takes the rest of its line, its meaning the next."""
    named = {name: meanings.get(name, (name, "")) for name in told.fields}
    cells = max(width(label) for label, _ in named.values()) + GAP
    rows = [
        (padded(label, cells), shown(told.say, name, told.fields[name]), told.say.meaning(told.entity, name, english))
        for name, (label, english) in named.items()
    ]
    return [line for row in rows for line in field_lines(*row)]


def field_lines(label: str, value: str, meaning: str) -> list[str]:
    """A label, a value and what it means; of a long value the meaning follows on a line of its own."""
    before = width(label) + WIDE + GAP
    texts = wrapped(meaning, LINE - before, indent=0) if meaning else []
    if width(value) > WIDE:
        first, *further = wrapped(value, LINE - width(label), indent=0)
        return [label + first, *(" " * width(label) + line for line in further), *(" " * before + line for line in texts)]
    first = texts[0] if texts else ""
    return [f"{label}{padded(value, WIDE + GAP)}{first}".rstrip(), *(" " * before + line for line in texts[1:])]


def shown(say: Words, name: str, value: Any) -> str:
    """The value of a written field as people read it."""
    if value is None:
        return say("blank")
    if isinstance(value, bool):
        return say.yes(value)
    return say.label(GROUPS[name], value) if name in GROUPS else str(value)


def _pairs(told: Explanation) -> list[str]:
    """The terms of each pair, what they stand for, and how a person's pairs combine."""
    say = told.say
    if not told.pairs:
        return []
    sides = {"contact": ("user",), "lead": ("user",), "user": ("person",)}.get(told.entity, ("user", "person"))
    head = (*(say(f"head_{side}") for side in sides), "X_out", "X_in", "I", say("head_closeness"), say("head_rule"))
    return [
        *columns("l" * len(sides) + "rrrrl", [head, *(_pair(told, pair, sides) for pair in told.pairs)]),
        say("sides"),
        say("balanced"),
        say("formula", kappa=f"{told.kappa['kappa']:.3f}", origin=_origin(told)),
        *(_combined(told) if told.entity in ("contact", "lead") else ()),
    ]


def _pair(told: Explanation, pair: PairTerms, sides: Sequence[str]) -> tuple[str, ...]:
    """The ids of those sides that are not the record itself, and the terms."""
    ids = (getattr(pair, f"{side}_id") for side in sides)
    figures = (f"{one:.3f}" for one in (pair.x_out, pair.x_in, pair.intensity))
    return (*ids, *figures, f"{pair.closeness:.1f}", told.say(f"rule_{pair.rule}"))


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
    figures = [(say(f"company_{name}"), say("blank") if value is None else str(value)) for name, value in found.figures.items()]
    apart = [say("apart", why=say(f"apart_{reason}"), evidence=evidence, others=others) for reason, evidence, others in found.apart]
    return [
        *section(say("title_elsewhere"), [f"{name}  {evidence}" for name, evidence in found.records]),
        *section(say("title_company"), columns("ll", figures) if figures else []),
        *section(say("title_apart"), apart),
    ]
