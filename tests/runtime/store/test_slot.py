"""Concurrency limits: who may go on, who waits, who makes room."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from tramo.model.event import Event
from tramo.model.flow import Concurrency
from tramo.model.run import CONCURRENCY
from tramo.store import table
from tramo.store.run import Accept, NewRun
from tramo.store.slot import admit, release, turn_away

from tests.runtime.store.kit import WORKSPACE, add_run, end_run


async def ask(database, run_id, slot="1001", *, at_once=1, full="queue", ended=False):
    await add_run(database, run_id)
    said = await database.write(
        lambda c: admit(
            c,
            run_id=run_id,
            workspace_id=WORKSPACE,
            flow_id="flow_a",
            slot=slot,
            limit=Concurrency(at_once=at_once, full=full),
            ended=ended,
        )
    )
    if said.verdict == "queue":
        await change(database, run_id, state="queued", due_at=None, owner=None)
    return said


async def change(database, run_id, **values):
    await database.write(
        lambda c: c.execute(update(table.run).where(table.run.c.id == run_id).values(**values))
    )


async def end(database, run_id, now=50):
    await end_run(database, run_id, "succeeded")
    return await database.write(lambda c: release(c, run_id, now))


async def due_at(database, run_id):
    return await database.read(
        lambda c: c.execute(select(table.run.c.due_at).where(table.run.c.id == run_id)).scalar()
    )


async def test_runs_of_one_key_go_on_one_by_one_in_the_order_of_acceptance(database):
    assert (await ask(database, "run_z")).verdict == "go"
    for run_id in ("run_y", "run_x", "run_w"):
        assert (await ask(database, run_id)).verdict == "queue"
        assert await due_at(database, run_id) is None
    assert await end(database, "run_z") == ["run_y"]
    assert await due_at(database, "run_y") == 50
    assert await due_at(database, "run_x") is None
    assert await end(database, "run_y") == ["run_x"]
    assert (await ask(database, "run_v")).verdict == "queue"
    assert await end(database, "run_x") == ["run_w"]
    assert await end(database, "run_w") == ["run_v"]
    assert await end(database, "run_v") == []
    assert (await ask(database, "run_u")).verdict == "go"


async def test_other_keys_do_not_wait(database):
    assert (await ask(database, "run_1", "a")).verdict == "go"
    assert (await ask(database, "run_2", "b")).verdict == "go"
    assert (await ask(database, "run_3", "a")).verdict == "queue"


async def test_as_many_as_allowed_go_on_side_by_side(database):
    said = [(await ask(database, f"run_{n}", at_once=3)).verdict for n in range(5)]
    assert said == ["go", "go", "go", "queue", "queue"]
    assert await end(database, "run_1") == ["run_3"]
    assert await end(database, "run_0") == ["run_4"]


async def test_a_run_that_ended_where_it_began_holds_nothing_but_does_not_overtake(database):
    assert (await ask(database, "run_1", ended=True)).verdict == "go"
    assert (await ask(database, "run_2")).verdict == "go"
    assert (await ask(database, "run_3", ended=True)).verdict == "queue"
    assert await end(database, "run_2") == ["run_3"]


async def test_refused_runs_leave_no_trace_in_the_queue(database):
    assert (await ask(database, "run_1", full="refuse")).verdict == "go"
    assert (await ask(database, "run_2", full="refuse")).verdict == "refuse"
    assert await end(database, "run_1") == []
    assert (await ask(database, "run_3", full="refuse")).verdict == "go"


async def test_a_newer_run_replaces_the_one_that_runs_and_those_that_wait(database):
    assert (await ask(database, "run_1", full="replace")).verdict == "go"
    second = await ask(database, "run_2", full="replace")
    assert (second.verdict, list(second.replaced)) == ("queue", ["run_1"])
    await change(database, "run_1", stop_by="concurrency")
    third = await ask(database, "run_3", full="replace")
    assert list(third.replaced) == ["run_2"]
    await change(database, "run_2", stop_by="concurrency")
    assert await end(database, "run_1") == ["run_3"]
    assert await end(database, "run_2") == []


async def test_replacing_stops_only_as_many_as_it_takes(database):
    for number in range(3):
        await ask(database, f"run_{number}", at_once=3, full="replace")
    fourth = await ask(database, "run_3", at_once=3, full="replace")
    assert list(fourth.replaced) == ["run_0"]
    await change(database, "run_0", stop_by="concurrency")
    await change(database, "run_1", stop_by="concurrency")
    fifth = await ask(database, "run_4", at_once=3, full="replace")
    assert list(fifth.replaced) == []


async def test_a_higher_limit_in_a_newer_version_lets_more_of_the_queue_go_on(database):
    await ask(database, "run_1")
    await ask(database, "run_2")
    await ask(database, "run_3", at_once=2)
    await ask(database, "run_4", at_once=2)
    assert await end(database, "run_1") == ["run_2", "run_3"]


async def test_a_run_without_a_slot_frees_nothing(database):
    await add_run(database, "run_1")
    assert await end(database, "run_1") == []


async def test_a_run_that_somebody_else_ended_does_not_hold_its_slot_for_ever(database):
    assert (await ask(database, "run_1")).verdict == "go"
    await end_run(database, "run_1", "cancelled")
    assert (await ask(database, "run_2")).verdict == "go"


async def test_a_queued_run_that_came_due_without_a_slot_waits_on(database):
    for number in (1, 2):
        await add_run(database, f"run_{number}", state="queued")
        row = {
            "run_id": f"run_{number}",
            "workspace_id": WORKSPACE,
            "flow_id": "flow_a",
            "slot": "o0",
            "number": number,
            "at_once": 1,
            "holds": number == 1,
        }
        await database.write(lambda c, row=row: c.execute(insert(table.slot).values(**row)))
    assert not await database.write(lambda c: turn_away(c, "run_1", 1))
    assert await database.write(lambda c: turn_away(c, "run_2", 1))
    found = await database.read(
        lambda c: c.execute(select(table.run.c.due_at).where(table.run.c.id == "run_2")).scalar()
    )
    assert found is None
    assert await database.write(lambda c: release(c, "run_1", 5)) == ["run_2"]


async def test_of_runs_that_are_written_together_only_the_newest_stays(database):
    limit = Concurrency(at_once=1, full="replace")

    def unit(number: int) -> Accept:
        event = Event(
            id=f"evt_{number}",
            type="core.manual",
            source="flow_a",
            delivery_id=f"d{number}",
            received_at=number,
            payload=b"{}",
        )
        run = NewRun(
            id=f"run_{number}",
            workspace_id=WORKSPACE,
            flow_id="flow_a",
            version="v",
            trigger="start",
            origin=f"run_{number}",
            due_at=number,
            started_at=number,
            keys=(),
            slot="1001",
            limit=limit,
        )
        return Accept(WORKSPACE, event, [run])

    await database.write(lambda c: Accept.apply_all(c, [unit(number) for number in range(4)]))
    runs = select(table.run.c.stop_by, table.run.c.due_at).order_by(table.run.c.id)
    rows = await database.read(lambda c: c.execute(runs).all())
    assert [row.stop_by for row in rows] == [CONCURRENCY] * 3 + [None]
    assert [row.due_at for row in rows] == [3 if n == 2 else n + 1 for n in range(3)] + [None]
