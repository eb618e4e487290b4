"""Rings over arq: whatever happens to Redis or lies in it, later rings are heard again."""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
from contextlib import AsyncExitStack

import msgspec
import pytest
from tramo.app.port import SystemClock, SystemIds
from tramo.model.problem import TramoError
from tramo.queue import arq
from tramo.queue.arq import KEPT_MOST, QUEUE, RING_MOST
from tramo.queue.line import Line

from tests.redis import redis_server
from tests.runtime.queue.conftest import bell, until


async def ring_until_heard(ringing, hearing, name: str, within_s: float = 50.0) -> None:
    """Ring again and again: while Redis is away, rings may be lost."""
    async with asyncio.timeout(within_s):
        while not any(run_id.startswith(name) for run_id in hearing.rung):
            ringing.wakeup.wake([f"{name}_{len(ringing.rung)}_{time.monotonic_ns()}"])
            await asyncio.sleep(0.05)


async def test_a_ring_is_heard_by_one_of_the_processes(redis):
    async with bell(redis.url) as first, bell(redis.url) as second:
        first.wakeup.wake(["run_1"])
        await until(lambda: first.rung + second.rung == ["run_1"])


async def test_many_rings_travel_in_few_jobs(redis):
    async with bell(redis.url) as one:
        names = [f"run_{number}" for number in range(3 * RING_MOST)]
        one.wakeup.wake(names)
        await one.heard(*names)
        assert one.batches <= 6
        await asyncio.sleep(0.1)
        assert await redis.ask("KEYS", "arq:*") == []
        assert await redis.ask("ZCARD", QUEUE) == 0


async def test_a_process_without_room_leaves_rings_to_others(redis):
    free = [0]
    async with bell(redis.url, room=lambda: free[0]) as full, bell(redis.url) as other:
        await asyncio.sleep(0.1)
        full.wakeup.wake(["run_1", "run_2"])
        await other.heard("run_1", "run_2")
        assert full.rung == []
        free[0] = 1
        await asyncio.sleep(0.1)
        names = [f"run_{number}" for number in range(10, 20)]
        other.wakeup.room = lambda: 1
        full.wakeup.wake(names)
        await until(lambda: set(names) <= {*full.rung, *other.rung})
        assert full.rung, "it takes what it has room for"
        assert set(other.rung) - {"run_1", "run_2"}, "and leaves the rest"


async def test_ringing_never_waits_and_is_bounded(redis):
    redis.stop()
    async with bell(redis.url, room=lambda: 0) as one:
        began = time.monotonic()
        for number in range(KEPT_MOST + 1_000):
            one.wakeup.wake([f"run_{number}"])
        assert time.monotonic() - began < 20
        assert len(one.wakeup._out) + len(one.wakeup._in) <= 2 * KEPT_MOST
        redis.go_on()


# Known ways to die -------------------------------------------------------------------------------


async def test_a_redis_that_is_killed_and_comes_back_is_found_again(redis, caplog):
    caplog.set_level(logging.WARNING, "tramo.queue")
    async with bell(redis.url) as one, bell(redis.url) as other:
        one.wakeup.wake(["run_before"])
        await until(lambda: one.rung + other.rung)
        redis.kill()
        await until(lambda: not one.line.up)
        one.wakeup.wake(["run_meanwhile"])
        await one.heard("run_meanwhile")  # It looks itself, for nobody else would hear.
        redis.start()
        await ring_until_heard(one, other, "run_after")
        await until(lambda: one.line.up and other.line.up)
        await until(lambda: sum("is back" in each.message for each in caplog.records) >= 2)
    away = [each for each in caplog.records if "does not serve" in each.message]
    assert len(away) == 2, "each process says it once"


async def test_a_redis_that_is_not_there_at_the_start_is_found_later(tmp_path):
    with redis_server(tmp_path, started=False) as redis:
        async with bell(redis.url) as one:
            await until(lambda: not one.line.up)
            one.wakeup.wake(["run_1"])
            await one.heard("run_1")
            redis.start()
            await until(lambda: one.line.up)
            one.wakeup.wake(["run_2"])
            await one.heard("run_2")


async def test_flushing_costs_the_rings_on_their_way_and_nothing_else(redis):
    async with bell(redis.url) as one, bell(redis.url) as other:
        for _ in range(5):
            one.wakeup.wake([f"run_{number}" for number in range(100)])
            await redis.ask("FLUSHALL")
        await ring_until_heard(one, other, "run_after")


async def test_a_redis_that_stands_still_is_given_up_and_found_again(redis, monkeypatch):
    monkeypatch.setattr("tramo.queue.line.ANSWER_S", 0.3)
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_before"])
        await one.heard("run_before")
        redis.stop()
        one.wakeup.wake(["run_1"])
        await until(lambda: not one.line.up)
        one.wakeup.wake(["run_2"])
        await one.heard("run_2")
        redis.go_on()
        await until(lambda: one.line.up)
        await one.heard("run_1")


async def test_a_redis_without_memory_delays_and_recovers(redis):
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_before"])
        await one.heard("run_before")
        await redis.ask("CONFIG", "SET", "maxmemory", "1")
        one.wakeup.wake(["run_1"])
        await until(lambda: not one.line.up)
        one.wakeup.wake(["run_2"])
        await one.heard("run_2")
        await redis.ask("CONFIG", "SET", "maxmemory", "0")
        await until(lambda: one.line.up)
        await one.heard("run_1")


