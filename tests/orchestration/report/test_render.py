"""How single values look, what is escaped, and where links lead."""

import datetime as dt

import pytest

from orchestration.config import load
from orchestration.report import links, render
from orchestration.report.blocks import Cell, Chip, Link, Meter, Page, Section, Table, Tiles
from orchestration.report.pictures.bars import bars, stacked
from orchestration.report.pictures.lines import lines, radar
from orchestration.report.words import CHINESE, term
from tests.orchestration.conftest import DYNAMICS, VARIABLES

EVIL = '<script>alert("x")</script>'
GUID = "7d577c3f-61b0-ed11-83ff-000d3a31b1e2"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, '<span class="unknown">–</span>'),
        (0, "0"),
        (0.0, "0.0"),
        (12_345, "12,345"),
        (12_345.6, "12,346"),
        (-0.72, "-0.7"),
        (True, '<span class="yes">yes</span>'),
        (dt.datetime(2026, 11, 22, 3), "2026-11-22"),
        (Meter(None), '<span class="unknown">–</span>'),
        (EVIL, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;"),
    ],
)
def test_unknown_is_a_dash_and_never_a_zero(value: Cell, shown: str) -> None:
    assert render.cell(value) == shown


def test_a_bar_never_leaves_its_scale() -> None:
    assert "width:100%" in render.cell(Meter(140))
    assert "width:0%" in render.cell(Meter(-3))
    assert "width:75%" in render.cell(Meter(7.5, 10))


def test_a_guid_is_shown_by_its_first_group_and_linked_whole() -> None:
    shown = render.cell(Link("dynamics", GUID, f"https://x.example/{GUID}"))
    assert f'href="https://x.example/{GUID}"' in shown
    assert ">7d577c3f…<" in shown


def test_whatever_a_page_is_given_is_escaped(tmp_path):
    blocks = [Table([EVIL], [[EVIL], [Chip(EVIL)]], 2), Tiles([(EVIL, EVIL, EVIL)])]
    (file,) = render.write([Page("evil", EVIL, EVIL, [Section(EVIL, EVIL, blocks)])], tmp_path, "both", EVIL)
    assert "<script" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "drawn",
    [
        bars([(EVIL, 3)], EVIL),
        stacked([(EVIL, [1, 2])], [EVIL, EVIL], EVIL),
        lines([EVIL, "b"], {EVIL: [1, 2], "c": [None, 3]}, EVIL),
        radar([EVIL] * 8, [5] * 8, EVIL),
    ],
    ids=["bars", "shares", "lines", "radar"],
)
def test_whatever_a_drawing_is_given_is_escaped(drawn: str) -> None:
    assert "<script" not in drawn


def test_a_line_has_a_gap_where_nothing_is_known() -> None:
    drawn = lines(list("abcd"), {"x": [1, None, 3, 4]}, "")
    assert drawn.count('class="l0"') == 2


def test_an_axis_without_a_score_is_left_out_of_the_shape() -> None:
    shape = next(part for part in radar([str(number) for number in range(8)], [5, None, *[5] * 6], "").split("<path") if "area" in part)
    assert shape.count("L") == 6


def test_links_lead_to_the_record_in_either_kind_of_crm(write):
    config = load(write(DYNAMICS), {**VARIABLES, "SF_INSTANCE_URL": "https://a.example", "DYN_URL": "https://b.example"})
    salesforce, dynamics = config.crm("sales_cloud").settings, config.crm("dynamics").settings
    assert links.url(salesforce, "user", "0055g") == "https://a.example/0055g"
    page = "https://b.example/main.aspx?pagetype=entityrecord"
    assert links.url(dynamics, "contact", GUID) == f"{page}&etn=contact&id={GUID}"
    assert links.url(dynamics, "user", GUID) == f"{page}&etn=systemuser&id={GUID}"


def test_a_term_without_a_translation_stays_english() -> None:
    assert term("Win Signal", "zh") == "赢单信号"
    assert term("Excellent", "both") == "Excellent 优"
    assert term("not_in_the_list", "both") == "not in the list"
    assert all(CHINESE.values())
