"""Phrases of an explanation: both languages, the same blanks, the labels of the CRM fields, and columns that line up."""

import string

import pytest

from connectors.fields import ENTERED, METHOD_VERSION, OUTPUT, WHY, Entity, column
from transforms.explanation.elsewhere import FIGURES, HIDDEN
from transforms.explanation.text import GROUPS
from transforms.explanation.words import Words, columns, padded, phrases, width, wrapped
from transforms.tables import entered_dropped, interactions_dropped, participants_dropped

PHRASES = {key: entry for key, entry in phrases().items() if key != "labels"}
LABELS = phrases()["labels"]
ENTERED_GROUPS = {"vote": "vote", "buying_role": "role"}


def blanks(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_phrase_stands_in_both_languages_with_the_same_blanks() -> None:
    assert [key for key, entry in PHRASES.items() if set(entry) != {"en", "zh"}] == []
    assert [key for key, entry in PHRASES.items() if set(blanks(entry["en"])) != set(blanks(entry["zh"]))] == []


def test_every_label_is_the_one_of_the_field() -> None:
    told = {}
    for specs in (*OUTPUT.values(), *ENTERED.values()):
        for spec in specs:
            group = (GROUPS | ENTERED_GROUPS).get(spec.name.lower())
            if group:
                told[group] = {choice.value: choice.zh for choice in spec.values}
    assert {group: labels for group, labels in LABELS.items() if labels} == told


def test_every_reason_that_can_be_given_has_words() -> None:
    given = [
        reason
        for table in (interactions_dropped, participants_dropped)
        for reason in str(table.c.reason.comment).split(" (")[0].split(", ")
        if " " not in reason
    ]
    known = {"deleted", "private", "series_master", "email_twin", "plain_task", "mass_mail", "auto_reply", "no_person"}
    assert [reason for reason in {*given, *known} if f"reason_{reason}" not in PHRASES] == []
    assert [name for name in ("unknown_value", "out_of_range", "unresolved") if name not in str(entered_dropped.c.reason.comment)] == []


def test_every_company_wide_figure_has_words() -> None:
    figures = {column.name.removesuffix("_s") for table in FIGURES.values() for column in table.columns if column.name not in HIDDEN}
    assert sorted(name for name in figures if f"company_{name}" not in PHRASES) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_unknown_is_a_word_and_never_a_zero(language: str) -> None:
    say = Words(language)  # type: ignore[arg-type]
    assert say.number(None) == say.label("grade", None) == say.yes(None) == PHRASES["unknown"][language]
    assert say.number(0.0) == "0.0"


def test_a_chinese_character_takes_two_cells() -> None:
    assert (width("ab"), width("亲密"), padded("亲", 4), padded("亲", 4, right=True)) == (2, 4, "亲  ", "  亲")
    assert columns("lr", [("人", "1"), ("ab", "10")]) == ["人   1", "ab  10"]


def test_a_long_line_is_broken_after_a_space_or_between_chinese_characters_but_not_before_a_comma() -> None:
    assert wrapped("one two three", 8) == ["one two", "    three"]
    assert wrapped("一二，三四", 8) == ["一二，三", "    四"]
    assert wrapped("一二三，四", 6, indent=0) == ["一二", "三，四"]
    assert wrapped("short", 8) == ["short"]


def test_a_table_that_is_too_wide_breaks_its_last_text_or_gives_the_id_a_line_of_its_own() -> None:
    rows = [("record", "now", "why"), ("a12345", "1.0", "too few meetings")]
    assert columns("lrl", rows, 30) == ["record  now  why", "a12345  1.0  too few meetings"]
    assert columns("lrl", rows, 25) == ["record  now  why", "a12345  1.0  too few", "             meetings"]
    assert columns("lrl", rows, 24) == ["record", "    now  why", "a12345", "    1.0  too few", "         meetings"]


@pytest.mark.parametrize("entity", OUTPUT)
def test_every_written_field_has_a_meaning_in_chinese(entity: Entity) -> None:
    shown = [spec for spec in OUTPUT[entity] if column(spec) not in (WHY, METHOD_VERSION)]
    assert [spec.name for spec in shown if Words("zh").meaning(entity, column(spec), spec.description) == spec.description] == []
    assert [spec.name for spec in shown if Words("en").meaning(entity, column(spec), spec.description) != spec.description] == []