async def test_a_worker_that_has_a_job_when_memory_ends_goes_on_afterwards(redis):
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(bell(redis.url, room=lambda: 0))
        one.wakeup.wake(["run_1"])
        async with asyncio.timeout(50):
            while not await redis.ask("ZCARD", QUEUE):
                await asyncio.sleep(0.01)
        await redis.ask("CONFIG", "SET", "maxmemory", "1")
        one.wakeup.room = lambda: 10
        await asyncio.sleep(0.3)
        await redis.ask("CONFIG", "SET", "maxmemory", "0")
        await one.heard("run_1")


def good_job(**fields: object) -> bytes:
    job = {"t": None, "f": "wake", "a": [["run_1"]], "k": {}, "et": 1_763_000_000_000}
    return msgspec.msgpack.encode(job | fields)


GARBAGE = {
    "nothing under its name": None,
    "random bytes": b"\xc1\x00\xff",
    "another function": good_job(f="os.system"),
    "a function that cannot be a name": good_job(f=["wake"]),
    "arguments of another kind": good_job(a="rm -rf"),
    "too many arguments": good_job(a=[["run_1"], ["run_2"]]),
    "numbers instead of runs": good_job(a=[[1, 2]]),
    "named arguments": good_job(k={"ctx": 1}),
    "tries that are text": good_job(t="many"),
    "an absurd time": good_job(et=1 << 62),
    "JSON": b'{"f": "wake", "a": [["run_1"]], "k": {}, "t": null, "et": 1}',
    "deep nesting": b"\x91" * 100_000,
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_a_strangers_job_is_passed_over(redis, what):
    if GARBAGE[what] is not None:
        await redis.ask("SET", "arq:job:strange", GARBAGE[what])
    await redis.ask("ZADD", QUEUE, "1763000000000", "strange")
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_good"])
        await one.heard("run_good")
        await asyncio.sleep(0.1)
        assert await redis.ask("ZCARD", QUEUE) == 0
        assert one.rung == ["run_good"]


QUEUES = {
    "names that are no text": ("ZADD", QUEUE, "1763000000000", b"\xff\xfe"),
    "another kind of key": ("SET", QUEUE, "hello"),
    "a counter that does not count": ("SET", "arq:retry:strange", "x"),
}


@pytest.mark.parametrize("what", QUEUES)
async def test_a_queue_that_arq_dies_of_is_emptied(redis, what):
    await redis.ask(*QUEUES[what])
    if what == "a counter that does not count":
        await redis.ask("SET", "arq:job:strange", good_job())
        await redis.ask("ZADD", QUEUE, "1763000000000", "strange")
    async with bell(redis.url) as one:
        await until(lambda: not one.line.up)
        await until(lambda: one.line.up)
        await one.clock.sleep(0.3)
        assert one.line.up, "and does not die of it again"
        assert await redis.ask("ZSCORE", QUEUE, "strange") is None
        one.wakeup.wake(["run_after"])
        await one.heard("run_after")


async def test_rings_that_nobody_could_ever_take_do_not_hide_the_others(redis, monkeypatch):
    monkeypatch.setattr(arq, "TIDY_S", 0.2)
    strange = [part for number in range(500) for part in ("0", f"strange_{number}")]
    await redis.ask("ZADD", QUEUE, *strange)
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_1"])
        await one.heard("run_1")
        assert await redis.ask("ZCARD", QUEUE) == 0


async def test_a_pickled_job_runs_nothing(redis, tmp_path):
    sprung = tmp_path / "sprung"

    class Trap:
        def __reduce__(self):
            return (open, (str(sprung), "w"))

    trap = pickle.dumps({"t": 1, "f": "wake", "a": (Trap(),), "k": {}, "et": 1})
    pickle.loads(trap)
    assert sprung.exists(), "the trap works"
    sprung.unlink()
    await redis.ask("SET", "arq:job:trap", trap)
    await redis.ask("ZADD", QUEUE, "1763000000000", "trap")
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_1"])
        await one.heard("run_1")
        await asyncio.sleep(0.1)
    assert not sprung.exists()


async def test_what_a_process_left_behind_when_it_was_killed_is_rung_for_again(redis, monkeypatch):
    """A job that was being carried out is kept from others for its time and ten seconds: no ring
    of ours waits for that."""
    await redis.ask("SET", "arq:job:left", good_job(a=[["run_left"]]))
    await redis.ask("SET", "arq:in-progress:left", "1", "PX", "300")
    await redis.ask("ZADD", QUEUE, str(int(time.time() * 1_000)), "left")
    async with bell(redis.url) as one:
        one.wakeup.wake(["run_1"])
        await one.heard("run_1", within_s=1)
        await one.heard("run_left")


@pytest.mark.parametrize("url", ["http://localhost", "redis://host:port", "localhost:6379", ""])
def test_an_address_that_leads_nowhere_is_refused_in_a_sentence(url):
    with pytest.raises(TramoError, match="redis://host:6379/0"):
        Line(url, clock=SystemClock(), ids=SystemIds())


def test_no_password_is_ever_shown():
    line = Line("redis://ana:secret@example.com:7000/1", clock=SystemClock(), ids=SystemIds())
    assert line.where == "example.com:7000"
