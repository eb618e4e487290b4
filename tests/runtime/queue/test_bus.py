"""The bus: what it carries is heard at once, what is strange or too much is passed over."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest
from tramo.app.port import SystemClock, SystemIds, TaskSpawn
from tramo.queue.bus import BUNDLE, CHANNEL, WAITING_MOST, WORD_BYTES, Bus
from tramo.queue.line import Line

from tests.runtime.queue.conftest import until


@asynccontextmanager
async def on_bus(url: str, own: str):
    clock, spawn = SystemClock(), TaskSpawn()
    bus = Bus(Line(url, clock=clock, ids=SystemIds()), own=own, clock=clock, spawn=spawn)
    bus.heard = []
    bus.on("ended", list[str], bus.heard.append)
    bus.start()
    await until(lambda: bus._speaking)
    try:
        yield bus
    finally:
        await bus.close()
        await spawn.close(0)


async def say_until_heard(one, other, word: str, within_s: float = 50.0) -> None:
    async with asyncio.timeout(within_s):
        while [word] not in other.heard:
            one.say("ended", [word])
            await asyncio.sleep(0.05)


async def test_what_one_says_the_others_hear_and_itself_does_not(redis):
    async with on_bus(redis.url, "own_1") as one, on_bus(redis.url, "own_2") as other:
        await say_until_heard(one, other, "run_1")
        assert one.heard == []


async def test_a_redis_that_is_killed_and_comes_back_is_found_again(redis, monkeypatch):
    monkeypatch.setattr("tramo.queue.bus.BEAT_S", 0.1)
    async with on_bus(redis.url, "own_1") as one, on_bus(redis.url, "own_2") as other:
        redis.kill()
        await until(lambda: not one._speaking)
        one.say("ended", ["run_lost"])
        redis.start()
        await say_until_heard(one, other, "run_after")
        assert ["run_lost"] not in other.heard, "news of before are none"


async def test_a_redis_that_stands_still_holds_nobody_up(redis, monkeypatch):
    monkeypatch.setattr("tramo.queue.line.ANSWER_S", 0.3)
    monkeypatch.setattr("tramo.queue.bus.BEAT_S", 0.1)
    monkeypatch.setattr("tramo.queue.bus.DEAF_S", 0.5)
    async with on_bus(redis.url, "own_1") as one, on_bus(redis.url, "own_2") as other:
        redis.stop()
        await until(lambda: not one._speaking)
        redis.go_on()
        await say_until_heard(one, other, "run_after")


async def test_speaking_is_bounded(redis):
    async with on_bus(redis.url, "own_1") as one:
        redis.stop()
        for number in range(2 * WAITING_MOST):
            one.say("ended", [f"run_{number}"])
        assert len(one._words) <= WAITING_MOST
        one.say("ended", ["x" * WORD_BYTES])
        assert one._words[-1].body != msgspec.Raw(msgspec.msgpack.encode(["x" * WORD_BYTES]))
        redis.go_on()


def bundle(*words: object, sender: object = "own_9") -> bytes:
    return msgspec.msgpack.encode([sender, list(words)])


STRANGE = {
    "random bytes": b"\xc1\x00",
    "nothing": b"",
    "deep nesting": b"\x91" * 100_000,
    "a word that is no word": bundle(1),
    "an unknown kind": bundle(["reboot", ["run_1"]]),
    "another form": bundle(["ended", {"run_1": 1}]),
    "numbers": bundle(["ended", [1]]),
    "a sender that is no text": bundle(["ended", ["run_1"]], sender=7),
    "too many words": bundle(*[["ended", ["run_1"]]] * (BUNDLE + 1)),
    "JSON": b'["own_9", [["ended", ["run_1"]]]]',
}


@pytest.mark.parametrize("what", STRANGE)
async def test_a_strangers_word_is_passed_over(redis, what):
    async with on_bus(redis.url, "own_1") as one:
        async with asyncio.timeout(50):
            while not await redis.ask("PUBLISH", CHANNEL, STRANGE[what]):
                await asyncio.sleep(0.01)
        async with asyncio.timeout(50):
            while ["run_good"] not in one.heard:
                await redis.ask("PUBLISH", CHANNEL, bundle(["ended", ["run_good"]]))
        assert ["run_1"] not in one.heard


async def test_a_listener_that_fails_deafens_nobody(redis, caplog):
    async with on_bus(redis.url, "own_1") as one, on_bus(redis.url, "own_2") as other:
        other.on("changed", list[str], lambda _: 1 / 0)
        one.say("changed", ["flow"])
        await say_until_heard(one, other, "run_1")


async def test_without_redis_nothing_is_said_and_nothing_fails():
    bus = Bus(None, own="own_1", clock=SystemClock(), spawn=TaskSpawn())
    bus.start()
    bus.say("ended", ["run_1"])
    await bus.close()
