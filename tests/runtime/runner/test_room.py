"""How many runs a process works on at once, what happens to the rest, and how it stops."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from tramo import sdk
from tramo.app.house import House, open_house
from tramo.engine import Happening, Replied, State
from tramo.registry import discover
from tramo.runner.room import Room
from tramo.store import table

from tests.kit import document, finished, owner, publish, settings, steps


class Something(sdk.Params):
    name: str


class Vendor:
    """A vendor that answers when the test lets it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.most = 0
        self.at_once = 0
        self.may_answer = asyncio.Event()

    def definition(self) -> Any:
        connector = sdk.Connector("slow", title="Slow")

        @connector.action("send", title="Send", effect="never_repeat")
        async def send(ctx: sdk.Context, params: Something) -> dict[str, Any]:
            """Send something that must not be sent twice."""
            ctx.sending()
            self.calls.append(params.name)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await self.may_answer.wait()
            self.at_once -= 1
            return {}

        return connector.tramo_connector()


FLOW = document(
    [
        {"id": "start", "type": "core.manual"},
        {"id": "one", "type": "slow.send", "params": {"name": {"$expr": "start.name"}}},
        {"id": "two", "type": "slow.send", "params": {"name": "two"}},
    ],
    [("start", "one"), ("one", "two")],
)


@pytest.fixture
def vendor():
    return Vendor()


def opened(folder, vendor: Vendor, slots: int = 500):
    registry = discover()
    registry.add(vendor.definition())
    return open_house(settings(folder, slots=slots), registry=registry)


async def start(house: House, count: int) -> None:
    await publish(house, FLOW)
    for number in range(count):
        await house.flows.start(
            owner(house), "flow_test", {"name": f"one {number}"}, version="published"
        )


async def until(condition) -> None:
    async with asyncio.timeout(50):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_process_with_two_slots_works_on_two_runs_and_the_rest_are_queued(tmp_path, vendor):
    async with opened(tmp_path, vendor, slots=2) as house:
        await start(house, 6)
        await until(lambda: len(vendor.calls) == 2)
        found = (await house.runs.list(owner(house)))["items"]
        assert sorted(run["state"] for run in found) == ["queued"] * 4 + ["running"] * 2
        vendor.may_answer.set()
        runs = await finished(house, count=6)
        assert {run["state"] for run in runs} == {"succeeded"}
        assert vendor.most == 2
        assert len(vendor.calls) == 12


async def test_a_process_without_slots_takes_runs_in_and_works_on_none(tmp_path, vendor):
    async with opened(tmp_path, vendor, slots=0) as house:
        await start(house, 2)
        await asyncio.sleep(0.2)
        found = (await house.runs.list(owner(house)))["items"]
        assert [run["state"] for run in found] == ["queued", "queued"]
    vendor.may_answer.set()
    async with opened(tmp_path, vendor) as house:
        assert {run["state"] for run in await finished(house, count=2)} == {"succeeded"}
    assert len(vendor.calls) == 4


async def test_whoever_stops_lets_steps_in_flight_end_and_begins_no_others(tmp_path, vendor):
    async with opened(tmp_path, vendor) as house:
        await start(house, 3)
        await until(lambda: len(vendor.calls) == 3)
        closing = asyncio.create_task(house.runner.close())
        await asyncio.sleep(0.05)
        vendor.may_answer.set()
        await closing
        assert len(vendor.calls) == 3  # The second step of none has begun.
    async with opened(tmp_path, vendor) as house:
        runs = await finished(house, count=3)
        assert {run["state"] for run in runs} == {"succeeded"}  # Nobody was asked.
        assert (await steps(house, runs[0]["id"]))["two"]["attempts"] == 1
    assert len(vendor.calls) == 6


async def test_a_step_that_outlasts_the_grace_is_a_question_not_a_second_send(tmp_path, vendor):
    async with opened(tmp_path, vendor) as house:
        await start(house, 1)
        await until(lambda: vendor.calls)
        await house.runner.close(grace_s=0.05)
    async with opened(tmp_path, vendor) as house:
        (run,) = await finished(house)
        assert run["state"] == "asking"
    assert vendor.calls == ["one 0"]


async def test_a_run_that_cannot_be_written_is_read_anew_and_goes_on(tmp_path, vendor):
    vendor.may_answer.set()
    async with opened(tmp_path, vendor) as house:
        advance, failed = house.runner._unit, []

        def broken(live: Any, *rest: Any, **more: Any) -> Any:
            if not failed:
                failed.append(live)
                raise RuntimeError("a mistake of ours")
            return advance(live, *rest, **more)

        house.runner._unit = broken  # type: ignore[method-assign]
        house.spawn.on_error = lambda *_: None
        await start(house, 1)
        await until(lambda: failed)
        await asyncio.sleep(0.1)
        found = (await house.runs.list(owner(house)))["items"]
        assert found[0]["state"] == "running"
        assert house.runner._runs == {}  # Nothing of it is kept: it is due again in a while.


