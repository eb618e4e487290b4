"""How many runs of a flow go on in one slot, and what becomes of the others, after every commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from tramo.model.flow import Concurrency
from tramo.model.run import CONCURRENCY
from tramo.testing.simulation.server import Server

_OPEN: Final = (
    "SELECT r.slot, r.state, r.stop_by, s.holds, r.id "
    "FROM run r JOIN slot s ON s.run_id = r.id WHERE "
    "r.workspace_id = ? AND r.flow_id = ? AND r.state NOT IN ('cancelled', 'failed', 'succeeded') "
    "ORDER BY s.number"
)


class Limits:
    """The limits of the flows that have one."""

    def __init__(self, server: Server, broken: Callable[[str], None]) -> None:
        self._server = server
        self._broken = broken
        self.of: dict[tuple[str, str], Concurrency] = {}
        """By workspace and flow."""

    def look(self) -> None:
        """Count who holds what, and who is to make room."""
        for flow, limit in self.of.items():
            slots: dict[str, list[Any]] = defaultdict(list)
            for slot, *run in self._server.ask(_OPEN, *flow):
                slots[slot].append(run)
            for slot, runs in slots.items():
                self._look_at(f"of {flow[1]} in “{slot}”", runs, limit)

    def _look_at(self, where: str, runs: list[Any], limit: Concurrency) -> None:
        most = limit.at_once
        begun = sum(state != "queued" for state, *_ in runs)
        if begun > most:
            self._broken(f"slot.crowded: {begun} runs {where} go on")
        held = sum(holds for _, _, holds, _ in runs)
        if held < most and any(not holds and by is None for _, by, holds, _ in runs):
            self._broken(f"slot.idle: {held} runs {where} may go on, and others wait")
        if limit.full == "refuse" and len(runs) > most:
            self._broken(f"slot.queued: {len(runs)} runs {where}, and those too many are refused")
        if limit.full != "replace":
            return
        staying = [place for place, (_, stop_by, *_) in enumerate(runs) if stop_by is None]
        leaving = [place for place, (_, by, *_) in enumerate(runs) if by == CONCURRENCY]
        if len(staying) > most:
            self._broken(f"slot.unreplaced: {len(staying)} runs {where}, and none has to leave")
        if staying and leaving and staying[0] < leaving[-1]:
            self._broken(f"slot.newest: {runs[leaving[-1]][3]} {where} leaves before an older one")
