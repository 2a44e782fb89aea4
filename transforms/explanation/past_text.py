"""What stood on a past day, laid out as an explanation is: plain lines, ids only."""

from collections.abc import Mapping
from typing import Any

from transforms.explanation.past import Entered, Past, Revised
from transforms.explanation.text import field_lines, section, shown
from transforms.explanation.words import GAP, LINE, columns, padded, width, wrapped
from transforms.history.revisions import PRESENCE


def render_past(told: Past, labels: Mapping[str, str] | None = None, *, compared: bool = False) -> str:
    """The day as lines; `labels` by field name in lower case; `compared`: the day was just compared with today's log."""
    say, named = told.say, labels or {}
    head = {"record": f"{told.crm}:{told.record_id}", "entity": say(f"entity_{told.entity}")}
    stood = "past_gone" if told.today is None else "past_since"
    return "\n".join(
        [
            say("past_head", day=told.day, **head),
            *wrapped(say(stood, version=told.method_version, since=told.since, asked=told.asked), LINE),
            *section(say("title_fields"), _fields(told, named)),
            *section(say("title_entered"), columns("lll", [_entered(told, named, one) for one in told.entered]) if told.entered else []),
            *section(say("title_revised"), _revised(told, named, compared)),
        ]
    )


def _fields(told: Past, named: Mapping[str, str]) -> list[str]:
    """Label, value of then, and today's where it is another."""
    cells = max(width(named.get(name, name)) for name in told.fields) + GAP
    return [
        line
        for name, value in told.fields.items()
        for line in field_lines(padded(named.get(name, name), cells), shown(told.say, name, value), _today(told, name, value))
    ]


def _today(told: Past, name: str, value: Any) -> str:
    if told.today is None or told.today[name] == value:
        return ""
    return told.say("past_today", value=shown(told.say, name, told.today[name]))


def _entered(told: Past, named: Mapping[str, str], one: Entered) -> tuple[str, str, str]:
    say = told.say
    label = say("entered_reporting_line") if one.field == "reporting_line" else named.get(one.field, one.field)
    return (label, say("entered_text") if one.value is None else one.value, say(f"entered_{_how(one)}", day=one.since))


def _how(one: Entered) -> str:
    return "edited" if one.edited else "seen"


def _revised(told: Past, named: Mapping[str, str], compared: bool) -> list[str]:
    if not told.revised:
        return [told.say("revised_none" if compared else "revised_unasked")]
    return columns("ll", [_difference(told, named.get(one.field, one.field), one) for one in told.revised])


def _difference(told: Past, label: str, one: Revised) -> tuple[str, str]:
    if one.field == PRESENCE:
        return (told.say("entity_" + told.entity), told.say("revised_gone"))
    return (label, told.say("revised_line", then=shown(told.say, one.field, one.then), now=shown(told.say, one.field, one.now)))
