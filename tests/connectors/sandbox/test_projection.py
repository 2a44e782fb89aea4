"""The company's Salesforce rows: whole, consistent with one another, and as Salesforce would have made them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.fields import MAPPED, all_specs, api_name
from connectors.sandbox.company import SIZES, build
from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.ownfields import OWN
from connectors.sandbox.salesforce.permissions import Access
from connectors.sandbox.salesforce.project import load
from connectors.sandbox.salesforce.schema import DATA_OBJECTS, SOBJECTS
from connectors.sandbox.salesforce.store import Store

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
OWN_OF = {(table, table.lower()) for table, _ in OWN}
STORED = [name for name in DATA_OBJECTS if name in SOBJECTS]
ACTIVITY_COUNT = 'select (select count(*) from "Task") + (select count(*) from "Event") + (select count(*) from "EmailMessage")'


def made(folder: Path, size: str = "tiny", seed: int = 7) -> Store:
    store = Store.create(folder, AS_OF.replace(tzinfo=None))
    load(build(seed, size, AS_OF), store)
    return store


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = made(tmp_path_factory.mktemp("org"), "small")
    yield store
    store.close()


def count(org: Store, sql: str) -> int:
    return int(org.read(f"select count(*) from {sql}")[0][0])


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_a_size_has_about_the_activity_records_it_promises(tmp_path: Path, size: str) -> None:
    store = made(tmp_path / size, size)
    records = store.read(ACTIVITY_COUNT)[0][0]
    store.close()
    assert abs(records / SIZES[size].activities - 1) < 0.15


def test_the_same_seed_fills_the_same_rows(tmp_path: Path) -> None:
    sums = []
    for turn in ("first", "second"):
        store = made(tmp_path / turn)
        tables = [*STORED, "_truth_pairs", "_truth_traps", "_entered_Contact", "_later", "_later_deletes", "_deleted"]
        sums.append([store.read(f'select count(*), bit_xor(hash(t)) from "{name}" t') for name in tables if name != "User"])
        store.close()
    assert sums[0] == sums[1]


@pytest.mark.parametrize("name", STORED)
def test_ids_are_unique_and_well_formed(org: Store, name: str) -> None:
    found = [row[0] for row in org.read(f'select "Id" from "{name}"')]
    assert len(found) == len(set(found)) > 0
    assert all(record_id[:3] == SOBJECTS[name].key_prefix and ids.normal(record_id) == record_id for record_id in found)


@pytest.mark.parametrize("name", STORED)
def test_every_lookup_leads_to_a_record(org: Store, name: str) -> None:
    for field in SOBJECTS[name].columns:
        if field.type != "reference" or field.name in ("CreatedById", "LastModifiedById"):
            continue
        targets = [target for target in field.reference_to if target in SOBJECTS]
        union = " union all ".join(f'select "Id" from "{target}"' for target in targets)
        assert count(org, f'"{name}" where "{field.name}" is not null and "{field.name}" not in ({union})') == 0, field.name


@pytest.mark.parametrize("name", STORED)
def test_stamps_lie_between_creation_and_now(org: Store, name: str) -> None:
    wrong = '"SystemModstamp" < "CreatedDate" or "SystemModstamp" > ? or "SystemModstamp" is null or "CreatedDate" is null'
    assert org.read(f'select count(*) from "{name}" where {wrong}', [AS_OF.replace(tzinfo=None)])[0][0] == 0


@pytest.mark.parametrize("name", STORED)
def test_no_flag_is_null(org: Store, name: str) -> None:
    for field in SOBJECTS[name].columns:
        if field.type == "boolean":
            assert count(org, f'"{name}" where "{field.name}" is null') == 0, field.name


@pytest.mark.parametrize("name", STORED)
def test_restricted_picklists_hold_listed_values_only(org: Store, name: str) -> None:
    for field in SOBJECTS[name].columns:
        if field.type == "picklist" and field.restricted:
            listed = [getattr(value, "value", value) for value in field.values]
            assert {row[0] for row in org.read(f'select distinct "{field.name}" from "{name}"')} <= {*listed, None}, field.name


# meetings


def test_every_invited_user_who_has_not_declined_has_a_child_event(org: Store) -> None:
    expected = count(
        org, """"EventRelation" where left("RelationId", 3) = '005' and coalesce("Status", '') not in ('Declined', 'Uninvited')"""
    )
    assert count(org, '"Event" where "IsChild"') == expected > 100


def test_child_events_repeat_the_meeting_and_have_no_relations(org: Store) -> None:
    assert count(org, '"EventRelation" r join "Event" e on e."Id" = r."EventId" where e."IsChild"') == 0
    parents = '(select "Subject", "StartDateTime", "WhoId" from "Event" where not "IsChild")'
    assert count(org, f'"Event" where "IsChild" and ("Subject", "StartDateTime", "WhoId") not in {parents} and "WhoId" is not null') == 0


def test_the_who_person_of_a_meeting_is_among_its_relations(org: Store) -> None:
    related = (
        'exists (from "EventRelation" r where r."EventId" = e."Id" and r."RelationId" = e."WhoId" and r."IsParent" and not r."IsWhat")'
    )
    assert count(org, f'"Event" e where "WhoId" is not null and not "IsChild" and not {related}') == 0


def test_private_events_are_related_to_nobody(org: Store) -> None:
    assert count(org, '"Event" where "IsPrivate"') > 5
    assert count(org, '"Event" where "IsPrivate" and ("WhoId" is not null or "WhatId" is not null or "AccountId" is not null)') == 0


def test_some_invited_people_declined_and_some_are_only_related(org: Store) -> None:
    people = """"EventRelation" where left("RelationId", 3) = '003'"""
    assert count(org, f"""{people} and "Status" = 'Declined'""") > 10
    assert count(org, f"""{people} and not "IsInvitee" and "Status" is null""") > 10


# tasks


def test_old_closed_tasks_and_old_events_are_archived_and_open_ones_are_not(org: Store) -> None:
    old = "date '2026-06-01' - 365"
    natural = """substr("Id", 4, 2) = '5g'"""
    assert count(org, f'"Task" where {natural} and "IsArchived" <> ("IsClosed" and "ActivityDate" <= {old})') == 0
    assert count(org, f'"Event" where {natural} and "IsArchived" <> ("ActivityDate" <= {old})') == 0
    assert count(org, f'"Task" where not "IsClosed" and "ActivityDate" <= {old}') > 0


def test_activities_with_leads_have_no_account(org: Store) -> None:
    assert count(org, """"Task" where left("WhoId", 3) = '00Q'""") > 10
    assert count(org, """"Task" where left("WhoId", 3) = '00Q' and ("AccountId" is not null or "WhatId" is not null)""") == 0


def test_the_account_of_an_activity_is_that_of_its_deal(org: Store) -> None:
    assert count(org, """"Task" where left("WhatId", 3) = '006'""") > 100
    assert count(org, '"Task" t join "Opportunity" o on o."Id" = t."WhatId" where o."AccountId" <> t."AccountId"') == 0


def test_further_people_of_a_call_are_in_task_relations_only(org: Store) -> None:
    people = """(select "TaskId" from "TaskRelation" where not "IsWhat" group by 1 having count(*) > 1)"""
    assert count(org, people) > 5


def test_every_call_has_the_fields_of_a_call(org: Store) -> None:
    calls = """"Task" where "TaskSubtype" = 'Call'"""
    assert count(org, f'{calls} and "CallType" is null') == 0
    assert count(org, f"""{calls} and regexp_matches(lower("CallDisposition"), 'voicemail|no answer')""") > 50
    assert count(org, f'{calls} and "IsDeleted"') > 0


# mails


def test_every_mail_has_a_twin_task_of_the_same_minute(org: Store) -> None:
    natural = """"EmailMessage" m left join "Task" t on t."Id" = m."ActivityId" where substr(m."Id", 4, 2) = '5g'"""
    assert (
        count(org, f"""{natural} and t."TaskSubtype" = 'Email' and t."CompletedDateTime" = m."MessageDate" """)
        == count(org, natural)
        > 1_000
    )


def test_some_mails_were_logged_as_tasks_only(org: Store) -> None:
    lone = (
        """"Task" where "Subject" like 'Email:%' and "Id" not in (select "ActivityId" from "EmailMessage" where "ActivityId" is not null)"""
    )
    assert count(org, f"""{lone} and "TaskSubtype" = 'Email'""") > 50
    assert count(org, f"""{lone} and "TaskSubtype" = 'Task'""") > 50


def test_the_address_lines_of_a_mail_are_its_relations(org: Store) -> None:
    lines = {"FromAddress": "FromAddress", "ToAddress": "ToAddress", "CcAddress": "CcAddress", "BccAddress": "BccAddress"}
    for field, kind in lines.items():
        listed = f"""(select "EmailMessageId" as id, string_agg("RelationAddress", '; ' order by "Id") as line
            from "EmailMessageRelation" where "RelationType" = '{kind}' group by 1)"""
        natural = """substr(m."Id", 4, 2) = '5g'"""
        compared = f'"EmailMessage" m left join {listed} r on r.id = m."Id" where {natural} and m."{field}" is distinct from r.line'
        assert count(org, compared) == 0, field


def test_some_relations_are_known_by_address_only(org: Store) -> None:
    unresolved = count(org, '"EmailMessageRelation" where "RelationId" is null')
    assert 0.03 < unresolved / count(org, '"EmailMessageRelation"') < 0.15
    assert count(org, '"EmailMessageRelation" where ("RelationId" is null) <> ("RelationObjectType" is null)') == 0


def test_mass_mails_and_automatic_mails_occur_naturally(org: Store) -> None:
    mass = """(select "EmailMessageId" from "EmailMessageRelation" where "RelationType" <> 'FromAddress' group by 1 having count(*) > 10)"""
    assert count(org, mass) > 1
    assert count(org, """"EmailMessage" where "FromAddress" like 'no%reply@%' and substr("Id", 4, 2) = '5g'""") > 1


# records and truth


def test_every_contact_has_one_direct_account_relation(org: Store) -> None:
    direct = """"AccountContactRelation" r join "Contact" c on c."Id" = r."ContactId" where "IsDirect" """
    assert count(org, direct) == count(org, f'{direct} and c."AccountId" = r."AccountId"') == count(org, '"Contact"')
    assert count(org, '"AccountContactRelation" where not "IsDirect"') > 5


def test_reporting_lines_stay_within_the_account(org: Store) -> None:
    lines = '"Contact" c join "Contact" b on b."Id" = c."ReportsToId"'
    assert count(org, lines) > 100
    assert count(org, f'{lines} where b."AccountId" <> c."AccountId"') == 0


def test_closed_deals_are_won_or_lost(org: Store) -> None:
    assert count(org, """"Opportunity" where "IsClosed" <> ("StageName" in ('Closed Won', 'Closed Lost'))""") == 0
    assert count(org, """"Opportunity" where "IsWon" <> ("StageName" = 'Closed Won')""") == 0
    assert {row[0] for row in org.read('select distinct "IsWon" from "Opportunity" where "IsClosed"')} == {True, False}


def test_the_truth_names_users_and_people_of_the_org(org: Store) -> None:
    assert count(org, '_truth_pairs where user_id not in (select "Id" from "User")') == 0
    people = 'select "Id" from "Contact" union all select "Id" from "Lead"'
    assert count(org, f"_truth_pairs where person_id not in ({people}) or closeness not between 0 and 1") == 0
    assert count(org, "_truth_pairs") == count(org, "(select distinct user_id, person_id from _truth_pairs)") > 1_000


@pytest.mark.parametrize("entity", ["Contact", "Lead", "Account", "Opportunity", "User"])
def test_entered_values_wait_for_the_fields_people_fill_in(org: Store, entity: str) -> None:
    specs = {api_name(spec): spec for spec in all_specs() if not spec.written and spec.entity == entity.lower()}
    table = org.arrow(f'select * from "_entered_{entity}"')
    own = {api_name(spec) for specs in MAPPED.values() for spec in specs if (entity, spec.entity) in OWN_OF}
    assert set(table.column_names) == {"Id", *specs, *own}
    for name, spec in specs.items():
        listed = {choice.value for choice in spec.values}
        values = {part for value in table[name].drop_null().to_pylist() for part in parts(value, spec.kind)}
        assert values, name
        assert not listed or values <= listed
    assert count(org, f'"_entered_{entity}" where "Id" not in (select "Id" from "{entity}")') == 0


def test_the_org_has_fields_of_its_own_from_the_start_and_the_integration_user_may_read_them(org: Store) -> None:
    visible = Access(org).catalog
    for table, name in OWN:
        field = visible[table].fields[name]
        assert (field.custom, field.updateable) == (True, False)
        assert 0 < count(org, f'"{table}" where "{name}" is not null') < count(org, f'"{table}"')


def parts(value: Any, kind: str) -> list[Any]:
    return value.split(";") if kind == "multipicklist" else [value]
