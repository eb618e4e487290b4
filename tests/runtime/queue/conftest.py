"""Processes that ring for each other, as far as a process is a wake-up and a bus of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tramo.app.port import SystemClock, SystemIds, TaskSpawn
from tramo.queue.arq import ArqWakeup
from tramo.queue.line import Line

from tests.redis import RedisServer, redis_server


@pytest.fixture
def redis(tmp_path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


class Bell:
    """A wake-up, and everything that was rung for at its place."""

    def __init__(self, url: str, room: Callable[[], int] | None = None) -> None:
        self.spawn = TaskSpawn()
        self.clock = SystemClock()
        self.line = Line(url, clock=self.clock, ids=SystemIds())
        self.wakeup = ArqWakeup(self.line, clock=self.clock, spawn=self.spawn)
        if room is not None:
            self.wakeup.room = room
        self.rung: list[str] = []
        self.batches = 0

    async def collect(self) -> None:
        async for batch in self.wakeup.listen():
            self.rung += batch
            self.batches += 1

    async def heard(self, *run_ids: str, within_s: float = 50.0) -> None:
        """Wait until all of these were rung for here."""
        await until(lambda: set(run_ids) <= set(self.rung), within_s)


@asynccontextmanager
async def bell(url: str, room: Callable[[], int] | None = None) -> AsyncIterator[Bell]:
    made = Bell(url, room)
    made.wakeup.start()
    collecting = asyncio.create_task(made.collect())
    try:
        yield made
    finally:
        collecting.cancel()
        await made.wakeup.close()
        await made.spawn.close(0)


async def until(true: Callable[[], Any], within_s: float = 50.0) -> None:
    """Wait for something; fails when it does not come."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)
