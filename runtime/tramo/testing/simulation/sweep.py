"""What retention would let go of, were everything old: the real sweep, done and taken back.

It may take nothing from who is not done: an open run, what it goes on from, what it called, what
ended its waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from tramo.store.retention import (
    DAY_MS,
    Rules,
    choices,
    lonely_events,
    open_since,
    sweep_events,
    sweep_runs,
)
from tramo.testing.simulation.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

LATER_MS: Final = 1_000 * DAY_MS
"""After so long everything is old that has ended."""
_OPEN: Final = "SELECT id FROM run WHERE state NOT IN ('cancelled', 'failed', 'succeeded')"
_BASES: Final = (
    f"WITH RECURSIVE kin(id) AS ({_OPEN} UNION SELECT run.copied_from FROM run "  # noqa: S608
    "JOIN kin ON run.id = kin.id WHERE run.copied_from IS NOT NULL) SELECT id FROM kin"
)
NEEDED: Final = {
    "run": f"SELECT id FROM run WHERE id IN ({_BASES})",  # noqa: S608 - fixed words, all of them
    "journal": f"SELECT run_id, seq FROM segment WHERE run_id IN ({_BASES})",  # noqa: S608
    "called run": f"SELECT id FROM run WHERE parent IN ({_OPEN})",  # noqa: S608
    "event": f"SELECT e.id FROM event e JOIN run r ON e.id = r.event_id WHERE r.id IN ({_OPEN})",  # noqa: S608
    "event of a wait": f"SELECT e.id FROM event e JOIN wait w ON e.id = w.event_id WHERE w.run_id IN ({_OPEN})",  # noqa: S608, E501
    "wait": f"SELECT run_id, node_id, iteration FROM wait WHERE run_id IN ({_OPEN})",  # noqa: S608
    "part": f"SELECT run_id FROM part WHERE run_id IN ({_OPEN})",  # noqa: S608
    "mark of a restore": f"SELECT run_id FROM restored WHERE run_id IN ({_OPEN})",  # noqa: S608
}
"""What must stay, by its name."""


def look_at_sweep(server: Server, now: int, broken: Callable[[str], None]) -> None:
    """Sweep as if everything were old, see what is missing then, and take it back."""
    before = _needed(server)
    after = server.undone(lambda connection: _sweep(connection, server, now + LATER_MS))
    for what, rows in before.items():
        for row in rows - after[what]:
            broken(f"sweep.greedy: retention lets go of a {what} that is needed: {row}")


def _needed(server: Server) -> dict[str, set[tuple[object, ...]]]:
    return {what: set(server.ask(query)) for what, query in NEEDED.items()}


def _sweep(connection: Connection, server: Server, now: int) -> dict[str, set[tuple[object, ...]]]:
    rules = Rules(choices(connection), open_since(connection))
    after: str | None = ""
    while after is not None:
        after = sweep_runs(connection, rules, now=now, after=after).after
    after = ""
    while after is not None:
        found, after = lonely_events(connection, rules, now=now, after=after)
        sweep_events(connection, rules, found, now=now)
    return _needed(server)
