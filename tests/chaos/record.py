"""What the database says when nobody has it open: events, runs, and whether it is whole."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

import msgspec


class RunRow(msgspec.Struct, frozen=True):
    """A run, as its row says."""

    id: str
    flow: str
    delivery: str
    state: str
    reason: str | None
    crashes: int


class Records:
    """All events and runs."""

    def __init__(self, runs: list[RunRow], deliveries: set[str], integrity: str) -> None:
        self.runs = runs
        self.deliveries = deliveries
        self.integrity = integrity
        self.by_delivery: dict[str, list[RunRow]] = defaultdict(list)
        for run in runs:
            self.by_delivery[run.delivery].append(run)

    @property
    def states(self) -> dict[str, int]:
        return dict(Counter(run.state for run in self.runs))


RUNS = (
    "SELECT run.id, run.flow_id, event.delivery_id, run.state, run.reason, run.crashes"
    " FROM run JOIN event ON event.id = run.event_id"
)
EVENTS = "SELECT delivery_id FROM event"


def read_sqlite(data: Path, *, check: bool = True) -> Records:
    """Read a data folder that no server has open."""
    file = sqlite3.connect(f"file:{data / 'tramo.sqlite3'}?mode=ro", uri=True)
    try:
        integrity = file.execute("PRAGMA integrity_check").fetchone()[0] if check else "ok"
        runs = [RunRow(*row) for row in file.execute(RUNS)]
        deliveries = {row[0] for row in file.execute(EVENTS)}
    finally:
        file.close()
    return Records(runs, deliveries, integrity)
