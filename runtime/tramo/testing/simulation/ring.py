"""Rings: whoever changes what a run waits for says so in that run's row, in the same commit.

A ring that is only heard in some process is a hint; the one in the row is the promise. Events that
end waits are held against the waits that they end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tramo.model.run import FINAL_RUN_STATES
from tramo.model.value import decode
from tramo.testing.simulation.log import Changes, RunChange
from tramo.testing.simulation.server import Server

_MET: Final = (
    "SELECT w.workspace_id, w.type, w.key_kind, w.value, e.id, e.workspace_id, e.type, e.keys, "
    "r.event_id FROM wait w JOIN event e ON e.id = w.event_id JOIN run r ON r.id = w.run_id "
    "WHERE w.run_id = ? AND w.event_id IS NOT NULL"
)


def look_at_rings(server: Server, changes: Changes, broken: Callable[[str], None]) -> None:
    """Look at whom a group has concerned: by an event, an end, or the wish that it stops."""
    rung = {change.id for change in changes.runs if _is_rung(change)}
    for run_id in changes.met:
        _look_at_event(server, run_id, broken)
        if run_id not in rung:
            broken(f"ring.forgotten: an event ends a wait of {run_id}, and nobody rings")
    for change in changes.runs:
        if change.before is None or change.after is None:
            continue
        if change.after.stop_by and not change.before.stop_by and change.id not in rung:
            broken(f"ring.forgotten: {change.id} is to stop, and nobody rings")
        if change.after.state in FINAL_RUN_STATES and change.before.state not in FINAL_RUN_STATES:
            _look_at_caller(server, change.id, rung, broken)


def _is_rung(change: RunChange) -> bool:
    before, after = change.before, change.after
    return before is not None and after is not None and after.rung > before.rung


def _look_at_caller(
    server: Server, run_id: str, rung: set[str], broken: Callable[[str], None]
) -> None:
    query = (
        "SELECT p.id, p.state FROM run c JOIN run p ON p.id = c.parent "
        "WHERE c.id = ? AND c.state <> 'queued'"
    )
    for parent, state in server.ask(query, run_id):
        if state not in FINAL_RUN_STATES and parent not in rung:
            broken(f"ring.forgotten: {run_id} has ended, and nobody rings for {parent}")


def _look_at_event(server: Server, run_id: str, broken: Callable[[str], None]) -> None:
    """An event ends the waits that are for it: of its workspace, its type and one of its keys."""
    for workspace, type, kind, value, *event, own in server.ask(_MET, run_id):
        event_id, event_workspace, event_type, keys = event
        known = {(key[0], key[1]) for key in decode(keys)}
        if (workspace, type) != (event_workspace, event_type) or (kind, value) not in known:
            broken(f"wait.others: {run_id} waits for {type} {kind} “{value}”, not for {event_id}")
        if event_id == own:
            broken(f"wait.own: {run_id} goes on with the event that started it")
