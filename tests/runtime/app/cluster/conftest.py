"""Several houses on one PostgreSQL database, in one process: each is what a server or worker is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tramo.app.house import House, open_house
from tramo.app.setting import Settings

from tests.kit import REGISTRY
from tests.postgres import postgres_url
from tests.redis import RedisServer, redis_server


@pytest.fixture
def redis(tmp_path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


class Town:
    """A database, and who works on it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self._count = 0

    @asynccontextmanager
    async def house(self, *, worker: bool = False, **fields: Any) -> AsyncIterator[House]:
        """Open one more house; without `redis` it hears of the others by looking."""
        self._count += 1
        settings = Settings(
            data=self.folder / f"house_{self._count}",
            key_file=self.folder / "keys" / "key.toml",
            port=0,
            database=self.url,
            **fields,
        )
        async with open_house(settings, registry=REGISTRY, worker=worker) as house:
            yield house


@pytest.fixture
def town(tmp_path) -> Iterator[Town]:
    with postgres_url() as url:
        yield Town(tmp_path, url)


async def until(true: Callable[[], Any], within_s: float = 50.0) -> None:
    """Wait for something; fails when it does not come."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


def crash(house: House) -> None:
    """Let a house do no more than a killed process does: nothing, and it gives nothing up."""
    cluster = house.cluster
    assert cluster is not None
    for loop in cluster._loops:
        loop.cancel()
    for part in (house.lookout, house.courier, house.sweeper, house.poller):
        if part._loop is not None:
            part._loop.cancel()
    if house.scheduler._task is not None:
        house.scheduler._task.cancel()
    for loop in house.runner._watch._loops:
        loop.cancel()
