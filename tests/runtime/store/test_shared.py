"""Two processes on one database: what each of them reads before it writes still holds when it
writes."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select
from tramo.model.event import Event, Key
from tramo.model.flow import Concurrency
from tramo.model.pause import Match, Pause
from tramo.store import table
from tramo.store.database import open_database
from tramo.store.run import Accept, NewRun
from tramo.store.wait import NewWait, Waits

from tests.runtime.store.kit import WORKSPACE, Step, add_run

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def both(tmp_path, database_url):
    """One database, opened by two."""
    opened = [await open_database(tmp_path / name, database_url) for name in ("one", "two")]
    yield opened
    for database in opened:
        await database.close()


def new_run(run_id: str, **fields) -> NewRun:
    values = {
        "id": run_id, "workspace_id": WORKSPACE, "flow_id": "flow_a", "version": "v",
        "trigger": "start", "state": "running", "reason": None, "error": None, "origin": run_id,
        "owner": "own_1", "lease_until": 1, "due_at": 1, "started_at": 1, "ended_at": None,
        "segment": b"[]", "keys": (),
    }  # fmt: skip
    return NewRun(**{**values, **fields})


def delivery(event_id: str, delivery_id: str, *keys: Key) -> Event:
    return Event(
        id=event_id, type="shop.order", source="conn_1", delivery_id=delivery_id, received_at=2,
        payload=b"{}", keys=keys,
    )  # fmt: skip


async def count(database, of) -> int:
    query = select(func.count()).select_from(of)
    return await database.read(lambda c: c.execute(query).scalar_one())


async def test_copies_of_deliveries_that_cross_make_one_run_each(both):
    names = [f"d{number:03}" for number in range(60)]
    asked = []
    for who, (database, order) in enumerate(zip(both, (names, names[::-1]), strict=True)):
        for name in order:
            run = new_run(f"run_{name}{who}")
            accept = Accept(WORKSPACE, delivery(f"evt_{name}{who}", name), [run])
            asked.append(database.submit(accept))
    accepted = await asyncio.gather(*asked)
    assert sum(not one.duplicate for one in accepted) == len(names)
    assert await count(both[0], table.run) == await count(both[1], table.event) == len(names)


async def test_a_value_is_new_once_and_turns_are_given_once(both):
    for number in range(20):
        await add_run(both[0], f"run_{number}")
    steps = [Step(both[number % 2], f"run_{number}") for number in range(20)]
    seen = await asyncio.gather(*(step.do(lambda s: s.mark("scope", "order 1")) for step in steps))
    assert sum(seen) == 1
    turns = await asyncio.gather(
        *(step.do(lambda s: s.take_turn("scope", count=1, per_ms=10)) for step in steps)
    )
    assert sorted(turns) == [1_000 + 10 * number for number in range(20)]


async def test_a_window_counts_every_item_and_is_carried_once(both):
    for number in range(20):
        await add_run(both[0], f"run_{number}")
    joined = await asyncio.gather(
        *(
            Step(both[number % 2], f"run_{number}").do(
                lambda s: s.join_window("scope", 1, closes_ms=9_000, size=None)
            )
            for number in range(20)
        )
    )
    assert sum(carries for carries, _ in joined) == 1
    assert sorted(number for _, number in joined) == list(range(1, 21))


async def test_a_limit_holds_over_all_processes(both):
    limit = Concurrency(at_once=2)
    accepted = await asyncio.gather(
        *(
            both[number % 2].submit(
                Accept(
                    WORKSPACE,
                    delivery(f"evt_{number}", f"d{number}"),
                    [new_run(f"run_{number}", slot="all", limit=limit)],
                )
            )
            for number in range(20)
        )
    )
    assert sum(not one.held_back for one in accepted) == 2
    numbers = select(table.slot.c.number).order_by(table.slot.c.number)
    found = await both[0].read(lambda c: list(c.execute(numbers).scalars()))
    assert found == list(range(1, 21))


async def test_an_event_finds_a_wait_or_the_wait_finds_the_event(both):
    for number in range(20):
        await add_run(both[0], f"run_{number}")

    def wait(number: int):
        match = Match(type="shop.order", kind="order", value=str(number), port="out")
        waits = Waits(
            workspace_id=WORKSPACE, run_id=f"run_{number}", began_at=1, now=3,
            opened=(NewWait("wait", (), Pause(matches=(match,))),),
        )  # fmt: skip
        return both[0].write(waits.write)

    def arrive(number: int):
        event = delivery(f"evt_x{number}", f"x{number}", Key("order", str(number)))
        return both[1].submit(Accept(WORKSPACE, event, [], awaited=True))

    await asyncio.gather(*(work(number) for number in range(20) for work in (wait, arrive)))
    matched = select(func.count()).where(table.wait.c.event_id.is_not(None))
    assert await both[0].read(lambda c: c.execute(matched).scalar_one()) == 20
