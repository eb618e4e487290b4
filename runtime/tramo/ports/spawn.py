"""Background work that somebody keeps a reference to."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Coroutine
from typing import Any, Protocol


class Spawn(Protocol):
    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> Task[None]:
        """Run `work` beside the caller; an error in it is reported, never lost."""
        ...

    async def close(self, grace_s: float) -> None:
        """Let running work end for `grace_s` seconds, then cancel the rest and wait for it."""
        ...
