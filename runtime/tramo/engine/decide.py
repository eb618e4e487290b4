"""decide(state, happening) -> commands: what a run does next.

Inline nodes are settled here, one after the other, until the run needs the world. The cost of a
step depends neither on the number of nodes nor on the steps already done.
"""

from __future__ import annotations

from heapq import heappop
from typing import Any

from tramo.engine.command import Command, Finish, Perform, Wait
from tramo.engine.happening import (
    Answered,
    Began,
    Cancelled,
    Claimed,
    Due,
    Ended,
    Failed,
    Happening,
    Recovered,
)
from tramo.engine.instant import rfc3339
from tramo.engine.retry import judge, next_attempt_at, window_closed
from tramo.engine.state import OpenStep, State
from tramo.expression import EvaluationError
from tramo.graph.plan import PlanNode
from tramo.graph.shape import spell_pointer
from tramo.model.effect import effect_key
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
    _HANDLERS[type(happening)](state, happening, commands)
    at = happening.at
    _check_deadline(state, at)
    if state.stopping is None:
        _start_ready(state, at, commands)
    _conclude(state, at, commands)
    return commands


# What each happening does ----------------------------------------------------------------------


def _began(state: State, happening: Began, commands: list[Command]) -> None:
    state.begin(happening.at, happening.output)
    state.record(happening.at, ("t", state.plan.nodes[state.trigger].id))


def _ended(state: State, happening: Ended, commands: list[Command]) -> None:
    node = state.plan.nodes[happening.node]
    _require_open(state, happening.node, happening.iteration)
    head = ("d", node.id, happening.iteration, happening.port)
    state.record(happening.at, (*head, happening.output), journal=(*head, happening.raw))


def _failed(state: State, happening: Failed, commands: list[Command]) -> None:
    node = state.plan.nodes[happening.node]
    step = _require_open(state, happening.node, happening.iteration)
    failure, at = happening.failure, happening.at
    place = (node.id, step.iteration)
    said = (failure.code, failure.message)
    match judge(node, step, failure, at):
        case "retry":
            state.record(at, ("r", *place, next_attempt_at(node, step, failure, at), *said))
        case "park":
            state.record(at, ("p", *place, *said))
        case "ask" if node.type.has_probe and not happening.probed:
            commands.append(_perform(node, step, once=None, probe=True))
        case "ask":
            state.record(at, ("q", *place, *said))
        case "skip":
            state.record(at, ("d", *place, "out", {"unknown_outcome": True}))
        case "fail":
            state.record(at, ("f", *place, *said, failure.details))


