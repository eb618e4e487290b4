"""Concurrency limits in a whole house: one at a time by key, in order, and nobody forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import func, select
from tramo.app.house import House
from tramo.app.play import JumpingClock
from tramo.store import table

from tests.kit import document, finished, owner, post, publish, steps
from tests.runtime.runner.kit import deliver, items, jump, opened, outputs, states, until

DONE, WAIT, QUEUED, GONE = "succeeded", "waiting", "queued", "cancelled"


def limited(seconds: int = 60, *, answer: str = "received", **concurrency: Any) -> dict[str, Any]:
    """A webhook about an order, a wait, and a note of when it was over."""
    hook = {
        "id": "hook",
        "type": "core.webhook",
        "params": {"keys": {"order": "body.order"}, "answer": answer, "answer_within_s": 10},
    }
    wait = {"id": "wait", "type": "core.wait", "params": {"seconds": seconds}}
    note = {"id": "note", "type": "core.set", "params": {"fields": {"n": {"$expr": "hook.body.n"}}}}
    return document(
        [hook, wait, note],
        [("hook", "wait"), ("wait", "note")],
        limits={"concurrency": concurrency},
    )


BY_ORDER = {"key": {"$expr": "hook.body.order"}}


def orders(*numbers: Any) -> list[dict[str, Any]]:
    return [{"order": number, "n": n} for n, number in enumerate(numbers)]


async def slots(house: House) -> int:
    count = select(func.count()).select_from(table.slot)
    return await house.database.read(lambda c: c.execute(count).scalar_one())


async def test_runs_of_one_order_go_one_by_one_and_others_beside_them(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, limited(**BY_ORDER)))["hook"]
        await deliver(house, address, *orders("a", "a", "b", "a"))
        await until(house, WAIT, QUEUED, WAIT, QUEUED)
        assert (await items(house))[1]["reason"] == "concurrency"
        jump(house, clock, 61)
        await until(house, DONE, WAIT, DONE, QUEUED)
        jump(house, clock, 61)
        await until(house, DONE, DONE, DONE, WAIT)
        jump(house, clock, 61)
        await until(house, DONE, DONE, DONE, DONE)
        assert await outputs(house, "note") == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]
        ended = [item["ended_at"] for item in await items(house)]
        assert ended[0] < ended[1] < ended[3]
        assert await slots(house) == 0


async def test_a_plain_word_as_key_is_the_kind_of_a_business_key(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, limited(key="order")))["hook"]
        await deliver(house, address, *orders(7, "7", 8))
        await until(house, WAIT, QUEUED, WAIT)


async def test_without_a_key_the_whole_flow_is_limited_and_with_an_empty_one_nothing_is(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, limited(at_once=2)))["hook"]
        await deliver(house, address, *orders("a", "b", "c"))
        await until(house, WAIT, WAIT, QUEUED)
        other = limited(**BY_ORDER) | {"id": "flow_other"}
        address = (await publish(house, other))["hook"]
        await deliver(house, address, *orders(None, None))
        await until(house, WAIT, WAIT, flow_id="flow_other")


async def test_the_queue_keeps_its_order_over_a_house_that_was_closed(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, limited(**BY_ORDER)))["hook"]
        await deliver(house, address, *orders("a", "a", "a"))
        await until(house, WAIT, QUEUED, QUEUED)
        await house.runner.close(grace_s=0.0)
    clock.jump_to(clock.now_ms() + 61_000)
    async with opened(tmp_path, clock) as house:
        await until(house, DONE, WAIT, QUEUED)
        await deliver(house, address, {"order": "a", "n": 3})
        await until(house, DONE, WAIT, QUEUED, QUEUED)
        for stand in ([DONE, DONE, WAIT, QUEUED], [DONE, DONE, DONE, WAIT], [DONE] * 4):
            jump(house, clock, 61)
            await until(house, *stand)


async def test_many_deliveries_at_once_never_overlap(tmp_path):
    count = {
        "id": "count",
        "type": "core.table_write",
        "params": {"table": "t", "mode": "increment", "key": "k", "values": {"n": 1}},
    }
    flow = document(
        [{"id": "hook", "type": "core.webhook"}, count],
        [("hook", "count")],
        limits={"concurrency": {"key": {"$expr": "hook.body.order"}}},
    )
    async with opened(tmp_path) as house:
        address = (await publish(house, flow))["hook"]
        posts = [post(house, address, {"order": "ab"[n % 2]}) for n in range(30)]
        await asyncio.gather(*posts)
        runs = await finished(house, count=30)
        assert {run["state"] for run in runs} == {DONE}
        numbers = [each["row"]["n"] for each in await outputs(house, "count")]
        assert sorted(numbers) == list(range(1, 31))
        assert await slots(house) == 0


async def test_a_newer_run_replaces_the_older_ones_of_its_order(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, limited(**BY_ORDER, full="replace")))["hook"]
        await deliver(house, address, *orders("a", "b", "a", "a"))
        await until(house, GONE, WAIT, GONE, WAIT)
        jump(house, clock, 61)
        await until(house, GONE, DONE, GONE, DONE)
        reasons = [item["reason"] for item in await items(house)]
        assert reasons == ["concurrency", None, "concurrency", None]
        assert await slots(house) == 0


async def test_a_run_too_many_is_refused_and_its_caller_told(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        flow = limited(**BY_ORDER, full="refuse", answer="finished")
        address = (await publish(house, flow))["hook"]
        first = asyncio.ensure_future(post(house, address, {"order": "a", "n": 0}))
        await until(house, WAIT)
        status, said = await post(house, address, {"order": "a", "n": 1})
        assert (status, said["state"], said["reason"]) == (200, GONE, "concurrency")
        refused = (await items(house))[1]
        assert (refused["state"], refused["reason"]) == (GONE, "concurrency")
        assert refused["duration_ms"] == 0
        assert await steps(house, refused["id"]) == {}
        jump(house, clock, 61)
        assert (await first)[0] == 200
        second = asyncio.ensure_future(post(house, address, {"order": "a", "n": 2}))
        await until(house, DONE, GONE, WAIT)
        jump(house, clock, 61)
        assert (await second)[1]["output"] == {"n": 2}


async def test_a_caller_who_waits_for_the_end_gets_it_from_a_queued_run_too(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, limited(**BY_ORDER, answer="finished")))["hook"]
        answers = []
        for body, stand in zip(orders("a", "a"), ([WAIT], [WAIT, QUEUED]), strict=True):
            answers.append(asyncio.ensure_future(post(house, address, body)))
            await until(house, *stand)
        jump(house, clock, 61)
        await until(house, DONE, WAIT)
        jump(house, clock, 61)
        told = [await answer for answer in answers]
        assert [(status, said["output"]) for status, said in told] == [
            (200, {"n": 0}),
            (200, {"n": 1}),
        ]


async def test_a_cancelled_run_makes_room_whether_it_ran_or_waited(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, limited(**BY_ORDER)))["hook"]
        await deliver(house, address, *orders("a", "a", "a"))
        await until(house, WAIT, QUEUED, QUEUED)
        first, second, _ = await items(house)
        await house.runs.cancel(owner(house), second["id"])
        await until(house, WAIT, GONE, QUEUED)
        await house.runs.cancel(owner(house), first["id"])
        await until(house, GONE, GONE, WAIT)
        assert await slots(house) == 1


async def test_called_flows_wait_for_their_turn_like_any_other_run(tmp_path):
    clock = JumpingClock()
    called = document(
        [
            {"id": "start", "type": "core.manual"},
            {"id": "wait", "type": "core.wait", "params": {"seconds": 60}},
        ],
        [("start", "wait")],
        limits={"concurrency": {}},
    ) | {"id": "flow_called"}
    caller = document(
        [
            {"id": "hook", "type": "core.webhook"},
            {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_called"}},
        ],
        [("hook", "call")],
    )
    async with opened(tmp_path, clock) as house:
        await publish(house, called)
        address = (await publish(house, caller))["hook"]
        await deliver(house, address, {}, {})
        async with asyncio.timeout(50):
            while sorted(await states(house, "flow_called")) != [QUEUED, WAIT]:
                await asyncio.sleep(0.01)
        jump(house, clock, 61)
        async with asyncio.timeout(50):
            while sorted(await states(house, "flow_called")) != [DONE, WAIT]:
                await asyncio.sleep(0.01)
        jump(house, clock, 61)
        runs = await finished(house, count=4)
        assert {run["state"] for run in runs} == {DONE}
