"""decide(state, happening) -> commands: what a run does next.

Inline nodes are settled here, one after the other, until the run needs the world or has settled as
many as one commit should hold. The cost of a step depends neither on the number of nodes nor on
the steps already done.
"""

from __future__ import annotations

from heapq import heappop
from typing import Any

import msgspec

import tramo.engine.rule  # noqa: F401 - fills the table of rules
from tramo.engine.command import Command
from tramo.engine.ending import check_deadline, conclude
from tramo.engine.happening import (
    Answered,
    Began,
    Cancelled,
    Claimed,
    Continued,
    Due,
    Ended,
    Failed,
    Happening,
    Held,
    Hurried,
    Occurred,
    Recovered,
    Replied,
    Woken,
)
from tramo.engine.instant import rfc3339
from tramo.engine.retry import judge, must_not_repeat, next_attempt_at
from tramo.engine.start import (
    attempt,
    deadline_of,
    earlier,
    name_restore,
    perform,
    question,
    send,
    start_ready,
)
from tramo.engine.state import OpenStep, State
from tramo.graph.plan import PlanNode
from tramo.model.pause import LATE
from tramo.model.run import FINAL_RUN_STATES


class StaleHappening(Exception):
    """Something was told about a step or run that is past it; nothing changes."""


def decide(state: State, happening: Happening) -> list[Command]:
    """Advance `state`, which the caller owns, and return what has to be done in the world.

    Transitions to be journalled wait in `state.moments`. Raises StaleHappening, with the state
    unchanged, for an answer to a question that is not open.
    """
    if state.status in FINAL_RUN_STATES:
        raise StaleHappening(state.status)
    commands: list[Command] = []
    _HAPPENED[type(happening)](state, happening, commands)
    at = happening.at
    check_deadline(state, at)
    if state.stopping is None:
        start_ready(state, at, commands)
    conclude(state, at, commands)
    return commands


# What each happening does ----------------------------------------------------------------------


def _began(state: State, happening: Began, commands: list[Command]) -> None:
    variables = happening.variables
    state.begin(happening.at, happening.output, variables)
    fired = ("t", state.plan.nodes[state.trigger].id)
    state.record(happening.at, (*fired, variables) if variables else fired)


def _ended(state: State, happening: Ended, commands: list[Command]) -> None:
    node = state.plan.nodes[happening.node]
    _require_open(state, happening.node, happening.iteration)
    for key in happening.keys:
        state.keys.setdefault(key.kind, key.value)
    head = ("d", node.id, happening.iteration, happening.port)
    state.record(happening.at, (*head, happening.output), journal=(*head, happening.raw))


def _failed(state: State, happening: Failed, commands: list[Command]) -> None:
    node = state.plan.nodes[happening.node]
    step = _require_open(state, happening.node, happening.iteration)
    failure, at = happening.failure, happening.at
    if happening.probed:  # However a read-back fails, it settles nothing: the doubt is still there.
        failure = msgspec.structs.replace(failure, doubt=True)
    place = (node.id, step.iteration)
    said = (failure.code, failure.message)
    params = (failure.params,) if failure.params else ()
    rest = (failure.doubt, *params) if failure.doubt or params else ()
    match judge(state, step, failure, at):
        case "retry":
            due_at = next_attempt_at(node, step, failure, at)
            state.record(at, ("r", *place, due_at, *said, *rest))
        case "park":
            state.record(at, ("p", *place, *said, *params))
        case "ask" if node.type.has_probe and not happening.probed:
            commands.append(perform(node, step, once=None, probe=True))
        case "ask":
            why = f"{name_restore(state, step)} {failure.message}".lstrip()
            state.record(at, ("q", *place, failure.code, why, *params))
        case "skip":
            state.record(at, ("d", *place, "out", {"unknown_outcome": True}))
        case "fail":
            # A refusal of the last try says nothing of one before it that had no answer.
            failed = (True, *params) if step.doubted else rest
            state.record(at, ("f", *place, *said, failure.details, *failed))


