"""The ports of a simulated process: a clock on virtual time, ids in order, work, rings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Final

from tramo.model.id import Prefix
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.process import Process

START_MS: Final = 1_790_000_000_000
"""When every simulation begins."""


async def pause(seconds: float) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(seconds)  # noqa: TID251 - this is the port


def begin(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Begin work beside the caller, for whoever's context this is."""
    return asyncio.get_running_loop().create_task(work, name=name)


class Time:
    """The database's clock, which all processes go by; a fault may set it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.set_by_ms = 0

    def now_ms(self) -> int:
        return START_MS + self.set_by_ms + round(self._loop.time() * 1_000)

    def monotonic_s(self) -> float:
        return self._loop.time()


class SimulatedClock:
    """A worker's reading of the database's clock, off by as much as a round trip leaves open.

    `own_skew_ms` is how far the machine's own clock is off, which nothing may go by.
    """

    def __init__(
        self, time: Time, process: Process, *, skew_ms: int = 0, own_skew_ms: int = 0
    ) -> None:
        self._time = time
        self._loop = asyncio.get_running_loop()
        self._process = process
        self._skew_ms = skew_ms
        self.own_skew_ms = own_skew_ms

    def now_ms(self) -> int:
        return self._time.now_ms() + self._skew_ms

    def monotonic_s(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await pause(seconds)


class SimulatedIds:
    """Ids in the order they were asked for, each process its own."""

    def __init__(self, name: str, chance: Chance) -> None:
        self._name = name
        self._chance = chance
        self._count = 0

    def new(self, prefix: Prefix) -> str:
        self._count += 1
        return f"{prefix}_{self._count:011d}{self._name}"

    def token(self) -> str:
        self._count += 1
        return f"token{self._count:06d}{self._name}"

    def fraction(self) -> float:
        return self._chance.random()


class SimulatedSpawn:
    """Background work of one process; an error in it is told, never lost."""

    def __init__(self, process: Process, failed: Callable[[str, BaseException], None]) -> None:
        self._process = process
        self._failed = failed

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        task = self._process.run(begin, work, name)
        task.add_done_callback(self.report, context=self._process.context)
        return task

    def report(self, task: asyncio.Task[Any]) -> None:
        """Tell of the error that work ended with, if it did."""
        error = None if task.cancelled() else task.exception()
        if error is not None and self._process.alive:
            self._failed(task.get_name(), error)

    async def close(self, grace_s: float) -> None:
        """The process ends with its work."""


class SimulatedWakeup:
    """A doorbell between processes, some of whose rings are lost or come late."""

    def __init__(self, ring: Callable[[Sequence[str]], None]) -> None:
        self._ring = ring
        self._rung: list[str] = []
        self._bell = asyncio.Event()

    def wake(self, run_ids: Sequence[str]) -> None:
        self._ring(run_ids)

    def hear(self, run_ids: Sequence[str]) -> None:
        """Let this process hear a ring."""
        self._rung += run_ids
        self._bell.set()

    async def listen(self) -> AsyncIterator[Sequence[str]]:
        while True:
            await self._bell.wait()
            self._bell.clear()
            batch, self._rung = tuple(self._rung), []
            if batch:
                yield batch
