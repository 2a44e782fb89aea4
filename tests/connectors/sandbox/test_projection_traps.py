"""The planted traps: every reason of the contract, each on records of its own, the same in every size."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sandbox.company import build
from connectors.sandbox.salesforce.later import happen
from connectors.sandbox.salesforce.project import load
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.traps import plant
from connectors.sandbox.salesforce.traps.people import ODD_TEXTS
from connectors.sandbox.salesforce.traps.planter import TRAP_POD, Planter

AS_OF = datetime(2026, 6, 1)
REASONS = {
    *(
        "deleted",
        "unknown_type",
        "private",
        "draft",
        "failed_send",
        "cancelled",
        "series_master",
        "invitee_copy",
        "email_twin",
        "plain_task",
    ),
    *("open", "future", "mass_mail", "not_a_person", "auto_reply", "internal_only", "no_person"),
}
ACTIVITIES = ("Task", "Event", "EmailMessage")


def org_at(folder: Path, size: str) -> Store:
    store = Store.create(folder, AS_OF)
    load(build(7, size, AS_OF.replace(tzinfo=UTC)), store)
    return store


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = org_at(tmp_path_factory.mktemp("org"), "tiny")
    yield store
    store.close()


def planted(org: Store, trap: str, name: str = "") -> list[tuple[str, str, str]]:
    """object, record_id, expected of a trap."""
    rows = org.read("select object, record_id, expected from _truth_traps where trap = ? order by record_id", [trap])
    return [row for row in rows if name in ("", row[0])]


def one(org: Store, trap: str, name: str, expected: str = "") -> str:
    (found,) = [record_id for _, record_id, verdict in planted(org, trap, name) if expected in ("", verdict)]
    return found


def value(org: Store, name: str, record_id: str, column: str) -> object:
    return org.read(f'select "{column}" from "{name}" where "Id" = ?', [record_id])[0][0]


def test_every_reason_of_the_contract_is_planted_and_so_is_counting(org: Store) -> None:
    found = {row[0] for row in org.read("select expected from _truth_traps where object in ('Task', 'Event', 'EmailMessage')")}
    assert found == REASONS | {"counted"}


def test_a_record_has_one_verdict(org: Store) -> None:
    assert org.read("select object, record_id from _truth_traps group by all having count(*) > 1") == []


def test_every_trap_is_a_record_of_its_own(org: Store) -> None:
    for name, record_id, _ in org.read("select object, record_id, expected from _truth_traps where object <> '_later'"):
        assert record_id[3:5] == TRAP_POD
        assert org.read(f'select 1 from "{name}" where "Id" = ?', [record_id]), (name, record_id)


def test_every_planted_activity_has_a_verdict(org: Store) -> None:
    for name in ACTIVITIES:
        judged = "select record_id from _truth_traps where object = ?"
        left = org.read(f'select "Id" from "{name}" where substr("Id", 4, 2) = ? and "Id" not in ({judged})', [TRAP_POD, name])
        assert left == [], name


def test_the_traps_are_the_same_in_every_size(org: Store, tmp_path: Path) -> None:
    small = org_at(tmp_path, "small")
    listed = "select trap, object, record_id, expected from _truth_traps order by all"
    assert small.read(listed) == org.read(listed)
    small.close()


def test_traps_follow_the_as_of_time() -> None:
    first, later = (plant(AS_OF + timedelta(days=days), "005") for days in (0, 100))
    assert first["_truth_traps"].equals(later["_truth_traps"])
    assert [
        b - a for a, b in zip(first["Event"]["StartDateTime"].to_pylist(), later["Event"]["StartDateTime"].to_pylist(), strict=True)
    ] == [timedelta(days=100)] * len(first["Event"])


# meetings


def test_a_meeting_with_three_invited_users_has_four_rows(org: Store) -> None:
    verdicts = sorted(expected for _, _, expected in planted(org, "three_user_invitees"))
    assert verdicts == ["counted", "invitee_copy", "invitee_copy", "invitee_copy"]


def test_a_classic_master_names_itself_and_a_lightning_one_is_told_by_its_type(org: Store) -> None:
    classic, lightning = one(org, "classic_series_master", "Event"), one(org, "lightning_series_master", "Event")
    assert value(org, "Event", classic, "RecurrenceActivityId") == classic
    assert value(org, "Event", classic, "IsRecurrence") is True
    assert value(org, "Event", lightning, "IsRecurrence") is False
    assert value(org, "Event", lightning, "GroupEventType") == "3"
    assert len(planted(org, "lightning_series_occurrence")) == 2


def test_a_public_calendar_owns_a_meeting_without_being_anybody(org: Store) -> None:
    owner = value(org, "Event", one(org, "public_calendar", "Event"), "OwnerId")
    assert str(owner).startswith("023")
    assert str(value(org, "Task", one(org, "queue_owner", "Task"), "OwnerId")).startswith("00G")


def test_those_who_declined_are_named_by_their_relation(org: Store) -> None:
    relations = [record_id for name, record_id, _ in planted(org, "declined_invitees") if name == "EventRelation"]
    statuses = {value(org, "EventRelation", relation, "Status") for relation in relations}
    assert statuses == {"Declined", "Uninvited"}


# tasks


def test_the_archive_takes_closed_tasks_of_366_days_and_leaves_open_ones_of_400(org: Store) -> None:
    closed, open_one = one(org, "closed_366_days_old_archived", "Task"), one(org, "open_400_days_old", "Task")
    assert value(org, "Task", closed, "IsArchived") is True
    assert value(org, "Task", closed, "ActivityDate") == (AS_OF - timedelta(days=366, minutes=90)).date()
    assert value(org, "Task", open_one, "IsArchived") is False
    assert value(org, "Task", open_one, "IsClosed") is False


def test_an_integration_logs_mails_with_the_subtype_of_a_plain_task(org: Store) -> None:
    task = one(org, "integration_email_by_subject", "Task")
    assert value(org, "Task", task, "TaskSubtype") == "Task"
    assert str(value(org, "Task", task, "Subject")).startswith("Email: ")


def test_a_lead_has_activities_without_an_account(org: Store) -> None:
    task = one(org, "lead_only", "Task")
    assert str(value(org, "Task", task, "WhoId")).startswith("00Q")
    assert value(org, "Task", task, "AccountId") is None


def test_a_subject_may_hold_newlines_quotes_and_line_separators(org: Store) -> None:
    subject = str(value(org, "Task", one(org, "subject_with_newline_and_quotes", "Task"), "Subject"))
    assert all(letter in subject for letter in '\n"\u2028🦊')


# mails


def test_a_recreated_twin_is_not_the_task_the_mail_names(org: Store) -> None:
    mail = one(org, "recreated_twin", "EmailMessage")
    old, new = one(org, "recreated_twin", "Task", "deleted"), one(org, "recreated_twin", "Task", "email_twin")
    assert value(org, "EmailMessage", mail, "ActivityId") == old
    for column in ("WhoId", "WhatId", "CompletedDateTime"):
        assert value(org, "Task", old, column) == value(org, "Task", new, column)


def test_of_two_copies_of_one_mail_the_earlier_counts(org: Store) -> None:
    first = one(org, "one_mail_logged_twice", "EmailMessage", "counted")
    second = one(org, "one_mail_logged_twice", "EmailMessage", "email_twin")
    assert value(org, "EmailMessage", first, "MessageIdentifier") == value(org, "EmailMessage", second, "MessageIdentifier")
    assert value(org, "EmailMessage", first, "MessageDate") < value(org, "EmailMessage", second, "MessageDate")  # type: ignore[operator]


@pytest.mark.parametrize(("trap", "recipients"), [("ten_recipients", 10), ("eleven_recipients", 11)])
def test_the_mass_mail_limit_is_met_exactly(org: Store, trap: str, recipients: int) -> None:
    mail = one(org, trap, "EmailMessage")
    received = """select count(*) from "EmailMessageRelation" where "EmailMessageId" = ? and "RelationType" <> 'FromAddress'"""
    assert org.read(received, [mail])[0][0] == recipients


def test_a_mail_has_200_kilobytes_of_html(org: Store) -> None:
    assert len(str(value(org, "EmailMessage", one(org, "html_of_200_kilobytes", "EmailMessage"), "HtmlBody"))) > 200_000


# people


def test_merged_contacts_lead_to_their_survivor_over_two_steps(org: Store) -> None:
    middle, loser = one(org, "merged_contact", "Contact"), one(org, "merged_twice", "Contact")
    assert value(org, "Contact", loser, "MasterRecordId") == middle
    survivor = value(org, "Contact", middle, "MasterRecordId")
    assert value(org, "Contact", str(survivor), "IsDeleted") is False
    assert value(org, "Task", one(org, "merged_twice", "Task"), "WhoId") == loser
    assert one(org, "merged_twice", "TaskRelation", f"participant_is:{survivor}")


def test_a_converted_lead_names_the_contact_it_became(org: Store) -> None:
    task = one(org, "converted_lead", "Task")
    lead = str(value(org, "Task", task, "WhoId"))
    assert value(org, "Lead", lead, "IsConverted") is True
    assert one(org, "converted_lead", "TaskRelation", f"participant_is:{value(org, 'Lead', lead, 'ConvertedContactId')}")


def test_two_contacts_share_an_address_and_the_account_decides(org: Store) -> None:
    shared = org.read("""select "Id", "AccountId" from "Contact" where "Email" = 'office.shared@trapworks.example' order by "Id" """)
    (smallest, _), (other, account) = shared
    assert value(org, "EmailMessage", one(org, "shared_address_on_account", "EmailMessage"), "RelatedToId") == account
    assert one(org, "shared_address_on_account", "EmailMessageRelation", f"participant_is:{other}")
    assert one(org, "shared_address_elsewhere", "EmailMessageRelation", f"participant_is:{smallest}")


def test_an_outside_record_has_the_address_of_one_of_ours(org: Store) -> None:
    relation = one(org, "contact_with_our_address_in_copy", "EmailMessageRelation")
    contact = str(value(org, "EmailMessageRelation", relation, "RelationId"))
    ours = 'select count(*) from "User" where lower("Email") = (select lower("Email") from "Contact" where "Id" = ?)'
    assert contact.startswith("003")
    assert org.read(ours, [contact])[0][0] == 1


@pytest.mark.parametrize("trap", ODD_TEXTS)
def test_odd_texts_are_stored_as_they_are(org: Store, trap: str) -> None:
    contact = one(org, trap, "Contact")
    for column, text in ODD_TEXTS[trap].items():
        assert value(org, "Contact", contact, column) == text


# what happens later


def test_late_rows_and_traceless_deletes_happen_when_told(tmp_path: Path) -> None:
    store = org_at(tmp_path, "tiny")
    ((_, late, _),) = planted(store, "committed_late")
    member = one(store, "hard_deleted_team_member", "AccountTeamMember", "later:hard_delete")
    relation = one(store, "task_relation_in_delete_log_only", "TaskRelation", "later:logged_delete")
    assert store.read('select 1 from "Task" where "Id" = ?', [late]) == []
    newest = store.read('select max("SystemModstamp") from "Task"')[0][0]
    happen(store)
    assert store.read('select "SystemModstamp" from "Task" where "Id" = ?', [late])[0][0] < newest
    assert store.read('select 1 from "AccountTeamMember" where "Id" = ?', [member]) == []
    assert store.read("select object from _deleted where id in (?, ?)", [member, relation]) == [("TaskRelation",)]
    store.close()


def test_a_relation_deleted_before_is_in_the_delete_log_only(org: Store) -> None:
    ((name, record_id, deleted_at),) = org.read("select object, id, deleted_at from _deleted")
    assert org.read(f'select 1 from "{name}" where "Id" = ?', [record_id]) == []
    assert AS_OF - timedelta(days=15) < deleted_at < AS_OF


def test_a_late_row_is_complete(org: Store) -> None:
    record = json.loads(org.read("select record from _later where object = 'Task'")[0][0])
    assert {"Id", "WhoId", "OwnerId", "SystemModstamp", "CompletedDateTime", "IsClosed", "TaskSubtype"} <= set(record)


def test_planted_rows_have_no_missing_flags() -> None:
    row = Planter(AS_OF, "005").row("Event", Subject="x")
    assert row["IsChild"] is False
    assert row["SystemModstamp"] <= AS_OF
