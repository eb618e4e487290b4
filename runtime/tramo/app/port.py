"""The real clock, ids and background work: the only module that may ask the system for them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Coroutine
from typing import Any

from tramo.model.id import Prefix


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)  # noqa: TID251 - this is the port


class SystemIds:
    """Ids of the time in milliseconds, a counter and this process's own random number, in
    hexadecimal.

    They sort by the order in which one process made them. Asking the system for random bytes at
    every id would cost a system call and a switch of threads on the hot path; tokens, which must
    not be guessed, do.
    """

    def __init__(self) -> None:
        self._count = itertools.count(secrets.randbits(20))
        self._own = secrets.token_hex(6)

    def new(self, prefix: Prefix) -> str:
        milliseconds = time.time_ns() // 1_000_000
        return f"{prefix}_{milliseconds:011x}{next(self._count) & 0xFFFFFF:06x}{self._own}"

    def token(self) -> str:
        return secrets.token_urlsafe(32)

    def fraction(self) -> float:
        return secrets.randbelow(1 << 30) / (1 << 30)


class TaskSpawn:
    """Background tasks of the running event loop, each referenced until it ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_error = _report

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.on_error(task.get_name(), error)

    async def close(self, grace_s: float) -> None:
        tasks = set(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _report(name: str, error: BaseException) -> None:
    import logging

    logging.getLogger("tramo").error("Background work %s failed", name, exc_info=error)
