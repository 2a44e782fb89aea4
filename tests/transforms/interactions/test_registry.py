"""The graph of models: every table after what it reads, every select ready for another engine, the numbers configurable."""

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTableAs

from tests.transforms.kit import PEOPLE, VERDICTS, World, build, context, modelled, needed, open_warehouse, rows
from transforms.base import Counting, Source
from transforms.interactions import tables as steps
from transforms.registry_model import model_models
from transforms.tables import interactions, interactions_dropped, metadata, people

SOURCES = [
    Source("east", "salesforce", {"Task": ["Id"], "User": ["Id"]}),
    Source("west", "salesforce", {}),
    Source("north", "dynamics", {"email": ["activityid"], "systemuser": ["systemuserid"], "account": ["industrycode"]}),
]


def test_every_model_comes_after_all_it_reads() -> None:
    built: set[str] = set()
    for model in model_models(SOURCES):
        assert {name for name in model.reads if not name.startswith("raw_")} <= built
        assert model.name not in built
        built.add(model.name)


def test_every_declared_table_is_built() -> None:
    built = {model.name for model in model_models(SOURCES)}
    assert {f"{table.schema}.{table.name}" for table in (*metadata.tables.values(), *steps.metadata.tables.values())} <= built


def test_only_raw_objects_the_org_has_are_read() -> None:
    assert {name for model in model_models(SOURCES) for name in model.reads if name.startswith("raw_")} == {
        "raw_east.Task",
        "raw_east.User",
        "raw_north.email",
        "raw_north.systemuser",
        "raw_north.account",
    }


def test_every_select_gives_the_declared_columns_and_compiles_for_postgresql() -> None:
    given = context(SOURCES)
    for model in model_models(SOURCES):
        select = model.select(given)
        assert {column.name for column in model.table.columns} <= {column.name for column in select.selected_columns}
        assert str(CreateTableAs(select, model.table.name).compile(dialect=postgresql.dialect()))


def test_the_table_of_task_types_is_configurable() -> None:
    line = "Task 00T1 OwnerId=005uma WhoId=003ann Type=Anruf"
    with modelled(line, only=VERDICTS, counting={"task_types": {"Anruf": "call"}}) as warehouse:
        assert [row["channel"] for row in rows(warehouse, interactions)] == ["call"]


def test_words_of_the_method_mean_the_same_in_capitals() -> None:
    method = {
        "user_types": ["Standard"],
        "integration_names": [" Robot"],
        "disqualified_statuses": ["Dead"],
        "task_types": {"Visit ": "meeting"},
        "unanswered": ["Mailbox"],
    }
    lines = (
        "User 005rob Name='Robot Arm' Email=arm@ours.example",
        "Lead 00Qdead Status=Dead",
        "Task 00T1 OwnerId=005uma WhoId=003ann Type=Visit",
        "Task 00T2 OwnerId=005uma WhoId=003ann TaskSubtype=Call CallDisposition='Mailbox full'",
        "Task 00T3 OwnerId=005rob WhoId=003ann TaskSubtype=Call",
    )
    with modelled(*lines, only=VERDICTS, counting=method) as warehouse:
        found = {(row["event_id"], row["channel"], row["two_way"]) for row in rows(warehouse, interactions)}
        dropped = {(row["event_id"], row["reason"]) for row in rows(warehouse, interactions_dropped)}
        live = {row["person_id"]: row["is_live"] for row in rows(warehouse, people)}
    assert found == {("00T1", "meeting", True), ("00T2", "call", False)}
    assert (dropped, live["00Qdead"], live["00Qlea"]) == ({("00T3", "not_a_person")}, False, True)


def test_the_width_of_a_mass_mail_is_configurable() -> None:
    line = "EmailMessage 02s1 FromAddress=uma@ours.example ToAddress='ann@acme.example; bob@acme.example'"
    with modelled(line, only=VERDICTS, counting={"max_recipients": 1}) as warehouse:
        assert [row["reason"] for row in rows(warehouse, interactions_dropped)] == ["mass_mail"]


def test_addresses_that_are_not_people_are_configurable() -> None:
    with open_warehouse() as warehouse:
        source = World.of(PEOPLE, "Task 00T1 OwnerId=005uma WhoId=003ann TaskSubtype=Call").load(warehouse)
        build(warehouse, needed(model_models([source]), *VERDICTS), context([source], rules=Counting(not_people=["ann"])))
        assert [row["reason"] for row in rows(warehouse, interactions_dropped)] == ["no_person"]
