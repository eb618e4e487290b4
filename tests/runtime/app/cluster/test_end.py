"""Runs that one process begins and another works on: whoever waits hears of the end, and what
people say to a run reaches it."""

from __future__ import annotations

import asyncio
import time

import pytest
from tramo.model.problem import TramoError
from tramo.store import lease

from tests.kit import document, owner, post, publish
from tests.runtime.app.cluster.conftest import until


def slow(seconds: int, mode: str = "finished") -> dict:
    """A flow whose steps are carried out in the world, as far as a process is concerned."""
    nodes = [
        {"id": "hook", "type": "core.webhook", "params": {"answer": mode, "answer_within_s": 60}},
        {"id": "rest", "type": "core.wait", "params": {"seconds": seconds}},
        {"id": "say", "type": "core.set", "params": {"fields": {"said": 1}}},
    ]
    edges = [("hook", "rest"), ("rest", "say")]
    if mode == "respond":
        nodes += [
            {"id": "reply", "type": "core.respond", "params": {"status": 201, "body": {"ok": 1}}},
            {"id": "later", "type": "core.wait", "params": {"seconds": 60}},
        ]
        edges += [("say", "reply"), ("reply", "later")]
    return document(nodes, edges)


def do_no_work(house) -> None:
    """Let a house take up no runs: whoever else there is does."""
    for loop in house.runner._watch._loops:
        loop.cancel()


@pytest.mark.parametrize("mode", ["finished", "respond"])
@pytest.mark.parametrize("with_redis", [True, False])
async def test_a_webhook_answers_when_its_run_ends_elsewhere(town, redis, mode, with_redis):
    fields = {"redis": redis.url} if with_redis else {}
    async with town.house(**fields) as door, town.house(worker=True, **fields) as worker:
        if with_redis:
            await until(lambda: door.links.bus._speaking and worker.links.bus._speaking)
            await asyncio.sleep(0.2)
        address = (await publish(door, slow(1, mode)))["hook"]
        do_no_work(door)
        began = time.monotonic()
        status, told = await post(door, address, {})
        took_s = time.monotonic() - began
        if mode == "respond":
            assert (status, told) == (201, {"ok": 1})
        else:
            assert (status, told["output"]) == (200, {"said": 1})
        assert took_s < 40, "when it ends, and not when the wait for it does"


async def test_a_server_without_slots_leaves_the_work_to_workers(town, redis):
    flow = document(
        [
            {"id": "hook", "type": "core.webhook", "params": {"answer": "finished"}},
            {
                "id": "keep",
                "type": "core.table_write",
                "params": {"table": "seen", "key": "a", "values": {"n": 1}},
            },
        ],
        [("hook", "keep")],
    )
    async with town.house(redis=redis.url, slots=0) as door:
        address = (await publish(door, flow))["hook"]
        async with town.house(redis=redis.url, worker=True) as worker:
            await until(lambda: door.links.bus._speaking and worker.links.bus._speaking)
            status, told = await post(door, address, {})
            assert (status, told["state"]) == (200, "succeeded")


async def in_other_hands(town, one, other) -> str:
    """Return a run that `one` works on, or would: it is never given back."""
    await publish(other, slow(60, "received"))
    run_id = await other.flows.start(owner(other), "flow_test", {}, version="published")
    await until(lambda: run_id not in other.runner.rung())
    now = other.clock.now_ms()
    claim = await one.database.write(
        lambda c: lease.claim_run(c, run_id, owner=one.runner.owner, now=now, lease_ms=30_000)
    )
    assert claim is not None
    return run_id


async def test_a_cancel_reaches_the_worker_that_has_the_run(town):
    async with town.house() as one, town.house() as other:
        await publish(one, slow(60, "received"))
        run_id = await one.flows.start(owner(one), "flow_test", {}, version="published")
        await other.runs.cancel(owner(other), run_id)
        assert (await one.runs.get(owner(one), run_id))["state"] == "cancelled"
        run_id = await in_other_hands(town, one, other)
        await other.runs.cancel(owner(other), run_id)
        row = await one.database.read(lambda c: lease.read_ring(c, run_id))
        assert row == (1, owner(other).actor), "whoever has it stops before its next step"


async def test_a_run_that_another_worker_keeps_is_busy(town, monkeypatch):
    monkeypatch.setattr("tramo.runner.reach.PATIENCE_S", 0.5)
    async with town.house() as one, town.house() as other:
        run_id = await in_other_hands(town, one, other)
        with pytest.raises(TramoError, match="being carried out right now") as caught:
            await other.runs.hurry(owner(other), run_id, "rest")
        assert (caught.value.code, caught.value.status) == ("run.busy", 409)


async def test_what_is_said_waits_until_the_other_worker_lets_go(town):
    async with town.house() as one, town.house() as other:
        run_id = await in_other_hands(town, one, other)
        said = asyncio.create_task(other.runs.hurry(owner(other), run_id, "rest"))
        await asyncio.sleep(0.3)
        assert not said.done()
        now = one.clock.now_ms()
        await one.database.write(lambda c: lease.give_back(c, owner=one.runner.owner, now=now))
        await said
        await until(lambda: run_id not in other.runner.rung())
        assert (await one.runs.get(owner(one), run_id))["state"] == "succeeded"


async def test_a_page_at_one_server_shows_what_a_worker_does(town, redis):
    async with (
        town.house(redis=redis.url) as door,
        town.house(redis=redis.url, worker=True) as worker,
    ):
        await until(lambda: door.links.bus._speaking and worker.links.bus._speaking)
        await publish(door, slow(1, "received"))
        do_no_work(door)
        with door.live.subscribe(owner(door)) as watching:
            await until(lambda: worker.feed.listening(door.workspace_id))
            run_id = await door.flows.start(owner(door), "flow_test", {}, version="published")
            seen: set[tuple[str, str]] = set()
            async with asyncio.timeout(50):
                while ("run", "succeeded") not in seen:
                    item = await anext(watching)
                    assert run_id.encode() in item.data
                    state = item.data.split(b'"state":"')[1].split(b'"')[0].decode()
                    seen.add((item.event, state))
        assert ("step", "succeeded") in seen


async def test_strange_news_cannot_break_a_page(town, redis):
    async with town.house(redis=redis.url) as door:
        await until(lambda: door.links.bus._speaking)
        with door.live.subscribe(owner(door)) as watching:
            for raw in (
                b'{"id": "x"}\n\nevent: run\n',
                b"[1]",
                b"nonsense",
                b'{"id":1,"id2":"\n"}',
            ):
                door.feed._take((door.workspace_id, "run", raw))
            door.feed._take((door.workspace_id, "run", b'{ "id" : "run_1" }'))
            assert (await anext(watching)).data == b'{"id":"run_1"}'
