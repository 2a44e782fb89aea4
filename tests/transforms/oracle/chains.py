"""Opportunity fields of contract 4.1: the decision chain and the win signal (`method.md` section 8)."""

from collections import defaultdict
from typing import Any

from tests.transforms.oracle import persons
from tests.transforms.oracle.evidence import DAY, Row, day_of, mean, rounded
from tests.transforms.oracle.maps import ROLES, Maps, roles


def chain(maps: Maps, deal: Row) -> tuple[list[Row], dict[str, set[str]]]:
    """People of the decision chain, and the roles each holds on it."""
    known = {name.lower(): name for name in ROLES} | dict(maps.method["opportunity.roles"])
    live = {one["person_id"]: one for one in maps.world.people if one["is_live"]}
    held: dict[str, set[str]] = defaultdict(set)
    for role in maps.world.opportunity_roles:
        if role["opportunity_id"] == deal["opportunity_id"] and role["person_id"] in live:
            held[role["person_id"]] |= {known.get((role["role"] or "").strip().lower(), "")}
    people = [live[name] for name in held] or maps.key_persons(deal["account_id"])
    return people, {one["person_id"]: held.get(one["person_id"], set()) | roles(one) for one in people}


def threads(maps: Maps, deal: Row) -> int:
    people = {role["person_id"] for role in maps.world.opportunity_roles if role["opportunity_id"] == deal["opportunity_id"]}
    rows = [row for row in maps.log.rows if row["person_id"] in people]
    return len(maps.log.users_in_touch(rows, maps.method["opportunity.days"]))


def opportunity(maps: Maps, deal: Row) -> dict[str, Any]:
    people, held = chain(maps, deal)
    reached = [one for one in people if maps.log.users_in_touch(maps.log.of_person[one["person_id"]], maps.method["opportunity.days"])]
    averages = {
        "chain_closeness": rounded(mean(persons.effective(maps.log, one) for one in people), 1),
        "chain_solution": rounded(mean(one["solution_acceptance"] for one in people), 2),
        "chain_price": rounded(mean(one["price_acceptance"] for one in people), 2),
    }
    return {
        **averages,
        "chain_missing": ", ".join(role for role in ROLES if not any(role in mine for mine in held.values())) or None,
        "deciders_reached": sum("Decider" in held[one["person_id"]] for one in reached),
        "veto_against": any(one["vote"] in ("Veto", "Both") and (one["attitude"] or 0) < 0 for one in people),
        "threads": threads(maps, deal),
        "win_signal": win_signal(maps, deal, *averages.values()),
        "horizon": horizon(maps, deal["close_day"] - maps.log.at // DAY),
        "scored_on": day_of(maps.log.at),
    }


def win_signal(maps: Maps, deal: Row, closeness: float | None, solution: float | None, price: float | None) -> float | None:
    if deal["compelling_event"] is not True:
        return None
    if (deal["competitor_rank"] or 0) > maps.method["win_signal.last_rank"]:
        return 0.0
    base = mean([closeness, *(None if one is None else (one + 2) * 25 for one in (solution, price))])
    factor = 1 if deal["inside_source"] else maps.method["win_signal.no_inside_source"]
    return None if base is None else rounded(base * factor, 1)


def horizon(maps: Maps, days: int) -> str | None:
    for cut, label in (("quarter", "0-3 months"), ("year", "3-12 months"), ("far", "1-3 years")):
        if days <= maps.method[f"horizon.{cut}_days"]:
            return label
    return None
