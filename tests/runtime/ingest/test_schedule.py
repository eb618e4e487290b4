"""Schedules: the times of a zone, each firing once, and what happens to those that were missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from tramo.app.play import JumpingClock
from tramo.ingest import schedule
from tramo.ingest.schedule import next_firing
from tramo.store import table

from tests.kit import document, finished, opened, owner, publish, steps
from tests.runtime.runner.kit import opened as on_clock


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1_000)


def firings(cron: str, zone: str, start: str, count: int) -> list[str]:
    at, found = ms(start, zone), []
    for _ in range(count):
        at = next_firing({"cron": cron, "timezone": zone}, at)
        assert at is not None
        found.append(datetime.fromtimestamp(at / 1_000, UTC).isoformat())
    return found


def test_a_daily_time_follows_its_zone_over_a_clock_change():
    assert firings("30 7 * * *", "Europe/Madrid", "2026-03-28T00:00", 3) == [
        "2026-03-28T06:30:00+00:00",
        "2026-03-29T05:30:00+00:00",
        "2026-03-30T05:30:00+00:00",
    ]


def test_a_time_that_the_clock_change_skips_fires_once_at_the_end_of_the_gap():
    assert firings("30 2 * * *", "Europe/Bucharest", "2026-03-28T12:00", 2) == [
        "2026-03-29T00:30:00+00:00",
        "2026-03-29T23:30:00+00:00",
    ]
    assert firings("30 3 * * *", "Europe/Bucharest", "2026-03-28T12:00", 2) == [
        "2026-03-29T01:00:00+00:00",
        "2026-03-30T00:30:00+00:00",
    ]


def test_a_time_that_comes_twice_fires_once():
    found = firings("30 2 * * *", "Europe/Madrid", "2026-10-24T12:00", 2)
    assert found[0].startswith("2026-10-25")
    assert found[1].startswith("2026-10-26")


def test_every_so_many_seconds_is_counted_from_the_epoch():
    assert next_firing({"every_s": 60}, 61_000) == 120_000
    assert next_firing({"every_s": 60}, 60_000) == 120_000


def test_a_schedule_that_never_comes_has_no_next_firing():
    assert next_firing({"cron": "0 0 30 2 *"}, ms("2026-01-01T00:00")) is None


def every_second(**params):
    return document(
        [
            {"id": "tick", "type": "core.schedule", "params": {"every_s": 1, **params}},
            {
                "id": "note",
                "type": "core.set",
                "params": {"fields": {"at": {"$expr": "tick.scheduled_at"}}},
            },
        ],
        [("tick", "note")],
    )


async def fired(house) -> list[int]:
    rows = await house.database.read(
        lambda c: c.execute(select(table.event.c.delivery_id)).scalars().all()
    )
    return sorted(int(row) for row in rows)


async def test_an_active_schedule_starts_runs_at_its_nominal_times(tmp_path):
    async with opened(tmp_path) as house:
        await publish(house, every_second())
        runs = await finished(house, count=2)
        found = await fired(house)
        assert [at % 1_000 for at in found] == [0] * len(found)
        assert len(set(found)) == len(found)
        last = (await steps(house, runs[0]["id"]))["note"]["output"]["at"]
        assert last.endswith(".000Z")
        await house.flows.pause(owner(house), "flow_test")
        count = len(await fired(house))
        await asyncio.sleep(2.2)
        assert len(await fired(house)) <= count + 1, "one may have been on its way"


@pytest.mark.parametrize(("rule", "made_up"), [("skip", 0), ("latest", 1), ("all", 3)])
async def test_firings_missed_while_nobody_ran_follow_the_rule(tmp_path, rule, made_up):
    flow = document(
        [{"id": "tick", "type": "core.schedule", "params": {"every_s": 3_600, "missed": rule}}], []
    )
    async with opened(tmp_path) as house:
        await publish(house, flow)
        hour = 3_600_000
        now = house.clock.now_ms()
        old = now // hour * hour - 3 * hour
        values = {"armed_at": old, "fired_at": old}
        await house.database.write(lambda c: c.execute(table.timer.update().values(**values)))
    async with opened(tmp_path) as house:
        found = await fired(house)
    assert len(found) == made_up
    assert all(at > old for at in found)


async def test_a_schedule_goes_on_after_the_database_could_not_be_read(tmp_path, monkeypatch):
    async def unreadable(function):
        raise OSError("the database is away")

    monkeypatch.setattr(schedule, "RETRY_S", 0.05)
    async with opened(tmp_path) as house:
        await publish(house, every_second())
        await finished(house, count=1)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(house.database, "read", unreadable)
            await asyncio.sleep(1.5)
        await finished(house, count=3)


async def test_what_was_missed_while_a_flow_was_paused_is_not_made_up_for(tmp_path):
    async with opened(tmp_path) as house:
        flow = document(
            [
                {
                    "id": "tick",
                    "type": "core.schedule",
                    "params": {"every_s": 3_600, "missed": "all"},
                }
            ],
            [],
        )
        await publish(house, flow)
        long_ago = {"armed_at": 0, "fired_at": house.clock.now_ms() - 5 * 3_600_000}
        await house.database.write(lambda c: c.execute(table.timer.update().values(**long_ago)))
        await house.flows.pause(owner(house), "flow_test")
        await house.flows.resume(owner(house), "flow_test")
    async with opened(tmp_path) as house:
        assert await fired(house) == []


async def test_a_restart_does_not_fire_the_same_instant_again(tmp_path):
    flow = document(
        [{"id": "tick", "type": "core.schedule", "params": {"every_s": 3_600, "missed": "all"}}], []
    )
    async with opened(tmp_path) as house:
        await publish(house, flow)
        route = house.scheduler._routes()[0]
        await house.scheduler._fire(route, 3_600_000)
        await house.scheduler._fire(route, 3_600_000)
        assert await fired(house) == [3_600_000]
        assert len(await finished(house)) == 1


@pytest.mark.parametrize(("rule", "made_up"), [("skip", 0), ("latest", 1), ("all", 5)])
async def test_a_machine_that_slept_follows_the_rule_too(tmp_path, rule, made_up):
    clock = JumpingClock()
    hour = 3_600_000
    clock.jump_to((clock.now_ms() // hour + 1) * hour + hour // 2)
    async with on_clock(tmp_path, clock) as house:
        hourly = {"every_s": 3_600, "missed": rule}
        flow = document([{"id": "tick", "type": "core.schedule", "params": hourly}], [])
        await publish(house, flow)
        await seen(house)
        clock.jump_to(clock.now_ms() + 5 * hour)
        await seen(house)
        assert len(await fired(house)) == made_up
        clock.jump_to(clock.now_ms() // hour * hour + hour + 1_000)
        await seen(house)
        assert len(await fired(house)) == made_up + 1


async def seen(house) -> None:
    """Let the scheduler look at the clock, and wait until it rests again."""
    house.scheduler.changed()
    async with asyncio.timeout(50):
        while not house.scheduler.resting:
            await asyncio.sleep(0.01)
