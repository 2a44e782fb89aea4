"""Can the figures be trusted: runs, what was read and left out, whose mail is captured, what the CRM refused."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from connectors.activation.reports import MAX_ATTEMPTS
from orchestration.freshness import as_of_held
from orchestration.report import runs
from orchestration.report.blocks import Block, Cell, Note, Page, Picture, Section, Table, Tiles
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import Columns, as_chip, chip, counted, linked, listing
from orchestration.report.pictures.bars import bars
from transforms.enrichment import tables as written
from transforms.history.tables import snapshots
from transforms.scores.tables import user_capture
from transforms.tables import entered_dropped, participants_dropped
from warehouse.ledger import pipeline_run, sync_quarantine, sync_run

NO_RUN = "No run came to its end yet: guanxi run."
RUNS = 10


def page(facts: Facts) -> Page:
    """The page `index`."""
    newest = runs.newest(facts)
    sections = [
        _now(facts, newest),
        _read(facts, newest),
        _runs(facts),
        _capture(facts),
        _checks(facts, newest),
        _refused(facts),
        _method(facts),
    ]
    return Page(
        "index", "Overview", "Can the figures be trusted: what was read, what was left out and why, and how old it all is.", sections
    )


def _now(facts: Facts, newest: Mapping[str, Row]) -> Section:
    counts = runs.objects(newest)
    read, kept = sum(item["read"] for item in counts), sum(item["counted"] for item in counts)
    dropped = sum(sum(item["dropped"].values()) for item in counts)
    people = facts.row(sa.select(sa.func.count().label("n")).where(written.contact.c.closeness.is_not(None)))
    tiles: list[tuple[str, Cell, str]] = [
        ("Activities read", read, f"= {kept:,} counted + {dropped:,} dropped with a reason"),
        ("Contacts scored", people.get("n", 0), "with a known closeness"),
        ("Records refused", _quarantined(facts), "by a CRM, several times in a row"),
    ]
    return Section("Today", "One line per CRM: which day its figures are of, and how its last run ended.", [Tiles(tiles), _fresh(facts)])


def _fresh(facts: Facts) -> Block:
    held = as_of_held(facts.warehouse) if facts.rows(sa.select(sync_run).limit(1)) else {}
    last = {str(row["crm"]): row for row in facts.rows(sa.select(snapshots).order_by(snapshots.c.as_of))}
    ended = runs.last_status(facts)
    rows: list[list[Cell]] = [
        [crm, ended.get(crm), held.get(crm), last.get(crm, {}).get("day"), last.get(crm, {}).get("method_version")]
        for crm in facts.config.crms
    ]
    return Table(["CRM", "Last run", "Figures in the CRM of", "Figures in this report of", "Method version"], rows, len(rows))


def _read(facts: Facts, newest: Mapping[str, Row]) -> Section:
    lead = "Every activity record is either counted or dropped with the first reason that applies; nothing disappears."
    counts = runs.objects(newest)
    if not counts:
        return Section("Read = counted + dropped", lead, [Note(NO_RUN, absent=True)])
    rows = [_account(item) for item in counts]
    reasons: dict[str, int] = {}
    for item in counts:
        for reason, number in item["dropped"].items():
            reasons[reason] = reasons.get(reason, 0) + number
    shown = sorted(reasons.items(), key=lambda pair: -pair[1])
    left_out = counted(facts, _by_count(participants_dropped.c.reason))
    blocks: list[Block] = [Table(["CRM", "Object", "Read", "Counted", "Dropped", "Not accounted for"], rows, len(rows))]
    blocks.append(Picture("Records dropped, by reason", bars(shown, "dropped records by reason")))
    if left_out:
        blocks.append(Picture("People left out of counted records, by reason", bars(list(left_out.items()), "people left out by reason")))
    return Section("Read = counted + dropped", lead, blocks)


def _account(item: Row) -> list[Cell]:
    dropped = sum(item["dropped"].values())
    return [item["crm"], item["object_name"], item["read"], item["counted"], dropped, item["read"] - item["counted"] - dropped]


def _by_count(word: "sa.ColumnElement[Any]") -> sa.Select[Any]:
    return sa.select(word, sa.func.count()).group_by(word).order_by(sa.func.count().desc(), word)


def _runs(facts: Facts) -> Section:
    columns: Columns = {
        "Started": lambda row: f"{row['started']:%Y-%m-%d %H:%M}",
        "Of": lambda row: runs.counts_of(row).get("crms", ""),
        "As of": "as_of",
        "Status": chip("status"),
        "Seconds": lambda row: round((row["finished"] - row["started"]).total_seconds()) if row["finished"] else None,
        "Written": lambda row: sum(item["written"] for item in runs.counts_of(row).get("entities", [])),
        "Warnings": lambda row: len(runs.counts_of(row).get("warnings", [])),
        "Why it failed": "message",
    }
    pushes: Columns = {
        "Planned": lambda row: f"{row['planned_at']:%Y-%m-%d %H:%M}",
        "CRM": "crm",
        "Mode": "mode",
        "Status": chip("status"),
        "Calls used": "calls_used",
        "Calls left": "calls_left",
    }
    ended = listing(facts, sa.select(pipeline_run).order_by(pipeline_run.c.started.desc()), columns, NO_RUN, RUNS)
    sent = listing(facts, sa.select(sync_run).order_by(sync_run.c.planned_at.desc()), pushes, "Nothing was planned or pushed yet.", RUNS)
    return Section("Last runs", "The newest first; below, what was planned and pushed into the CRMs.", [ended, sent])


def _capture(facts: Facts) -> Section:
    lead = "Where a user's inbound mail is not captured, the log shows one side only: reciprocity stays unknown, nobody is judged by it."
    if not facts.individual:
        rows: list[list[Cell]] = [[as_chip(word), number] for word, number in counted(facts, _by_count(user_capture.c.coverage)).items()]
        return Section("Capture of mail", lead, [Table(["Coverage", "Users"], rows, len(rows)) if rows else Note(NO_RUN, absent=True)])
    columns: Columns = {
        "User": linked(facts, "user", "user_id"),
        "Coverage": chip("coverage"),
        "Mails in": "emails_in",
        "Mails out": "emails_out",
        "People mailed": "people_mailed",
    }
    worst = sa.case(
        (user_capture.c.coverage == "missing", 0),
        (user_capture.c.coverage == "unclear", 1),
        (user_capture.c.coverage == "none", 2),
        else_=3,
    )
    select = sa.select(user_capture).order_by(worst, user_capture.c.emails_out.desc(), user_capture.c.user_id)
    return Section("Capture of mail", lead, [listing(facts, select, columns, NO_RUN, 12)])


def _checks(facts: Facts, newest: Mapping[str, Row]) -> Section:
    lines = [f"{crm}: {line}" for crm, run in newest.items() for line in runs.counts_of(run).get("warnings", [])]
    told: list[Block] = [Note(line) for line in lines] or [Note("The last runs gave no warning." if newest else NO_RUN, absent=not newest)]
    values = sa.select(
        entered_dropped.c.crm, entered_dropped.c.entity, entered_dropped.c.field, entered_dropped.c.reason, sa.func.count().label("n")
    )
    grouped = values.group_by(*list(values.selected_columns)[:4]).order_by(sa.desc("n"), *list(values.selected_columns)[:4])
    columns: Columns = {"CRM": "crm", "Of": "entity", "Field": "field", "Reason": "reason", "Values": "n"}
    told.append(listing(facts, grouped, columns, "Every value that people entered could be read."))
    return Section("Checks", "What the checks of the last runs said, and entered values that could not be used.", told)


def _quarantined(facts: Facts) -> int:
    refused = sa.select(sa.func.count().label("n")).where(sync_quarantine.c.attempts >= MAX_ATTEMPTS)
    return int(facts.row(refused).get("n", 0))


def _refused(facts: Facts) -> Section:
    columns: Columns = {
        "Record": lambda row: facts.link(row["crm"], row["entity"], row["record_id"]),
        "Of": "entity",
        "Attempts": "attempts",
        "Code": "code",
        "Since": "first_at",
    }
    select = sa.select(sync_quarantine).order_by(sync_quarantine.c.attempts.desc(), sync_quarantine.c.crm, sync_quarantine.c.record_id)
    lead = f"Records a CRM rejected; after {MAX_ATTEMPTS} rejections in a row a record is left alone until somebody looks at it."
    return Section("Rejected records", lead, [listing(facts, select, columns, "No CRM rejects anything.")])


def _method(facts: Facts) -> Section:
    grouped = sa.select(
        snapshots.c.crm, snapshots.c.method_version, sa.func.min(snapshots.c.day).label("since"), sa.func.count().label("days")
    ).group_by(snapshots.c.crm, snapshots.c.method_version)
    columns: Columns = {"CRM": "crm", "Method version": "method_version", "First used": "since", "Days on record": "days"}
    lead = "A figure is comparable with one of the same method; every change of the method is a new version."
    return Section("Method versions", lead, [listing(facts, grouped.order_by(snapshots.c.crm, sa.desc("since")), columns, NO_RUN)])
