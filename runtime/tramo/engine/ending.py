"""How a run stands after a decision: it ends, works on, or waits, and until when."""

from __future__ import annotations

from heapq import heappop
from typing import Any

from tramo.engine.command import Command, Finish, GoOn, Wait
from tramo.engine.journal import told
from tramo.engine.state import State

_WAITS = ("connection", "answer", "event", "turn", "time", "retry")
"""Reasons to wait, the one that most needs a person first."""


def check_deadline(state: State, at: int) -> None:
    """End a run that has taken longer than its flow allows."""
    deadline = _deadline(state)
    if deadline is not None and at >= deadline and state.stopping is None:
        message = "The run took longer than the flow's time limit allows."
        params = {"limit_s": (state.plan.timeout_ms or 0) // 1_000}
        state.record(at, ("x", "run.timeout", message, params))


def _deadline(state: State) -> int | None:
    timeout_ms = state.plan.timeout_ms
    return None if timeout_ms is None else state.started_at + timeout_ms


def conclude(state: State, at: int, commands: list[Command]) -> None:
    """End the run if nothing is left to do, else say what it is waiting for."""
    running, asking = state.counted("running"), state.counted("asking")
    if state.stopping is not None:
        # A doubt outlives a failure elsewhere: only its answer, or a person's cancel, closes it.
        if not running and (not asking or state.cancelled_by):
            _finish(state, at, *state.stopping, commands)
            return
    elif state.status == "queued":
        return  # It has not begun.
    elif not state.root.busy:
        _finish(state, at, "succeeded", None, None, commands)
        return
    if asking:
        state.status, state.reason = "asking", "unknown_outcome"
    elif running or (commands and type(commands[-1]) is GoOn):
        state.status, state.reason = "running", None
    else:
        state.status = "waiting"
        state.reason = next((why for why in _WAITS if state.tally.get(why)), None)
    due = _next_due(state)
    if due is not None:
        commands.append(Wait(due))


def _next_due(state: State) -> int | None:
    dues = state.dues
    while dues:
        due_at, index, iteration = dues[0]
        step = state.open.get((index, iteration))
        if step is not None and step.due_at == due_at:
            break
        heappop(dues)
    due = dues[0][0] if dues and state.stopping is None else None
    deadline = _deadline(state)
    if deadline is not None and state.stopping is None:
        return deadline if due is None else min(due, deadline)
    return due


def _finish(
    state: State, at: int, status: str, reason: str | None, error: Any, commands: list[Command]
) -> None:
    state.record(at, ("e", status, reason, told(error) if error else None))
    commands.append(Finish(status, reason, error))
