"""Ports that a test holds in its hand: a clock that stands, ids in order, background work."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from tramo.model.id import Prefix

START_MS: Final = 1_760_000_000_000


class StandingClock:
    """A clock that moves only when somebody sleeps by it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


class CountingIds:
    """Ids and tokens in the order they were asked for."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: Prefix) -> str:
        self._count += 1
        return f"{prefix}_{self._count:06d}"

    def token(self) -> str:
        self._count += 1
        return f"token-{self._count:06d}"

    def fraction(self) -> float:
        return 0.5


class TaskSpawn:
    """Background work on the running loop, referenced until it ends."""

    def __init__(self) -> None:
        self._work: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def close(self, grace_s: float) -> None:
        if self._work:
            _, late = await asyncio.wait(set(self._work), timeout=grace_s)
            for task in late:
                task.cancel()
