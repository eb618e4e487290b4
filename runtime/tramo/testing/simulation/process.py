"""A process of the simulated world: work of its own that dies, or stands still, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any, Final, TypeVar

T = TypeVar("T")

PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)
"""Whose code is running; None: the world around the processes."""


class Process:
    """What a kill ends and a stop signal freezes.

    Everything that is begun inside it, and by what was begun inside it, belongs to it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.name = name
        self.owner = ""
        """Under which name it holds runs."""
        self.alive = True
        self.frozen_until = 0.0
        self.hit_until = 0.0
        """Until when the latest fault kept it from something, or will."""
        self.deferred: list[Any] = []
        """What would have run while it stood still."""
        self.context: Context = copy_context()
        self.context.run(PROCESS.set, self)
        self._loop = loop
        self._tasks: dict[asyncio.Task[Any], None] = {}

    @property
    def frozen(self) -> bool:
        return self.frozen_until > self._loop.time()

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Take in work that was begun inside it."""
        if len(self._tasks) > 200:
            self._tasks = {task: None for task in self._tasks if not task.done()}
        self._tasks[task] = None

    def working(self) -> bool:
        """Tell whether it does anything but wait for what is due."""
        return any(
            not task.done() and not task.get_name().startswith("watch:") for task in self._tasks
        )

    def run(self, function: Callable[..., T], *given: Any, **named: Any) -> T:
        """Call a function inside the process, from wherever."""
        return self.context.copy().run(function, *given, **named)

    def later(self, seconds: float, function: Callable[..., None], *given: Any) -> None:
        """Call a function inside the process, then."""
        self._loop.call_later(seconds, function, *given, context=self.context)

    def hit(self, seconds: float = 0.0) -> None:
        """Remember that something kept it from its work, for so long."""
        self.hit_until = max(self.hit_until, self._loop.time() + seconds)

    def freeze(self, seconds: float) -> None:
        """Stand still: nothing of it runs until then, and it does not notice."""
        self.frozen_until = self._loop.time() + seconds
        self._loop.call_later(seconds, self._thaw, context=Context())

    def _thaw(self) -> None:
        if not self.frozen:
            waiting, self.deferred = self.deferred, []
            self._loop._ready.extend(waiting)  # type: ignore[attr-defined]

    def kill(self) -> None:
        """End it as a kill does: its memory is gone, and what it asked others for goes on."""
        if self.alive:
            self.alive = False
            self.frozen_until = 0.0
            self._thaw()
            for task in self._tasks:
                if not task.done():
                    task._log_destroy_pending = False  # type: ignore[attr-defined]
                    task.cancel()

    def bury(self) -> bool:
        """Cancel again what has not ended; False when nothing is left."""
        left = [task for task in self._tasks if not task.done()]
        for task in left:
            task.cancel()
        return bool(left)


def current() -> Process:
    """Return the process whose code is running."""
    process = PROCESS.get()
    assert process is not None, "this runs in no process"
    return process
