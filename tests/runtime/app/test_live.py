"""The live feed forgets rather than holding anybody up, and says so."""

from __future__ import annotations

import asyncio

import pytest
from tramo.app.live import WAITING, LiveFeed
from tramo.app.port import SystemClock
from tramo.model.scope import Scope

from tests.web.kit import ManualClock

ANA = Scope("ws_a", "user_ana")


def step(run: str, flow: str = "flow_a", **more: object) -> dict[str, object]:
    return {"run_id": run, "flow_id": flow, "node": "order", **more}


async def take(subscription, count: int) -> list[tuple[str, bytes]]:
    async with asyncio.timeout(50):
        return [
            (item.event, item.data) for item in [await anext(subscription) for _ in range(count)]
        ]


async def test_a_listener_hears_its_workspace_flow_and_run_only():
    feed = LiveFeed(clock=ManualClock(14))
    everything = feed.subscribe(ANA)
    of_flow = feed.subscribe(ANA, flow="flow_b")
    of_run = feed.subscribe(ANA, run="run_1")
    feed.publish("ws_other", "step", step("run_1"))
    feed.publish("ws_a", "run", {"id": "run_1", "flow_id": "flow_a"})
    feed.publish("ws_a", "step", step("run_1"))
    feed.publish("ws_a", "step", step("run_2", "flow_b"))
    feed.close()
    assert len([item async for item in everything]) == 3
    assert [item.data async for item in of_flow] == [
        b'{"run_id":"run_2","flow_id":"flow_b","node":"order"}'
    ]
    assert [item.event async for item in of_run] == ["run", "step"]


async def test_numbers_stay_exact_on_the_way():
    from decimal import Decimal

    feed = LiveFeed(clock=ManualClock(14))
    listener = feed.subscribe(ANA)
    feed.publish("ws_a", "run", {"id": 820982911946154508, "total": Decimal("10.10")})
    assert await take(listener, 1) == [("run", b'{"id":820982911946154508,"total":10.10}')]


async def test_a_broken_line_resumes_where_it_broke():
    feed = LiveFeed(clock=ManualClock(14))
    listener = feed.subscribe(ANA)
    feed.publish("ws_a", "step", step("run_1"))
    last = await anext(listener)
    listener.close()
    feed.publish("ws_a", "step", step("run_2"))
    feed.publish("ws_other", "step", step("run_3"))
    again = feed.subscribe(ANA, after=last.id)
    feed.publish("ws_a", "step", step("run_4"))
    found = await take(again, 2)
    assert [b"run_2" in found[0][1], b"run_4" in found[1][1]] == [True, True]


@pytest.mark.parametrize(
    "after", ["other-1", "e-99", "e--1", "e-x", "nonsense", "", "e-" + "9" * 40]
)
async def test_an_id_that_is_not_remembered_gives_a_reset(after):
    feed = LiveFeed(clock=ManualClock(14))
    feed.subscribe(ANA)
    feed.publish("ws_a", "step", step("run_1"))
    assert await take(feed.subscribe(ANA, after=after), 1) == [("reset", b"{}")]


async def test_who_was_away_too_long_gets_a_reset_and_resumes_from_it():
    feed = LiveFeed(clock=ManualClock(14), remembered=3)
    listener = feed.subscribe(ANA)
    feed.publish("ws_a", "step", step("run_0"))
    first = await anext(listener)
    listener.close()
    for number in range(10):
        feed.publish("ws_a", "step", step(f"run_{number}"))
    again = feed.subscribe(ANA, after=first.id)
    reset = await anext(again)
    assert reset.event == "reset"
    again.close()
    assert not feed.subscribe(ANA, after=reset.id)._items, "after a reset nothing is missing"


async def test_a_slow_listener_loses_its_queue_and_is_told():
    feed = LiveFeed(clock=ManualClock(14))
    slow = feed.subscribe(ANA)
    for number in range(WAITING + 5):
        feed.publish("ws_a", "step", step(f"run_{number}"))
    assert len(slow._items) <= WAITING
    found = await take(slow, 5)
    assert [event for event, _ in found] == ["reset"] + ["step"] * 4


async def test_closing_lets_a_waiting_listener_go():
    feed = LiveFeed(clock=ManualClock(14))
    listener = feed.subscribe(ANA)

    async def read_all() -> int:
        return len([item async for item in listener])

    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        reading = group.create_task(read_all())
        await SystemClock().sleep(0)
        feed.publish("ws_a", "step", step("run_1"))
        listener.close()
    assert reading.result() == 1
    assert feed.listeners == 0
    feed.close()
    assert [item async for item in feed.subscribe(ANA)] == []


class Untouched(dict[str, object]):
    """Fails whoever reads it."""

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"{name} was asked for")


async def test_publishing_to_nobody_does_no_work():
    feed = LiveFeed(clock=ManualClock(14))
    data = Untouched(step("run_1"))
    for _ in range(3):
        feed.publish("ws_a", "step", data)
    with feed.subscribe(ANA), pytest.raises(AssertionError, match="was asked for"):
        feed.publish("ws_a", "step", data)
