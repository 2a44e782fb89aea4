"""Where it goes: the averages against last month, quarter and year, the moat, the funnel, leads, and the life cycle."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.fields import OUTPUT, column
from orchestration.report.blocks import Block, Note, Page, Picture, Section
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import Columns, listing, percent
from orchestration.report.pictures.bars import bars, columns
from orchestration.report.pictures.lines import lines
from transforms.history.tables import averages, backfilled
from transforms.operation.tables import funnel, leads, lifecycle_years, moat

YOUNG: Final = "Nothing yet: this is built from the log by guanxi run."
LAGS: Final = ("month", "quarter", "year")
FIGURES: Final = ("closeness", "solution_acceptance_avg", "price_acceptance_avg", "map_completeness", "insight_rate")
LABELS: Final = {column(spec): spec.label_en for spec in OUTPUT["account"] if column(spec) in FIGURES}
"""The averaged figures, in the order and with the labels of the account's fields."""


def page(facts: Facts) -> Page:
    """The page `trends`."""
    sections = [_averages(facts), _moat(facts), _funnel(facts), _leads(facts), _lifecycle(facts)]
    return Page("trends", "Trends", "How it moves: period on period and year on year, and how the recorded relations grow.", sections)


def _averages(facts: Facts) -> Section:
    lead = "Means over the accounts whose figure is known; changes over those known then and now; a dash: nothing to compare with."
    all_figures = _mean_columns({"CRM": "crm", "Figure": lambda row: facts.say(LABELS[row["figure"]])})
    closeness = (averages.c.view == "industry") & (averages.c.figure == "closeness")
    by_industry = _newest(closeness).order_by(averages.c.accounts.desc(), averages.c.crm, averages.c.record_id)
    place = sa.case({name: number for number, name in enumerate(LABELS)}, value=averages.c.figure)
    of_company = _newest(averages.c.view == "company").order_by(averages.c.crm, place)
    told = Note("Closeness by industry:")
    industries = listing(facts, by_industry, _mean_columns({"CRM": "crm", "industry": "record_id"}), YOUNG, 12)
    return Section("Averages over time", lead, [listing(facts, of_company, all_figures, YOUNG), *_over_days(facts), told, industries])


def _newest(condition: "sa.ColumnElement[bool]") -> sa.Select[Any]:
    """The averages of each CRM's newest day."""
    newest = sa.select(averages.c.crm, sa.func.max(averages.c.day).label("day")).group_by(averages.c.crm).subquery()
    joined = averages.join(newest, (newest.c.crm == averages.c.crm) & (newest.c.day == averages.c.day))
    return sa.select(averages).select_from(joined).where(condition)


def _mean_columns(first: Columns) -> Columns:
    known: Columns = {"Mean": "value", "Known": lambda row: f"{row['known']} of {row['accounts']}"}
    return {**first, **known, **{lag: _change(lag) for lag in LAGS}}


def _change(lag: str) -> Callable[[Row], str | None]:
    """The change with its sign, starred where no run computed the earlier value at its time."""

    def shown(row: Row) -> str | None:
        change, star = row[f"change_{lag}"], "*" if lag in (row["recomputed"] or "") else ""
        return None if change is None else f"{change:+.1f}{star}"

    return shown


def _over_days(facts: Facts) -> list[Block]:
    """Closeness over the days on record, days before the first run as recomputed from the log."""
    then = sa.select(backfilled.c.day, backfilled.c.crm, sa.func.avg(backfilled.c.closeness).label("value")).group_by(
        backfilled.c.day, backfilled.c.crm
    )
    since = sa.select(averages.c.day, averages.c.crm, averages.c.value).where(
        averages.c.view == "company", averages.c.figure == "closeness"
    )
    rows = sorted([*facts.rows(then), *facts.rows(since)], key=lambda row: row["day"])
    if len({row["day"] for row in rows}) < 2:
        return []
    drawn = lines(*_series(rows, "day", "value"), "closeness over time", from_zero=False)
    return [Picture("Mean closeness of accounts; days before the first run, and changes with *, are recomputed from the log.", drawn)]


def _series(rows: Sequence[Row], x: str, y: str) -> tuple[list[str], Mapping[str, list[float | None]]]:
    """Names on the axis, and the values of each CRM at them."""
    names = list(dict.fromkeys(row[x] for row in rows))
    found = {(row["crm"], row[x]): row[y] for row in rows}
    return [str(name) for name in names], {crm: [found.get((crm, name)) for name in names] for crm in sorted({row["crm"] for row in rows})}


