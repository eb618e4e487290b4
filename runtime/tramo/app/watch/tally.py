"""The figures of this process: whole numbers that are added to on the way, and read when asked for.

It knows nothing of Prometheus. An addition costs a fraction of a microsecond, takes no lock and
makes no object: every number has one writer (the committing thread or the event loop), and a reader
may see one that is a moment old.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

FAST_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
SLOW_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GROUP: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
MOST_NAMES: Final = 500
OTHER: Final = "other"


class Spread:
    """How often a figure was how large."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total: float = 0

    def add(self, figure: float) -> None:
        self.counts[bisect_left(self.bounds, figure)] += 1
        self.total += figure

    @property
    def count(self) -> int:
        return sum(self.counts)


class Spreads(dict[tuple[str, str], Spread]):
    """Spreads by two names. Once there are `MOST_NAMES`, further ones are all called other."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        super().__init__()
        self._bounds = bounds

    def __missing__(self, names: tuple[str, str]) -> Spread:
        if len(self) >= MOST_NAMES:
            names = (OTHER, names[1])
        found = self.get(names)
        if found is None:
            found = self[names] = Spread(self._bounds)
        return found


class Tally:
    """The numbers, and the Observer that adds to them."""

    def __init__(self) -> None:
        self.deliveries: dict[str, Spread] = {}
        """By what became of them."""
        self.units = Spread(GROUP)
        self.commits = Spread(FAST_S)
        self.runs_begun = 0
        self.runs_ended: dict[str, int] = {}
        self.claims = 0
        self.lease_losses = 0
        self.steps = Spreads(SLOW_S)
        """Attempts by node type and how they ended."""
        self.requests = Spreads(SLOW_S)
        """By connector and the class of the vendor's answer."""
        self.refusals: dict[str, int] = {}
        """Answers with status 503, by code."""

    def delivered(self, outcome: str, took_s: float) -> None:
        """Count an answered delivery."""
        spread = self.deliveries.get(outcome)
        if spread is None:
            spread = self.deliveries[outcome] = Spread(FAST_S)
        spread.add(took_s)

    def turned_away(self, status: int, code: str, *, is_door: bool = False) -> None:
        """Count a request that was refused before anybody looked at what it brought."""
        if is_door:
            self.delivered("unavailable" if status == 503 else "refused", 0.0)
        elif status == 503:
            self.refusals[code] = self.refusals.get(code, 0) + 1

    # tramo.ports.observer.Observer -------------------------------------------------------------

    def committed(self, units: int, took_s: float) -> None:
        self.units.add(units)
        self.commits.add(took_s)

    def begun(self, run_id: str) -> None:
        self.runs_begun += 1

    def advanced(
        self, run_id: str, flow_id: str, started_ms: int, since_ms: int, ended: str | None
    ) -> None:
        if ended is not None:
            self.runs_ended[ended] = self.runs_ended.get(ended, 0) + 1

    def claimed(self, runs: int) -> None:
        self.claims += runs

    def fenced(self, run_id: str) -> None:
        self.lease_losses += 1
