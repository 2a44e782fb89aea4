"""An explanation put into words for the person who looks after the CRM: what was written, what it means, what it rests on.

Plain English lines of at most 140 characters where no long text is shown; ids only. What a field is called and means is
handed in, because the catalogue of fields belongs to the connectors.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from transforms.explain import Explanation, PairTerms

PARTS_SHOWN: Final = 20
WIDE: Final = 20

RULES: Final[Mapping[str, str]] = {
    "balanced": "(sqrt(X_out) + sqrt(X_in))^2 / 2",
    "capped": "held low: no two-way evidence",
    "plain sum": "X_out + X_in: inbound mail of the user is not captured",
}
REASONS: Final[Mapping[str, str]] = {
    "deleted": "deleted in the CRM",
    "unknown_type": "a Task of a subtype that is not counted",
    "private": "marked private",
    "draft": "a draft, never sent",
    "failed_send": "a mail that bounced or failed",
    "cancelled": "cancelled",
    "series_master": "the pattern of a series; its single meetings count",
    "invitee_copy": "an invitee's copy of a meeting that is counted once",
    "email_twin": "a second record of a mail that is counted once",
    "plain_task": "a to-do that is neither call, mail nor meeting",
    "open": "not completed",
    "future": "later than the as-of",
    "mass_mail": "a list mail, or one to too many recipients",
    "not_a_person": "a queue, calendar, machine or no-reply address where a person should be",
    "auto_reply": "an automatic reply",
    "internal_only": "only our own people took part",
    "no_person": "no contact or lead took part",
    "declined": "took part without this person, who declined",
    "unresolved": "an address that belongs to no record",
    "ours": "an outside record with the address of one of our users",
    "not_sender": "only copied on a mail that somebody else sent in",
}


def render(told: Explanation, meanings: Mapping[str, tuple[str, str]] | None = None) -> str:
    """The explanation as lines; `meanings`: label and description by field name in lower case."""
    parts = {"account": "Key persons: their mean is the closeness", "user": "Accounts covered, in this user's own view"}
    return "\n".join(
        [
            f"{told.crm}:{told.record_id} ({told.entity}), method {told.method_version}",
            *_windows(told),
            *_section("Fields", [_field(name, value, meanings or {}) for name, value in told.fields.items()]),
            *_section(parts.get(told.entity, ""), _parts(told)),
            *_section("Strongest pairs of our user and an outside person", _pairs(told)),
            *_section(
                f"Activities that weigh most today (halved every {told.half_life_days:g} days; the largest per channel, side and day)",
                [f"{one.event_id:{WIDE}} {one.day}  {one.channel:8} {one.weight:7.3f}" for one in told.activities],
            ),
            *_section("Left out", [f"{count:5}  {reason:14} {REASONS.get(reason, '')}".rstrip() for reason, count in told.dropped.items()]),
            *_section("What raises the grade", told.needs),
        ]
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _windows(told: Explanation) -> list[str]:
    quarter, year = (f"{told.as_of - timedelta(days=days):%Y-%m-%d %H:%M}" for days in (90, 365))
    return [
        f"As of {told.as_of:%Y-%m-%d %H:%M} UTC: 90 days are all after {quarter}, 365 days all after {year}. Blank is unknown, never zero."
    ]


def _field(name: str, value: Any, meanings: Mapping[str, tuple[str, str]]) -> str:
    label, meaning = meanings.get(name, (name, ""))
    shown = _shown(value)
    return f"{label:28} {shown}" if len(shown) > WIDE else f"{label:28} {shown:{WIDE}} {meaning}".rstrip()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "(blank)" if value is None else str(value)


def _parts(told: Explanation) -> list[str]:
    lines = [f"{part.record_id:{WIDE}} {_points(part.closeness):>9}  {part.note}" for part in told.parts[:PARTS_SHOWN]]
    hidden = len(told.parts) - PARTS_SHOWN
    return [*lines, f"and {hidden} more"] if hidden > 0 else lines


def _points(closeness: float | None) -> str:
    return "(unknown)" if closeness is None else f"{closeness:.1f}"


def _pairs(told: Explanation) -> list[str]:
    """The terms of each pair, what they stand for, and how a person's pairs combine."""
    if not told.pairs:
        return []
    return [
        f"{'user':{WIDE}} {'person':{WIDE}} {'X_out':>8} {'X_in':>8} {'I':>8} {'closeness':>10}  I is",
        *(_pair(pair) for pair in told.pairs),
        "X_out, X_in: what our side and theirs put in, decayed. Meetings and connected calls count on both sides.",
        "closeness = 100 * (1 - 2^(-I / kappa)); kappa is the intensity of a typical live relationship, worth 50:",
        f"kappa {told.kappa}",
        *(_combined(told) if told.entity in ("contact", "lead") else ()),
    ]


def _pair(pair: PairTerms) -> str:
    terms = f"{pair.x_out:8.3f} {pair.x_in:8.3f} {pair.intensity:8.3f} {pair.closeness:10.1f}"
    return f"{pair.user_id:{WIDE}} {pair.person_id:{WIDE}} {terms}  {RULES[pair.rule]}"


def _combined(told: Explanation) -> list[str]:
    """How the strongest users make the figure of a person, and what the grade goes by."""
    factors = " * ".join(f"(1 - {pair.closeness / 100:.3f})" for pair in told.pairs)
    weaker = told.pairs_in_all - len(told.pairs)
    lines = [f"together: 100 * (1 - {factors}) = {told.fields['closeness']}"]
    if weaker:
        lines.append(f"{weaker} weaker pairs are not in the figure")
    if told.attitude_points is not None:
        lines.append(f"The grade goes by the attitude people entered, which stands for {told.attitude_points:g}.")
    return lines