def _claimed(state: State, happening: Claimed, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    node = state.plan.nodes[happening.node]
    if happening.held:
        commands.append(_perform(node, step, once=None))
    else:
        state.record(happening.at, ("o", node.id, step.iteration))


def _due(state: State, happening: Due, commands: list[Command]) -> None:
    for step in list(state.open.values()):
        waited = step.state == "waiting" and (step.due_at or 0) <= happening.at
        if waited or step.state == "parked":
            _attempt(state, step, happening.at, commands)


def _recovered(state: State, happening: Recovered, commands: list[Command]) -> None:
    at = happening.at
    for step in list(state.open.values()):
        if step.state != "running":
            continue
        node = state.plan.nodes[step.node]
        doubtful = step.effect == "never_repeat" or (
            step.effect == "keyed" and window_closed(node, step, at)
        )
        if not doubtful or node.node.on_doubt == "repeat":
            _attempt(state, step, at, commands)
        elif node.type.has_probe:
            commands.append(_perform(node, step, once=None, probe=True))
        elif node.node.on_doubt == "skip":
            state.record(at, ("d", node.id, step.iteration, "out", {"unknown_outcome": True}))
        else:
            state.record(
                at,
                (
                    "q",
                    node.id,
                    step.iteration,
                    "step.unknown_outcome",
                    f"“{node.node.title}” was being carried out when Tramo stopped. "
                    "Look at the vendor and say whether it happened.",
                ),
            )
    _due(state, Due(at), commands)


def _answered(state: State, happening: Answered, commands: list[Command]) -> None:
    step = _require_open(state, happening.node, happening.iteration)
    node = state.plan.nodes[happening.node]
    if step.state != "asking" and happening.actor != "probe":
        raise StaleHappening(step.state)
    answer = (happening.outcome, happening.output, happening.actor)
    state.record(happening.at, ("a", node.id, step.iteration, *answer))
    if happening.outcome == "resend":
        _attempt(state, step, happening.at, commands)


def _cancelled(state: State, happening: Cancelled, commands: list[Command]) -> None:
    state.record(happening.at, ("c", happening.actor))


_HANDLERS: dict[type[Any], Any] = {
    Began: _began,
    Ended: _ended,
    Failed: _failed,
    Claimed: _claimed,
    Due: _due,
    Recovered: _recovered,
    Answered: _answered,
    Cancelled: _cancelled,
}


def _require_open(state: State, node: int, iteration: Any) -> OpenStep:
    step = state.open.get((node, tuple(iteration)))
    if step is None:
        raise StaleHappening(f"{state.plan.nodes[node].id} is not open")
    return step


# Starting --------------------------------------------------------------------------------------


def _start_ready(state: State, at: int, commands: list[Command]) -> None:
    ready, nodes = state.ready, state.plan.nodes
    if state.plan.uses_now:
        state.env["now"] = rfc3339(at)
    running = sum(1 for step in state.open.values() if step.state == "running")
    held: list[tuple[int, int]] = []
    while ready and state.stopping is None:
        entry = heappop(ready)
        node = nodes[entry[1]]
        if state.step_states[node.index] != "ready":
            continue  # It lost the race of a `merge first`.
        if node.settle is not None:
            _settle_inline(state, node, at)
        elif running < state.plan.at_once:
            running += _start(state, node, at, commands)
        else:
            held.append(entry)
    ready.extend(held)  # In order, and the heap is empty or about to be dropped.


def _settle_inline(state: State, node: PlanNode, at: int) -> None:
    if node.node.disabled:
        state.record(at, ("b", node.id))
        return
    assert node.settle is not None
    try:
        if node.type.rule == "merge":
            port, output = "out", _merged_output(state, node)
        else:
            port, output = node.settle(state.env)
    except Exception as error:  # noqa: BLE001 - whatever a node raises is its step's failure
        _fail(state, node, at, error)
    else:
        state.record(at, ("i", node.id, port, output))


def _merged_output(state: State, node: PlanNode) -> dict[str, Any]:
    """The outputs that arrived, by the id of the node they came from, in the order of the edges."""
    arrived = set(state.delivered.get(node.index, ()))
    nodes = state.plan.nodes
    return {
        nodes[source].id: state.env.get(nodes[source].id)
        for source in dict.fromkeys(node.sources)
        if source in arrived
    }


def _start(state: State, node: PlanNode, at: int, commands: list[Command]) -> int:
    """Begin a step that needs the world; return how many that sets running."""
    if node.node.disabled:
        state.record(at, ("b", node.id))
        return 0
    assert node.params is not None
    try:
        params = node.params(state.env)
        effect = node.type.effect_of(params) if node.type.effect_of else node.type.effect
    except Exception as error:  # noqa: BLE001 - as above
        _fail(state, node, at, error)
        return 0
    key = effect_key(state.origin, node.id, (), state.generation)
    state.record(at, ("s", node.id, (), 1, effect, key, params))
    commands.append(_perform(node, state.open[(node.index, ())], once=node.node.once))
    return 1


def _fail(state: State, node: PlanNode, at: int, error: Exception) -> None:
    """Record that a step could not start: its values cannot be had."""
    code = getattr(error, "code", "node.bug")
    message = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
    details: Any = getattr(error, "details", None)
    place = f"“{node.node.title}”"
    if isinstance(error, EvaluationError):
        details = {"line": error.line, "column": error.column}
        if field := spell_pointer(error.path or ""):
            place += f", {field}"
            details["field"] = field
    state.record(at, ("f", node.id, (), code, f"{place}: {message}", details))


def _attempt(state: State, step: OpenStep, at: int, commands: list[Command]) -> None:
    """Send an open step once more, with the key and the params it began with."""
    node = state.plan.nodes[step.node]
    key = effect_key(state.origin, node.id, step.iteration, step.generation)
    attempt = step.attempts + 1
    state.record(at, ("s", node.id, step.iteration, attempt, step.effect, key, step.params))
    commands.append(_perform(node, step, once=node.node.once))


def _perform(node: PlanNode, step: OpenStep, *, once: str | None, probe: bool = False) -> Perform:
    return Perform(
        node=node.index,
        iteration=step.iteration,
        attempt=step.attempts,
        key=step.key,
        params=step.params,
        effect=step.effect,
        once=once,
        probe=probe,
    )


# Ending ----------------------------------------------------------------------------------------


def _check_deadline(state: State, at: int) -> None:
    deadline = _deadline(state)
    if deadline is not None and at >= deadline and state.stopping is None:
        state.record(
            at, ("x", "run.timeout", "The run took longer than the flow's time limit allows.")
        )


def _deadline(state: State) -> int | None:
    timeout_s = state.plan.flow.limits.timeout_s
    return None if timeout_s is None else state.started_at + timeout_s * 1_000


def _conclude(state: State, at: int, commands: list[Command]) -> None:
    """End the run if nothing is left to do, else say what it is waiting for."""
    steps = state.open.values()
    states = {step.state for step in steps}
    if state.stopping is not None:
        # A doubt outlives a failure elsewhere: only its answer, or a person's cancel, closes it.
        if "running" not in states and ("asking" not in states or state.cancelled_by):
            _finish(state, at, *state.stopping, commands)
            return
    elif not states and not state.ready:
        _finish(state, at, "succeeded", None, None, commands)
        return
    if "asking" in states:
        state.status, state.reason = "asking", "unknown_outcome"
    elif "running" in states:
        state.status, state.reason = "running", None
    else:
        state.status = "waiting"
        state.reason = "connection" if "parked" in states else "retry"
    due = [step.due_at for step in steps if step.state == "waiting" and step.due_at is not None]
    if (deadline := _deadline(state)) is not None and state.stopping is None:
        due.append(deadline)
    if due:
        commands.append(Wait(min(due)))


def _finish(
    state: State, at: int, status: str, reason: str | None, error: Any, commands: list[Command]
) -> None:
    said = (error.code, error.message, error.details) if error else None
    state.record(at, ("e", status, reason, said))
    commands.append(Finish(status, reason, error))