ASKING = document(
    [
        {"id": "start", "type": "core.manual"},
        {"id": "nap", "type": "core.wait", "params": {"seconds": 3_600}},
        {"id": "ask", "type": "core.approve", "params": {"title": "Go on?"}},
        {"id": "two", "type": "slow.send", "params": {"name": "two"}},
    ],
    [("start", "nap"), ("start", "ask"), ("ask", "yes", "two")],
    id="flow_asking",
)


async def test_what_an_answer_begins_while_its_run_waits_in_line_is_not_begun_again(
    tmp_path, vendor
):
    def yes(state: State, at: int) -> Happening:
        return Replied(at, state.plan.by_id["ask"].index, (), "yes", None, "user_test")

    async with opened(tmp_path, vendor, slots=1) as house:
        await publish(house, ASKING)
        run_id = await house.flows.start(owner(house), "flow_asking", {}, version="published")
        await start(house, 1)
        await until(lambda: vendor.calls)
        due = update(table.run).where(table.run.c.id == run_id).values(due_at=0)
        await house.database.write(lambda c: c.execute(due))
        house.runner.look_now()
        await until(lambda: run_id in house.runner._runs)  # It waits for the slot.
        await house.runner.tell(run_id, yes)
        await house.database.write(lambda _: None)
        assert (await steps(house, run_id))["two"]["state"] == "running"  # And nobody is asked.
        vendor.may_answer.set()
        await until(lambda: house.runner.at_rest)
        assert (await steps(house, run_id))["two"]["state"] == "succeeded"


class Standing:
    at_work = False


async def test_those_in_line_get_the_free_slot_in_the_order_they_came():
    room, order = Room(1), []
    first = Standing()
    assert await room.enter(first)

    async def come(name: str) -> None:
        live = Standing()
        assert await room.enter(live)
        order.append(name)
        room.leave(live)

    tasks = []
    for name in "abc":
        tasks.append(asyncio.create_task(come(name)))
        await asyncio.sleep(0)
    room.leave(first)
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c"]
    assert room.free


async def test_who_begins_to_work_while_it_waits_in_line_waits_no_longer():
    """A run in line that somebody speaks to works at once: it has the slot that it waits for."""
    room, live = Room(1), Standing()
    other = Standing()
    room.take(other)
    waiting = asyncio.create_task(room.enter(live))
    await asyncio.sleep(0)
    room.take(live)
    room.leave(other)
    async with asyncio.timeout(1):
        assert await waiting is True
    room.leave(live)
    assert room.free


async def test_who_is_called_in_and_gives_up_leaves_the_place_to_the_next():
    room, first = Room(1), Standing()
    room.take(first)
    waiting = [asyncio.create_task(room.enter(Standing())) for _ in range(2)]
    await asyncio.sleep(0)
    room.leave(first)
    waiting[0].cancel()
    async with asyncio.timeout(50):
        assert await waiting[1]
    assert not room.free


async def test_who_waits_when_the_room_closes_is_sent_away():
    room = Room(1)
    room.take(Standing())
    waiting = asyncio.create_task(room.enter(Standing()))
    await asyncio.sleep(0)
    room.close()
    assert await waiting is False


async def call_again_and_again(room: Room, slots: int, seconds: list[float]) -> tuple[int, int]:
    """Let runs write for a moment, then call; return the most calls and the most runs at once."""
    calls, most_calls, most_runs = 0, 0, 0

    async def run(writes_s: float, calls_s: float) -> None:
        nonlocal calls, most_calls, most_runs
        live = Standing()
        assert await room.enter(live)
        most_runs = max(most_runs, room.at_work)
        await asyncio.sleep(writes_s)
        async with room.call():
            calls += 1
            most_calls = max(most_calls, calls)
            await asyncio.sleep(calls_s)
            calls -= 1
        room.leave(live)

    await asyncio.gather(*(run(*seconds) for _ in range(slots * 20)))
    assert room.free
    return most_calls, most_runs


async def test_what_is_sent_next_is_written_while_the_slots_are_taken():
    room = Room(8)
    most_calls, most_runs = await call_again_and_again(room, 8, [0.005, 0.01])
    assert most_calls == 8, "a slot is a call"
    assert 8 < most_runs <= 12, "half as many write ahead at most"
