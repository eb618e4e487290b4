"""Wake-ups inside one process: the default, with nothing to install."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence


class LocalWakeup:
    """Rings for this process only. One batch holds everything rung for since the last."""

    def __init__(self) -> None:
        self._rung: dict[str, None] = {}
        self._bell = asyncio.Event()

    def wake(self, run_ids: Sequence[str]) -> None:
        self._rung.update(dict.fromkeys(run_ids))
        self._bell.set()

    async def listen(self) -> AsyncIterator[Sequence[str]]:
        while True:
            await self._bell.wait()
            self._bell.clear()
            batch, self._rung = tuple(self._rung), {}
            if batch:
                yield batch