def _held(state: State, happening: Held, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    node = state.plan.nodes[step.node]
    due_at = earlier(happening.until_ms, deadline_of(node, step.first_at))
    state.record(happening.at, ("h", node.id, step.iteration, due_at))


def _claimed(state: State, happening: Claimed, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    node = state.plan.nodes[happening.node]
    if happening.held:
        send(state, step, happening.at, commands, claimed=True)
    else:
        state.record(happening.at, ("o", node.id, step.iteration))


def _due(state: State, happening: Due, commands: list[Command]) -> None:
    dues = state.dues
    while dues and dues[0][0] <= happening.at:
        due_at, index, iteration = heappop(dues)
        step = state.open.get((index, iteration))
        if step is not None and step.due_at == due_at:
            _come(state, step, happening.at, commands)


def _come(
    state: State, step: OpenStep, at: int, commands: list[Command], *, hurried: bool = False
) -> None:
    """The time of a waiting step has come, or its own time limit."""
    node = state.plan.nodes[step.node]
    place = (node.id, step.iteration)
    pause = step.pause
    if pause is not None:
        if pause.late is not None and (hurried or (pause.until_ms or 0) <= at):
            state.record(at, ("d", *place, pause.late.port, pause.late.output))
        else:
            state.record(at, ("f", *place, *_too_long(node)))
    elif step.state == "turn" and not hurried and _is_over(node, step, at):
        state.record(at, ("f", *place, *_too_long(node)))
    elif step.state in ("retry", "turn"):
        attempt(state, step, at, commands)


def _is_over(node: PlanNode, step: OpenStep, at: int) -> bool:
    deadline = deadline_of(node, step.first_at)
    return deadline is not None and deadline <= at


def _too_long(node: PlanNode) -> tuple[Any, ...]:
    limit_s = node.node.timeout_s
    message = f"“{node.node.title}” waited longer than {limit_s} s, its own time limit."
    return "step.timeout", message, None, False, {"limit_s": limit_s}


def _recovered(state: State, happening: Recovered, commands: list[Command]) -> None:
    at = happening.at
    for step in list(state.open.values()):
        if step.state == "running":
            _recover(state, step, at, commands)
        elif step.state == "connection":
            attempt(state, step, at, commands)
    _woken(state, Woken(at), commands)


def _recover(state: State, step: OpenStep, at: int, commands: list[Command]) -> None:
    if must_not_repeat(state, step, at):
        title = state.plan.nodes[step.node].node.title
        why = f"“{title}” was being carried out when Tramo stopped."
        question(state, step, at, commands, why)
    else:
        attempt(state, step, at, commands)


def _woken(state: State, happening: Woken, commands: list[Command]) -> None:
    if not state.counted("turn"):
        return
    for step in list(state.open.values()):
        if step.state == "turn":
            attempt(state, step, happening.at, commands)


def _answered(state: State, happening: Answered, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    node = state.plan.nodes[happening.node]
    if step.state != "asking" and happening.actor != "probe":
        raise StaleHappening(step.state)
    answer = (happening.outcome, happening.output, happening.actor)
    state.record(happening.at, ("a", node.id, step.iteration, *answer))
    if happening.outcome == "resend":
        attempt(state, step, happening.at, commands)


def _occurred(state: State, happening: Occurred, commands: list[Command]) -> None:
    step = _require_paused(state, happening)
    ended = "left" if happening.port == "left" else "event"
    output = {"ended": ended, "at": rfc3339(happening.at), "event": happening.payload}
    _end_pause(state, step, happening, output)


def _replied(state: State, happening: Replied, commands: list[Command]) -> None:
    step = _require_paused(state, happening)
    assert step.pause is not None
    if step.pause.ask is None or happening.port not in step.pause.ask.ports:
        raise StaleHappening(happening.port)
    output = {
        "ended": "answer",
        "port": happening.port,
        "data": happening.data,
        "by": happening.actor,
        "at": rfc3339(happening.at),
    }
    _end_pause(state, step, happening, output)


def _end_pause(state: State, step: OpenStep, happening: Occurred | Replied, output: Any) -> None:
    node = state.plan.nodes[step.node]
    state.record(happening.at, ("d", node.id, step.iteration, happening.port, output))


def _hurried(state: State, happening: Hurried, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    pause = step.pause
    if pause is not None and pause.late is None and pause.ask is None and pause.matches:
        _end_unlimited(state, step, happening.at)
        return
    if step.due_at is None or (pause is not None and pause.late is None):
        raise StaleHappening(step.state)
    _come(state, step, happening.at, commands, hurried=True)


def _end_unlimited(state: State, step: OpenStep, at: int) -> None:
    """End a wait for an event that has no time of its own as if its time were over."""
    node = state.plan.nodes[step.node]
    output = {"ended": LATE, "at": rfc3339(at), "event": None}
    state.record(at, ("d", node.id, step.iteration, LATE, output))


def _continued(state: State, happening: Continued, commands: list[Command]) -> None:
    """Settling goes on below."""


def _cancelled(state: State, happening: Cancelled, commands: list[Command]) -> None:
    state.record(happening.at, ("c", happening.actor))


_HAPPENED: dict[type[Any], Any] = {
    Began: _began,
    Ended: _ended,
    Failed: _failed,
    Held: _held,
    Claimed: _claimed,
    Due: _due,
    Recovered: _recovered,
    Woken: _woken,
    Answered: _answered,
    Occurred: _occurred,
    Replied: _replied,
    Hurried: _hurried,
    Continued: _continued,
    Cancelled: _cancelled,
}


def _require_open(state: State, node: int, iteration: Any) -> OpenStep:
    step = state.open.get((node, tuple(iteration)))
    if step is None:
        raise StaleHappening(f"{state.plan.nodes[node].id} is not open")
    return step


def _require_paused(state: State, happening: Occurred | Replied) -> OpenStep:
    step = _require_open(state, happening.node, happening.iteration)
    if step.pause is None:
        raise StaleHappening(step.state)
    return step
