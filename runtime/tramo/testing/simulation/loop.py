"""An event loop whose time is a number, and in which processes take turns by a seed.

Inside one process what is ready runs in the order asyncio promises; between processes there is no
such promise, and the seed decides. When nothing is ready, time jumps to the next timer.
"""

from __future__ import annotations

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from heapq import heappop
from typing import Any

from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.process import PROCESS, Process

TURNS = 25_000
"""Rounds of one loop after which a simulation that does not end is given up."""


class Stuck(Exception):
    """Nothing is ready, nothing is due, and somebody is still waiting; or it never ends."""


class VirtualLoop(BaseEventLoop):
    """It starts at 0: from the epoch on, its resolution of a nanosecond would vanish in a float."""

    def __init__(self, chance: Chance) -> None:
        super().__init__()
        self._now_s = 0.0
        self._chance = chance
        self._turns = 0
        self.horizon: Callable[[float], float] = lambda when: when
        """Says to which instant time may jump, when the next timer is at `when`."""
        self.set_task_factory(_begin)

    def time(self) -> float:
        return self._now_s

    def next_timer(self, of_world: bool) -> float | None:
        """Return when the next timer of the world is due, or of anybody."""
        found = (
            entry.when()
            for entry in self._scheduled  # type: ignore[attr-defined]
            if not entry.cancelled() and (not of_world or _owner(entry) is None)
        )
        return min(found, default=None)

    def _run_once(self) -> None:
        self._turns += 1
        if self._turns > TURNS:
            raise Stuck("the simulation goes round and round")
        ready: Any = self._ready  # type: ignore[attr-defined]
        scheduled: list[Any] = self._scheduled  # type: ignore[attr-defined]
        self._drop_cancelled(scheduled)
        if not ready:
            if not scheduled:
                raise Stuck("nothing will ever happen any more")
            self._now_s = max(self._now_s, self.horizon(scheduled[0].when()))
        end = self._now_s + 1e-9
        while scheduled and scheduled[0].when() < end:
            entry = heappop(scheduled)
            entry._scheduled = False
            ready.append(entry)
        batch = list(ready)
        ready.clear()
        for entry in self._mixed(batch):
            process = _owner(entry)
            if process is not None and process.frozen:
                process.deferred.append(entry)
            elif not entry.cancelled():
                entry._run()

    def _drop_cancelled(self, scheduled: list[Any]) -> None:
        while scheduled and scheduled[0].cancelled():
            heappop(scheduled)._scheduled = False
        self._timer_cancelled_count = 0

    def _mixed(self, batch: list[Any]) -> list[Any]:
        """Mix what several processes have ready; each one's own order stays."""
        if len(batch) < 2:
            return batch
        lines: dict[Process | None, list[Any]] = {}
        for entry in batch:
            lines.setdefault(_owner(entry), []).append(entry)
        if len(lines) < 2:
            return batch
        turns = [owner for owner, line in lines.items() for _ in line]
        self._chance.shuffle(turns)
        following = {owner: iter(line) for owner, line in lines.items()}
        return [next(following[owner]) for owner in turns]

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Do at once what a thread would do: threads know nothing of virtual time."""
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            future.set_exception(error)
        return future

    def _write_to_self(self) -> None:
        """Nobody calls from another thread."""

    def _process_events(self, event_list: Any) -> None:
        """There is no outside."""


def _owner(entry: Any) -> Process | None:
    return entry._context.get(PROCESS)


def _begin(loop: Any, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    process = PROCESS.get()
    if process is not None:
        process.adopt(task)
    return task