def _moat(facts: Facts) -> Section:
    lead = "Recorded relations at the end of each month: people with two-way contact in twelve months, and how many came and went."
    rows = facts.rows(sa.select(moat).order_by(moat.c.month_end, moat.c.crm))
    if not rows:
        return Section("Moat", lead, [Note(YOUNG, absent=True)])
    shown = {"people_known": "People known", "pairs_two_way": "Pairs of one of us and one of them", "accounts_engaged": "Accounts engaged"}
    pictures = [Picture(caption, lines(*_months(rows, name), caption)) for name, caption in shown.items()]
    return Section("Moat", lead, [*pictures, _come_and_gone(rows)])


def _months(rows: Sequence[Row], name: str) -> tuple[list[str], Mapping[str, list[float | None]]]:
    days, series = _series(rows, "month_end", name)
    return [day[:7] for day in days], series


def _come_and_gone(rows: Sequence[Row]) -> Picture:
    """All CRMs together, the last twelve months."""
    months = sorted({row["month_end"] for row in rows})[-12:]
    sums = {
        name: [float(sum(row[name] for row in rows if row["month_end"] == month)) for month in months]
        for name in ("people_new", "people_lapsed")
    }
    series: dict[str, Sequence[float | None]] = {"new": sums["people_new"], "lapsed": sums["people_lapsed"]}
    return Picture("People new and lapsed, all CRMs", columns([f"{month:%y-%m}" for month in months], series, "people new and lapsed"))


def _funnel(facts: Facts) -> Section:
    lead = "Accounts called on, met, with an open deal, and won, in the last quarter that is over, and the quarters before."
    company = sa.select(funnel).where(funnel.c.view == "company").order_by(funnel.c.period_start.desc(), funnel.c.crm, funnel.c.place)
    rows = facts.rows(company)
    quarters = sorted({row["period_start"] for row in rows})
    if not rows:
        return Section("Funnel", lead, [Note(YOUNG, absent=True)])
    shown = quarters[-2] if len(quarters) > 1 else quarters[-1]
    pictures: list[Block] = [
        _steps(facts, crm, [row for row in rows if row["crm"] == crm and row["period_start"] == shown]) for crm in facts.config.crms
    ]
    told: Columns = {
        "Quarter": "period_start",
        "CRM": "crm",
        "Step": lambda row: facts.say(row["step"]),
        "Accounts": "accounts",
        "Ratio": percent("ratio"),
    }
    return Section("Funnel", lead, [*pictures, listing(facts, company, told, YOUNG, 16)])


def _steps(facts: Facts, crm: str, rows: Sequence[Row]) -> Block:
    if not rows:
        return Note(f"{crm}: {YOUNG}", absent=True)
    return Picture(
        f"{crm}, quarter from {rows[0]['period_start']}", bars([(facts.say(row["step"]), row["accounts"]) for row in rows], "funnel")
    )


def _leads(facts: Facts) -> Section:
    lead = "Leads by quarter of creation and what became of them; the conversion is of those that are closed, blank where they are too few."
    company = leads.c.view == "company"
    select = sa.select(leads).where(company).order_by(leads.c.period_start.desc().nulls_last(), leads.c.crm)
    told: Columns = {
        "Quarter": "period_start",
        "CRM": "crm",
        "Leads": "leads",
        "Converted": "converted",
        "Disqualified": "disqualified",
        "Open": "open",
        "Conversion": percent("conversion"),
        "Median days": "median_days",
    }
    return Section("Lead conversion", lead, [listing(facts, select, told, YOUNG, 16)])


def _lifecycle(facts: Facts) -> Section:
    lead = "Of the accounts that stood at a stage in a year, how many reached a higher one; the running year so far."
    years = lifecycle_years
    select: sa.Select[Any] = sa.select(years).where(years.c.accounts > 0).order_by(years.c.year.desc(), years.c.crm, years.c.place)
    told: Columns = {
        "Year": lambda row: str(row["year"]),
        "CRM": "crm",
        "From": lambda row: facts.say(row["stage"]),
        "To": lambda row: facts.say(row["next_stage"] or "unknown"),
        "Accounts": "accounts",
        "Moved": "moved",
        "Conversion": percent("ratio"),
    }
    return Section("Life cycle", lead, [listing(facts, select, told, YOUNG)])
