"""A doorbell: a run may have something to do. A lost ring costs time and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol


class Wakeup(Protocol):
    def wake(self, run_ids: Sequence[str]) -> None:
        """Ring for these runs. Never waits, never fails."""
        ...

    def listen(self) -> AsyncIterator[Sequence[str]]:
        """Yield batches of run ids that were rung for since the last batch."""
        ...
