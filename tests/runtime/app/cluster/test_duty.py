"""Duties: each is done by one process, another goes on soon, and two at once do no harm."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from tramo.app.cluster.duty import LEASE_MS

from tests.kit import document, owner, publish
from tests.runtime.app.cluster.conftest import crash, until

ALL = {"scheduler", "poller", "courier", "lookout", "sweeper"}


def every_second() -> dict:
    return document(
        [
            {"id": "tick", "type": "core.schedule", "params": {"every_s": 1}},
            {"id": "say", "type": "core.set", "params": {"fields": {"said": 1}}},
        ],
        [("tick", "say")],
    )  # fmt: skip


async def firings(house) -> Counter[str]:
    """Return how many runs each nominal instant started."""
    found: Counter[str] = Counter()
    for item in (await house.runs.list(owner(house), limit=100))["items"]:
        run = await house.runs.get(owner(house), item["id"])
        found[run["event"]["payload"]["scheduled_at"]] += 1
    return found


async def test_one_process_has_each_duty_and_another_goes_on_when_it_stops(town):
    async with town.house() as one:
        await until(lambda: one.cluster._duties.held == ALL)
        async with town.house() as other, town.house(worker=True) as worker:
            await publish(other, every_second())
            await asyncio.sleep(1.2)
            assert not other.cluster._duties.held
            assert not worker.cluster._duties.held
            began = time.monotonic()
            await one.cluster.retire()
            await until(lambda: other.cluster._duties.held == ALL)
            assert time.monotonic() - began < LEASE_MS / 2_000, "it need not wait for a lease"
            before = sum((await firings(other)).values())
            await until_fired(other, before + 2)
            assert set((await firings(other)).values()) == {1}


async def until_fired(house, count: int) -> None:
    async with asyncio.timeout(50):
        while sum((await firings(house)).values()) < count:
            await asyncio.sleep(0.1)


async def test_after_a_crash_another_takes_over_when_the_lease_ends(town, monkeypatch):
    monkeypatch.setattr("tramo.app.cluster.duty.LEASE_MS", 3_000)
    monkeypatch.setattr("tramo.app.cluster.duty.RENEW_MS", 300)
    async with town.house() as one:
        await until(lambda: one.cluster._duties.held == ALL)
        async with town.house() as other:
            await asyncio.sleep(3.5)
            assert not other.cluster._duties.held, "it is kept as long as it is renewed"
            crash(one)
            await until(lambda: other.cluster._duties.held == ALL)


async def test_who_could_not_renew_lets_go_before_it_goes_on(town, monkeypatch):
    async with town.house() as one:
        await until(lambda: one.cluster._duties.held == ALL)
        async with town.house() as other:
            one.cluster._duties._until = 0  # Its lease ended while it could not do anything.
            stopped = []
            close = one.scheduler.close

            async def stop() -> None:
                stopped.append(one.cluster._duties.held)
                await close()

            duties = one.cluster._duties
            duty = duties._duties["scheduler"]
            duties._duties["scheduler"] = type(duty)(duty.name, duty.start, stop)
            await until(lambda: stopped)
            await until(lambda: one.cluster._duties.held | other.cluster._duties.held == ALL)
            assert not one.cluster._duties.held & other.cluster._duties.held


async def test_two_that_both_believe_they_have_the_duty_fire_once(town):
    async with town.house() as one, town.house() as other:
        await publish(one, every_second())
        await other._look()
        for house in (one, other):
            if "scheduler" not in house.cluster._duties.held:
                await house.scheduler.start()
        await until_fired(one, 3)
        fired = await firings(one)
        assert set(fired.values()) == {1}, "an instant has one run"
