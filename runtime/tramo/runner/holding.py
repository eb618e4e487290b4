"""The runs in the hands of this process: until when they are ours, and which of them are suspects.

A run that was in hand when its worker died may be what took it down, or merely have been there.
From its second time on it is a suspect, and a process has one suspect in hand at a time: only the
culprit can die alone for a third time, unless somebody kills from outside (`store/loss.py`).
"""

from __future__ import annotations

from typing import Final
from weakref import WeakSet

from tramo.engine.journal import Moment
from tramo.model.limit import CRASHES_BEFORE_SUSPICION
from tramo.runner.live import LiveRun

FURTHER: Final = frozenset("dfaoz")
"""Transitions by which a run comes further: steps and items that end."""


class Holding(dict[str, LiveRun]):
    """Runs in memory by id."""

    def __init__(self) -> None:
        super().__init__()
        self.arriving: WeakSet[LiveRun] = WeakSet()
        """Runs begun here whose first commit is under way. Weak, for nobody tells of a commit that
        failed."""
        self._suspects: set[str] = set()

    def own(self) -> list[str]:
        """Return the runs that are this process's own, whatever the clock says."""
        return [*self, *(live.state.run_id for live in self.arriving)]

    def rung(self) -> dict[str, int]:
        """Return how often each had been rung for when its row was last read."""
        return {run_id: live.rung for run_id, live in self.items()}

    def take(self, live: LiveRun) -> None:
        """Hold a run that was claimed."""
        self[live.state.run_id] = live
        if live.crashes >= CRASHES_BEFORE_SUSPICION:
            self._suspects.add(live.state.run_id)

    def let_go(self, run_id: str) -> bool:
        """Hold a run no longer; tell whether it was a suspect, so that the next one may come."""
        del self[run_id]
        return self._clear(run_id)

    def came_further(self, live: LiveRun, moments: list[Moment]) -> bool:
        """Look whether a run came further since the last crash; tell whether it was a suspect: it
        took no worker down, and the next one may come."""
        if not any(transition[0] in FURTHER for _, items in moments for transition in items):
            return False
        live.crashes = 0
        return self._clear(live.state.run_id)

    def _clear(self, run_id: str) -> bool:
        suspected = run_id in self._suspects
        self._suspects.discard(run_id)
        return suspected

    @property
    def suspecting(self) -> bool:
        """Whether a run is in hand that may be what takes workers down."""
        self._suspects &= self.keys()
        return bool(self._suspects)

    def renewed(self, ours: set[str], until: int) -> None:
        """Note until when runs are still ours."""
        for run_id in ours:
            if run_id in self:
                self[run_id].leased_until = until

    def expiring(self, by: int) -> list[LiveRun]:
        """Return the runs at work whose lease ends by a time."""
        return [live for live in self.values() if live.working and live.leased_until < by]

    def due(self, now: int) -> tuple[list[tuple[LiveRun, int]], int | None]:
        """Return the runs in hand that something is due for, and since when; and when the next one
        is due."""
        times = [(live, live.due_at) for live in self.values() if live.due_at is not None]
        later = [at for _, at in times if at > now]
        return [(live, at) for live, at in times if at <= now], min(later, default=None)
