"""Closeness of every pair in a large log: processor time of ours beside a plain aggregation of the same rows by pair.

Two synthetic logs of the same size, each three years long, with about thirteen events per pair: in one hardly two of a pair's events
fall on one day, which is the worst case, because then every event is a day of contact; in the other they come in conversations of
up to four a day. Both sides read one table and end with one row per pair. Processor time, not the clock: other work on the machine
moves it less.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from transforms.closeness import score, tables
from transforms.method import load
from warehouse import DuckDBWarehouse

EVENTS = 20_000_000
AS_OF = 1_694_000_000
LOGS = {"hardly two events of a pair on one day": 1, "conversations of up to four a day": 4}
EVENTS_PER_PERSON = 400
BESIDE = "count, first, last, decayed sum, days of contact"
WAYS = {"count, first, last, decayed sum": "", BESIDE: "count(distinct day) as contact_days,"}
PLAIN = """
    create or replace table plain as
    select user_key, person_key, count(*) as touches, {days} min(at_s) as first_s, max(at_s) as last_s,
           sum(power(2, (at_s - {as_of}) / (90 * 86400.0)) / recipients) as decayed
    from {table} group by user_key, person_key
"""
MADE = """
    create or replace table {table} as
    with burst as (
        select i, i // {burst} as b, (hash(i // {burst}) % {people})::bigint as u, 1.6e9 + (hash(i // {burst} + 11) % 93990000) as began
        from range({events}) made(i)
    )
    select 'log' as crm, null::varchar as user_id, null::varchar as person_id,
           u as user_key, u + 1 + (hash(b * 7 + 1) % 30)::bigint as person_key, null::bigint as account_key,
           u as sender_key, i as msg_key, s::double as "at", s as at_s, s // 86400 as day,
           case hash(b + 3) % 6 when 0 then 'meeting' when 1 then 'call' else 'email' end as channel,
           case when hash(b + 3) % 6 = 0 then 'both' when hash(i + 5) % 2 = 0 then 'in' else 'out' end as direction,
           30.0::double as minutes, 1 + (hash(i) % 4)::bigint as participants_outside, 1 + (hash(i) % 4)::bigint as recipients,
           false as is_cc, hash(b + 3) % 6 < 2 as two_way, false as unanswered
    from (select *, (began + (i % {burst}) * 1800)::bigint as s from burst)
"""
PERSONS = "create or replace table {table} as select i as person_key, i::varchar as id from range({people} + 40) made(i)"


def measured(work: Callable[[], object]) -> float:
    """Seconds of processor time, of the user and the system, all threads together."""
    began = time.process_time()
    work()
    return time.process_time() - began


def table(events: int = EVENTS) -> Iterator[str]:
    """The comparison as lines of Markdown."""
    yield "| log | way | processor seconds | times the plain one |\n|---|---|---|---|"
    for name, burst in LOGS.items():
        seconds = _seconds(events, burst)
        for way, taken in seconds.items():
            yield f"| {events:,} events, {name} | {way} | {taken:.1f} | {taken / seconds[BESIDE]:.1f} |"


def _seconds(events: int, burst: int) -> dict[str, float]:
    """Of each way, on a log of conversations of `burst` events."""
    with tempfile.TemporaryDirectory() as folder, DuckDBWarehouse(Path(folder) / "log.duckdb") as warehouse:
        cursor, people, log = warehouse.native(), events // EVENTS_PER_PERSON, tables.interactions.fullname
        cursor.execute(MADE.format(table=log, events=events, people=people, burst=burst))
        cursor.execute(PERSONS.format(table=tables.persons.fullname, people=people))
        ways = {way: partial(cursor.execute, PLAIN.format(table=log, as_of=AS_OF, days=days)) for way, days in WAYS.items()}
        return {way: measured(work) for way, work in (ways | {"guanxi": partial(score.build, warehouse, AS_OF, load())}).items()}


if __name__ == "__main__":
    for line in table(events=int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS):
        print(line, flush=True)
