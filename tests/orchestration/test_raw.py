"""What an extraction tells beside its numbers."""

from connectors.contract import ExtractReport, ObjectReport
from orchestration.assets.raw import newly_hidden

BEFORE = {"Contact": ["Id", "Title", "GX_Attitude__c"], "AccountTeamMember": ["Id"], "Task": ["Id"]}


def told(*objects: ObjectReport, before: dict[str, list[str]] = BEFORE) -> list[str]:
    report = ExtractReport("sales", {item.object_name: item for item in objects})
    return [line.partition(" could be read last time")[0] for line in newly_hidden(report, before)]


def test_a_right_that_was_taken_away_is_told_the_night_it_happens() -> None:
    contact = ObjectReport("Contact", hidden_columns=("Department", "GX_Attitude__c"))
    team = ObjectReport("AccountTeamMember", mode="skipped", skipped="not in this org")
    assert told(contact, team, ObjectReport("Task")) == ["sales: Contact: GX_Attitude__c", "sales: AccountTeamMember"]


def test_what_was_hidden_before_or_is_read_for_the_first_time_is_not_told() -> None:
    contact = ObjectReport("Contact", hidden_columns=("Department",))
    assert told(contact) == told(ObjectReport("Contact", hidden_columns=("Title",)), before={}) == []
