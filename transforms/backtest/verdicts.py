"""`backtest.verdicts`: the answers in plain words. Every sentence is true of the figures and says where they end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from transforms.backtest.forecast import error
from transforms.backtest.measure import Figure
from transforms.base import Context

Row = dict[str, Any]
RIVALS: Final[Mapping[str, tuple[str, str]]] = {
    "count": ("Better than counting?", "counting events of the last year"),
    "recency": ("Better than the date of the last contact?", "days since the last contact"),
    "decayed_count": ("Better than counting with decay?", "counting with a half-life"),
    "decayed_split": (
        "Better than counting with decay, split over recipients?",
        "counting with a half-life, each event split over its recipients",
    ),
}
CHANCE_ASKED: Final = "Can the chance of contact in 90 days be told?"
DEALS_ASKED: Final = "Were we closer to accounts before won deals than before lost ones?"
YES, NO, OPEN, UNKNOWN = "yes", "no", "not distinguishable", "not measured"


def rows(context: Context, crms: Sequence[str], ranking: Sequence[Row], compared: Sequence[Row], deals: Sequence[Row]) -> list[Row]:
    """One row per CRM and question, in the order they are read."""
    return [
        {"crm": crm, "position": place, **row}
        for crm in crms
        for place, row in enumerate(
            _of_crm(context, *([row for row in given if row["crm"] == crm] for given in (ranking, compared, deals)))
        )
    ]


def _of_crm(context: Context, ranking: Sequence[Row], compared: Sequence[Row], deals: Sequence[Row]) -> Iterator[Row]:
    whole = {row["score"]: row for row in ranking if row["cut"] is None}
    dates = sum(row["score"] == "closeness" and row.get("auc") is not None and row["cut"] is not None for row in ranking)
    days = context.method["backtest.window_days"]
    for name, (question, words) in RIVALS.items():
        yield {"question": question, **(_against(whole["closeness"], whole[name], words, dates, days) if whole else _too_young(context))}
    yield {"question": CHANCE_ASKED, **_chance(context, compared)}
    yield {"question": DEALS_ASKED, **_deals(context, next((row for row in deals if row.get("age_band") is None), {}))}


def _too_young(context: Context) -> Row:
    method = context.method
    least = method["backtest.min_history_days"] + method["backtest.window_days"]
    pairs = method["backtest.min_pairs"]
    needs = f"it takes about {least} days of log, with {pairs} pairs that stayed in contact and {pairs} that did not"
    return {"answer": UNKNOWN, "sentence": f"Not measured: {needs}."}


def _against(ours: Row, rival: Row, words: str, dates: int, days: int) -> Row:
    found = Figure(rival["ahead"], rival["ahead_low"], rival["ahead_high"])
    answer = answered(found)
    lead = {
        YES: f"Yes: closeness orders pairs better than {words}",
        NO: f"No: {words} orders pairs better than closeness does",
        OPEN: f"Not distinguishable from {words}; the simpler figure would do as well here",
    }[answer]
    facts = (
        f"{_times(ours['auc'])} against {_times(rival['auc'])} of 100 comparisons right, difference {_points(found)}; "
        f"{ours['pairs']:,} pairs at {dates} past {'date' if dates == 1 else 'dates'}, "
        f"{ours['in_contact']:,} in contact both ways in the {days} days after"
    )
    return {"answer": answer, "sentence": f"{lead} ({facts}).", "figure": found.value, "low": found.low, "high": found.high}


def answered(found: Figure) -> str:
    """Yes or no only where the whole interval says so."""
    return YES if found.low > 0 else NO if found.high < 0 else OPEN


def _chance(context: Context, compared: Sequence[Row]) -> Row:
    found, limit = error(compared), context.method["backtest.calibration_error"]
    if found is None:
        return {
            "answer": UNKNOWN,
            "sentence": "Not measured: it takes two past dates, the first to learn from. Until then no chance is shown.",
        }
    pairs = sum(row["pairs"] for row in compared)
    facts = (
        f"what was told and what happened differ by {100 * found:.1f} points on average, over {pairs:,} pairs told from earlier dates alone"
    )
    if found <= limit:
        return {"answer": YES, "sentence": f"Yes: {facts}.", "figure": found}
    return {"answer": NO, "sentence": f"No: {facts}; above {100 * limit:g} points no chance is shown.", "figure": found}


def _deals(context: Context, whole: Row) -> Row:
    if whole.get("low") is None:
        least = context.method["backtest.min_deals"]
        return {
            "answer": UNKNOWN,
            "sentence": f"Not measured: it takes {least} won and {least} lost deals of like age and amount with known closeness.",
        }
    found = Figure(whole["difference"], whole["low"], whole["high"])
    answer = answered(found)
    lead = {
        YES: "Yes: on the day before closing, closeness was higher at won deals",
        NO: "No: on the day before closing, closeness was lower at won deals",
        OPEN: "Not distinguishable: on the day before closing, closeness was about the same at won and lost deals",
    }[answer]
    sizes = f"{whole['won']:,} won and {whole['lost']:,} lost ones of like age and amount"
    facts = f"{sizes}, difference {found.value:+.1f} of 100 points, {_range(found, 1)}"
    return {
        "answer": answer,
        "sentence": f"{lead} ({facts}). The two go together or not; this does not tell why.",
        "figure": found.value,
        "low": found.low,
        "high": found.high,
    }


def _times(auc: float) -> str:
    return f"{100 * auc:.1f}"


def _points(found: Figure) -> str:
    return f"{100 * found.value:+.1f}, {_range(found, 100)}"


def _range(found: Figure, factor: float) -> str:
    return f"95 % interval {factor * found.low:+.1f} to {factor * found.high:+.1f}"
