"""The real clock, ids and background work: the only module that may ask the system for them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from tramo.model.id import Prefix


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)  # noqa: TID251 - this is the port


class DatabaseClock(SystemClock):
    """The database's clock, which all processes of a cluster go by: this machine's may be wrong.

    Between two looks at the database it counts what passes here, in a way that neither a change of
    the wall clock nor a pause of the process disturbs.
    """

    def __init__(self) -> None:
        self._offset_ms: int | None = None

    def now_ms(self) -> int:
        if self._offset_ms is None:
            return super().now_ms()
        return _passed_ms() + self._offset_ms

    def set(self, ask: Callable[[], int]) -> None:
        """Go by what `ask` returns from now on, in milliseconds since the epoch.

        It counts for the middle of the time that the answer took; one that took long says little
        and is passed over, unless it is the first.
        """
        before = _passed_ms()
        told = ask()
        took = _passed_ms() - before
        if took < LONG_ANSWER_MS or self._offset_ms is None:
            self._offset_ms = told - before - took // 2


LONG_ANSWER_MS: Final = 500


def _passed_ms() -> int:
    """Return milliseconds since some moment; where the system can tell, those of its sleep too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.monotonic_ns() // 1_000_000


_LETTERS: Final = "0123456789abcdefghijklmnopqrstuv"
"""In the order of their code points, so that texts sort as their numbers do."""
_PAIRS: Final = tuple(first + second for first in _LETTERS for second in _LETTERS)


def _letters(number: int, count: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(count)))


class SystemIds:
    """Ids of the time in milliseconds, a counter and this process's own random number, in twenty
    letters of 5 bits: every row and index holds some, so they are short.

    They sort by the order in which one process made them. Asking the system for random bytes at
    every id would cost a system call and a switch of threads on the hot path; tokens, which must
    not be guessed, do.
    """

    def __init__(self) -> None:
        self._count = itertools.count(secrets.randbits(20))
        self._own = _letters(secrets.randbits(35), 7)
        self._at = 0
        self._time = ""

    def new(self, prefix: Prefix) -> str:
        milliseconds = time.time_ns() // 1_000_000
        if milliseconds >> 10 != self._at:
            self._at = milliseconds >> 10
            self._time = _letters(self._at, 7)
        number = next(self._count)
        return (
            f"{prefix}_{self._time}{_PAIRS[milliseconds & 1023]}"
            f"{_PAIRS[number >> 10 & 1023]}{_PAIRS[number & 1023]}{self._own}"
        )

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
