"""User fields of contract 4.1: the ladder of rep grades over the accounts each user covers, in his or her own view."""

from typing import Any

from tests.transforms.oracle.evidence import Row, day_of, mean, rounded
from tests.transforms.oracle.maps import LEVELS, Maps

LADDER = ("Novice", "Junior", "Intermediate", "Senior", "Top")


def user(maps: Maps, user: Row) -> dict[str, Any]:
    name = user["user_id"]
    mine = {member["account_id"] for member in maps.world.account_members if member["user_id"] == name}
    covered = [account for account in maps.world.accounts if account["account_id"] in mine and account["is_live"]]
    levels = [maps.relationship(account, own_closeness(maps, account["account_id"], name), name) for account in covered]
    counts = {label: levels.count(label) for label in LEVELS[1:]}
    known = {row["person_id"] for row in maps.log.within(maps.log.of_user[name], 365) if row["two_way"] and row["person_kind"] == "contact"}
    reached = grade(maps, counts, user["industry_expert"] is True) if len(covered) >= maps.method["rep.min_accounts"] else None
    partial = not maps.log.captured(name)
    return {
        "rep_grade": None if partial and reached == "Novice" else reached,
        "accounts_initial": counts["Initial"],
        "accounts_mid": counts["Mid"],
        "accounts_strong": counts["Strong"],
        "next_grade_needs": needs(maps, counts, reached, partial),
        "people_known": len(known),
        "scored_on": day_of(maps.log.at),
    }


def own_closeness(maps: Maps, account: str, user: str) -> float | None:
    return rounded(mean(maps.judged(person, user) for person in maps.key_persons(account)), 1)


def short(maps: Maps, counts: dict[str, int], grade: str) -> dict[str, int]:
    """Accounts missing for a grade; one at Strong is one at Mid or better, too."""
    strong, mid, every = counts["Strong"], counts["Strong"] + counts["Mid"], sum(counts.values())
    wanted = {band: maps.method.values.get(f"rep.{grade.lower()}_{band}", 0) for band in ("strong", "mid", "all")}
    have = {"strong": strong, "mid": mid, "all": every}
    return {band: max(wanted[band] - have[band], 0) for band in wanted}


def grade(maps: Maps, counts: dict[str, int], expert: bool) -> str:
    reached = [grade for grade in LADDER if not any(short(maps, counts, grade).values())]
    if "Senior" not in reached:
        return next(grade for grade in reversed(LADDER[:3]) if grade in reached)
    return "Top" if expert or "Top" in reached else "Senior"


def needs(maps: Maps, counts: dict[str, int], grade: str | None, partial: bool) -> str | None:
    if grade in (None, "Top"):
        return None
    target = LADDER[LADDER.index(grade) + 1]
    words = {"strong": "at Strong", "mid": "at Mid or better", "all": "at Initial or better"}
    listed = ", ".join(f"{count} more {words[band]}" for band, count in short(maps, counts, target).items() if count)
    log = "Partial: inbound mail not captured; " if partial else ""
    return f"{log}{target}: {listed}" + (", or Industry Expert" if target == "Top" else "")
