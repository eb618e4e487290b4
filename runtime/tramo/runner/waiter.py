"""Those who wait for a run's end: a webhook that answers when it has finished, a command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tramo.model.run import FINAL_RUN_STATES
from tramo.runner.live import LiveRun, Outcome

Waiting = asyncio.Future[Outcome]


class Waiters:
    """Futures by run; each is told once."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Waiting]] = {}
        self.elsewhere: Callable[[str], None] = lambda _: None
        """Told of a run that somebody may wait for in another process."""

    def of(self, live: LiveRun) -> Waiting:
        """Return a future of the run's end, its response or its question, whichever comes first."""
        known = _known(live)
        if known is None:
            return self.add(live.state.run_id)
        future: Waiting = asyncio.get_running_loop().create_future()
        future.set_result(known)
        return future

    def add(self, run_id: str) -> Waiting:
        """Return such a future of a run that has not ended, be it in memory or not."""
        future: Waiting = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(run_id, []).append(future)
        future.add_done_callback(lambda done: self._forget(run_id, done))
        return future

    def resolve(self, live: LiveRun) -> None:
        """Tell those who wait how the run stands."""
        if live.state.run_id in self._waiting:
            self.tell(live.outcome())
        elif live.token > 1:  # It was begun by one process and taken up by another.
            self.elsewhere(live.state.run_id)

    def tell(self, outcome: Outcome) -> None:
        """Tell those who wait how a run stands."""
        for future in tuple(self._waiting.get(outcome.run_id, ())):
            if not future.done():
                future.set_result(outcome)

    def waited(self) -> list[str]:
        """Return the runs that somebody waits for."""
        return list(self._waiting)

    def close(self) -> None:
        """Let everybody go."""
        for waiting in list(self._waiting.values()):
            for future in tuple(waiting):
                future.cancel()

    def _forget(self, run_id: str, done: Waiting) -> None:
        waiting = self._waiting.get(run_id, [])
        if done in waiting:
            waiting.remove(done)
        if not waiting:
            self._waiting.pop(run_id, None)


def _known(live: LiveRun) -> Outcome | None:
    held = live.held_back
    if held is not None:
        return held if held.state in FINAL_RUN_STATES else None
    if live.finish is not None or live.state.response is not None:
        return live.outcome()
    return None
