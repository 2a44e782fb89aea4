"""Pages as HTML files: one template, one style sheet inside every page, nothing loaded from anywhere, no script.

Every text passes the template's escaping; only what the drawings made is taken as it is.
"""

import datetime as dt
from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from connectors.fields import Labels
from orchestration.report.blocks import Chip, Link, Meter, Page
from orchestration.report.words import term

UNKNOWN = Markup('<span class="unknown">–</span>')


def write(pages: Sequence[Page], folder: Path, labels: Labels, footer: str) -> list[Path]:
    """Write every page into `folder` (made when missing) and return the files, in order; raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    template = _environment(labels).get_template("page.html.j2")
    files = [folder / f"{page.name}.html" for page in pages]
    for page, file in zip(pages, files, strict=True):
        file.write_text(template.render(page=page, pages=pages, language=labels, footer=footer), encoding="utf-8")
    return files


def _environment(labels: Labels) -> Environment:
    made = Environment(
        loader=PackageLoader("orchestration.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["term"] = lambda english: term(english, labels)
    made.filters["cell"] = lambda value: cell(value if not isinstance(value, Chip) else Chip(term(value.text, labels), value.tone))
    made.tests["numeric"] = lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
    return made


@singledispatch
def cell(value: Any) -> Markup:
    """A value as a table shows it; unknown is a dash, never 0."""
    return escape(value)


@cell.register
def _(value: None) -> Markup:
    return UNKNOWN


@cell.register
def _(value: bool) -> Markup:
    return Markup('<span class="yes">yes</span>') if value else Markup('<span class="no">no</span>')


@cell.register
def _(value: int) -> Markup:
    return escape(f"{value:,}")


@cell.register
def _(value: float) -> Markup:
    return escape(f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.1f}")


@cell.register
def _(value: dt.date) -> Markup:
    return escape(value.isoformat()[:10])


@cell.register
def _(value: Chip) -> Markup:
    return Markup('<span class="chip {}">{}</span>').format(value.tone, value.text)


@cell.register
def _(value: Meter) -> Markup:
    if value.value is None:
        return UNKNOWN
    share = max(0.0, min(100.0, 100 * value.value / value.top))
    return Markup('<span class="measure"><span class="meter"><i style="width:{:.0f}%"></i></span><b>{}</b></span>').format(
        share, cell(value.value)
    )


@cell.register
def _(value: Link) -> Markup:
    if not value.url:
        return Markup('<span title="{0}">{1}</span><small>{2}</small>').format(value.record_id, value.text, value.crm)
    return Markup('<a href="{0}" title="{1}">{2}</a><small>{3}</small>').format(value.url, value.record_id, value.text, value.crm)
