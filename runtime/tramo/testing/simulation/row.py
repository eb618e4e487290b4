"""The row of a run that has ended, or rests: what it must say beside what others are held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tramo.engine import State
from tramo.model.value import decode
from tramo.testing.simulation.connector import KEY_WINDOW_S
from tramo.testing.simulation.file import TOLERANCE_MS, RunFile
from tramo.testing.simulation.log import RunRow
from tramo.testing.simulation.server import Server

SOON_MS: Final = 31_000
"""Within which somebody takes up a run again that was given up."""
_WAITS: Final = ("connection", "answer", "event", "turn", "time", "retry")
_ENDED: Final = "SELECT reason, error, ended_at, started_at, parent, result FROM run WHERE id = ?"


def look_at_end(server: Server, file: RunFile, state: State, broken: Callable[[str], None]) -> None:
    """Hold what an ended run's row tells people and callers against its journal."""
    ((reason, error, ended_at, started_at, parent, result),) = server.ask(_ENDED, file.id)
    if reason != state.reason:
        broken(f"row.reason: {file.id} ended for “{state.reason}”, and its row says “{reason}”")
    code = decode(error)["code"] if error is not None else None
    if code != (state.error.code if state.error is not None else None):
        broken(f"row.error: {file.id} ended with {state.error}, and its row says {code}")
    if ended_at is None or started_at is None:
        broken(f"row.ended_at: {file.id} has ended, and nobody knows when")
    if parent is not None and result is None and state.status == "succeeded":
        broken(f"row.result: {file.id} has ended, and hands nothing to {parent}")


def look_at_waits(
    server: Server, file: RunFile, state: State, broken: Callable[[str], None]
) -> None:
    """A step that waits for an event or for people has a row to be found by, and no other has."""
    nodes = state.plan.nodes
    wanted = {
        (nodes[step.node].id, tuple(step.iteration))
        for step in state.open.values()
        if step.pause is not None and (step.pause.matches or step.pause.ask)
    }
    rows = server.ask("SELECT DISTINCT node_id, iteration FROM wait WHERE run_id = ?", file.id)
    found = {(node_id, tuple(decode(iteration))) for node_id, iteration in rows}
    for place in sorted(wanted - found):
        broken(f"wait.unwritten: {file.id} {place} waits, and nobody would find it")
    for place in sorted(found - wanted):
        broken(f"wait.kept: {file.id} {place} waits no longer, and its row says so")


def look_at_rest(
    file: RunFile, row: RunRow, state: State, now_ms: int, broken: Callable[[str], None]
) -> None:
    """The row of a run that nobody works on says what it waits for, and is due in time."""
    left_ms = SOON_MS if row.due_at is None else row.due_at - now_ms - TOLERANCE_MS
    if left_ms <= 0:
        return  # Whoever takes it up next sets it right.
    if row.due_at is not None and left_ms < SOON_MS:
        return  # Nor need anybody, who gave it up for a moment.
    if state.counted("running"):
        broken(f"row.forgotten: {file.id} works, and nobody works on it")
        return
    if file.cancelled:
        broken(f"cancel.unheeded: {file.id} is cancelled, and has not ended")
    expected = "asking" if state.counted("asking") else "waiting"
    reason = (
        "unknown_outcome"
        if expected == "asking"
        else next((why for why in _WAITS if state.tally.get(why)), None)
    )
    if (row.state, row.reason) != (expected, reason):
        broken(f"fold.state: {file.id} is {row.state} ({row.reason}), not {expected}")
    dues = _dues_of(state)
    if state.stopping is not None or not dues:
        return
    if row.due_at is None or row.due_at > max(min(dues), now_ms + SOON_MS):
        broken(f"row.late: {file.id} is due at {min(dues)}, its row at {row.due_at}")


def _dues_of(state: State) -> list[int]:
    """Return when a run and its open steps are due, or late by their time limits."""
    found = [] if state.plan.timeout_ms is None else [state.started_at + state.plan.timeout_ms]
    for step in state.open.values():
        timeout_s = state.plan.nodes[step.node].node.timeout_s
        if step.due_at is not None:
            found.append(step.due_at)
        if step.state == "turn" and timeout_s is not None:
            found.append(step.first_at + timeout_s * 1_000)
    return found


def look_at_doubt(
    file: RunFile, at: int, transition: Any, sent: dict[str, int], broken: Callable[[str], None]
) -> None:
    """Nobody is asked about a key that the vendor knows still."""
    step = file.steps[(transition[1], tuple(transition[2]))]
    if step.effect == "keyed" and at - sent.get(step.key, at) < KEY_WINDOW_S * 500:
        broken(f"doubt.needless: {file.id} {transition[1]} is asked about, and its key is good")


def look_at_crashes(file: RunFile, broken: Callable[[str], None]) -> None:
    """Crashes count until the run comes further: no three of them in different steps set it
    aside."""
    if file.row is not None and file.further and file.row.crashes:
        broken(f"crash.kept: {file.id} came further, and still has {file.row.crashes} crashes")
