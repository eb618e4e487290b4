"""The row of a run that has ended, or rests: what it must say beside what others are held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tramo.engine import State
from tramo.model.value import decode
from tramo.testing.simulation.file import RunFile
from tramo.testing.simulation.server import Server

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


def look_at_crashes(file: RunFile, broken: Callable[[str], None]) -> None:
    """Crashes count until the run comes further: no three of them in different steps set it
    aside."""
    if file.row is not None and file.further and file.row.crashes:
        broken(f"crash.kept: {file.id} came further, and still has {file.row.crashes} crashes")
