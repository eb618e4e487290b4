"""What is open in the database, counted without a look at its rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, insert
from tramo.store import table
from tramo.store.census import note_pulse, take_census
from tramo.store.table import metadata


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        yield connection


def put(connection: Connection, id: str, state: str, due_at: int | None, ended: bool) -> None:
    connection.execute(
        insert(table.run).values(
            id=id, workspace_id="ws", flow_id="flow_1", version="v", event_id="evt", trigger="t",
            state=state, by_hand=False, origin=id, generation=0, seq=0, due_at=due_at, token=1,
            crashes=0, started_at=1, ended_at=2 if ended else None, keys=b"[]", depth=0, rung=0,
        )
    )  # fmt: skip


def test_open_runs_are_counted_by_state_and_the_oldest_due_one_is_named(connection):
    put(connection, "run_1", "waiting", 500, ended=False)
    put(connection, "run_2", "waiting", 9_000, ended=False)
    put(connection, "run_3", "asking", None, ended=False)
    put(connection, "run_4", "succeeded", None, ended=True)
    put(connection, "run_5", "queued", 700, ended=False)
    census = take_census(connection, now=1_000)
    assert census.by_state == {"waiting": 2, "asking": 1, "queued": 1}
    assert census.oldest_due_at == 500
    assert take_census(connection, now=499).oldest_due_at is None


def test_counting_reads_an_index_of_open_runs_and_no_rows(connection):
    plan = connection.exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT state, count(*) FROM run WHERE ended_at IS NULL GROUP BY state"
    ).all()
    assert any("COVERING INDEX run_open" in row[-1] for row in plan), plan


def test_a_pulse_is_one_row_however_often_it_beats(connection):
    for at in (1, 2, 3):
        note_pulse(connection, "ready", at)
    assert connection.execute(table.pulse.select()).all() == [("ready", 3)]
