"""What each transition of the journal does to a state, by its letter (see `engine/journal.py`)."""

from __future__ import annotations

from typing import Any

import msgspec

from tramo.engine.journal import Transition, error_of
from tramo.engine.loop import cancel_node, close_iteration, open_loop, wind_down
from tramo.engine.state import RULES, Frame, OpenStep, State
from tramo.graph.plan import PlanNode
from tramo.model.pause import Pause
from tramo.model.run import CONCURRENCY, Iteration, StepError

Where = tuple[PlanNode, Iteration, Frame]


def _where(state: State, transition: Transition) -> Where:
    node, iteration = state.plan.by_id[transition[1]], tuple(transition[2])
    return node, iteration, state.frame_of(node, iteration)


def _fired(state: State, at: int, transition: Transition) -> None:
    root, triggers = state.root, state.plan.triggers
    node = state.plan.by_id[transition[1]]
    root.busy += len(triggers)
    for index in triggers:
        if index != node.index:
            state.settle(root, state.plan.nodes[index], None, "skipped")
    state.settle(root, node, "out")


def _inline(state: State, at: int, transition: Transition) -> None:
    node = state.plan.by_id[transition[1]]
    frame = state.root if len(transition) == 4 else state.frame_of(node, tuple(transition[4]))
    settle_inline(state, frame, node, transition[2], transition[3])


def settle_inline(state: State, frame: Frame, node: PlanNode, port: str, output: Any) -> None:
    """End an inline node, and do what its rule says."""
    frame.env[node.id] = output
    state.settle(frame, node, port)
    rule = node.rule
    if rule != "plain":
        _BY_RULE[rule](state, frame, node, output)


def _stop(state: State, frame: Frame, node: PlanNode, output: Any) -> None:
    if state.stopping is None:
        outcome, message = output["outcome"], output.get("message")
        error = StepError("run.stopped", message or "") if outcome == "failed" else None
        state.stopping = (outcome, "stopped", error)


def _respond(state: State, frame: Frame, node: PlanNode, output: Any) -> None:
    if state.response is None:
        state.response = output


def _merged(state: State, frame: Frame, node: PlanNode, output: Any) -> None:
    """What lost the race of `merge first` and has not started never will."""
    for index in node.captives:
        cancel_node(state, frame, state.plan.nodes[index])


_BY_RULE = {"stop": _stop, "respond": _respond, "merge": _merged}


def _bypassed(state: State, at: int, transition: Transition) -> None:
    node = state.plan.by_id[transition[1]]
    frame = state.root if len(transition) == 2 else state.frame_of(node, tuple(transition[2]))
    state.settle(frame, node, _onwards(node), "skipped")


def _onwards(node: PlanNode) -> str:
    """Return the way out of a node that is passed by, or whose failure is."""
    return "done" if node.loop is not None else "out"


def _started(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    _, _, _, attempt, effect, key, params = transition
    step = state.open.get((node.index, iteration))
    if step is None:
        step = state.add_step(node, iteration)
        step.first_at = state.sent.get((node.id, iteration), at)
        step.doubted = step.first_at != at
    elif step.key != key:
        step.first_at = at
    if step.state != "running":
        state.turn(step, "running")
    elif step.attempts and step.key == key:
        step.doubted = True  # The attempt before ended with its process: nobody knows how.
    step.attempts, step.effect, step.key, step.params = attempt, effect, key, params
    step.due_at = None
    frame.states[node.slot] = "running"


def _paused(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    _, _, _, due_at, said = transition
    pause = said if type(said) is Pause else msgspec.convert(said, Pause)
    step = state.add_step(node, iteration)
    step.first_at, step.pause = at, pause
    state.turn(step, wait_kind(pause), due_at)
    frame.states[node.slot] = "waiting"


def wait_kind(pause: Pause) -> str:
    """Name what a wait is for: an answer, an event, or only time."""
    if pause.ask is not None:
        return "answer"
    return "event" if any(match.port != "left" for match in pause.matches) else "time"


def _held(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    step = state.open[(node.index, iteration)]
    step.held = True
    state.turn(step, "turn", transition[3])
    frame.states[node.slot] = "waiting"
    if step.lost:
        cancel_node(state, frame, node)


def _done(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    _close(state, node, iteration)
    frame.env[node.id] = transition[4]
    state.settle(frame, node, transition[3])


def _copied(state: State, at: int, transition: Transition) -> None:
    node, _, frame = _where(state, transition)
    frame.env[node.id] = transition[4]
    state.settle(frame, node, transition[3], "skipped")


def _close(state: State, node: PlanNode, iteration: Iteration) -> None:
    place = (node.index, iteration)
    state.drop_step(place)
    state.loops.pop(place, None)


def _failed(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    error = error_of(transition)
    assert error is not None
    code, message, details = error.code, error.message, error.details
    _close(state, node, iteration)
    on_error = node.node.on_error
    if on_error != "stop":
        frame.env[node.id] = {"code": code, "message": message, "details": details}
        state.settle(frame, node, "error" if on_error == "branch" else _onwards(node), "failed")
        return
    frame.states[node.slot] = "failed"
    if not iteration:
        frame.busy -= 1
        if state.stopping is None:
            state.stopping = ("failed", code, error)
        return
    details = {"iteration": list(iteration), "node": node.id, "code": code, "message": message}
    wind_down(state, frame, StepError("loop.item_failed", message, details, error.params))
    state.leave(frame)


def _retry(state: State, at: int, transition: Transition) -> None:
    if transition[6:7] == (True,):
        state.open_step(transition[1], transition[2]).doubted = True
    _set_aside(state, transition[1], transition[2], "retry", transition[3:6])


def _parked(state: State, at: int, transition: Transition) -> None:
    _set_aside(state, transition[1], transition[2], "connection", (None, *transition[3:5]))


def _asked(state: State, at: int, transition: Transition) -> None:
    _set_aside(state, transition[1], transition[2], "asking", (None, *transition[3:5]))


def _set_aside(state: State, node_id: str, iteration: Any, to: str, said: Any) -> None:
    due_at, code, message = said
    step = state.open_step(node_id, iteration)
    state.turn(step, to, due_at)
    step.code, step.message = code, message
    _mark(state, step, "asking" if to == "asking" else "waiting")
    if step.lost:  # A question stays open all the same.
        node = state.plan.nodes[step.node]
        cancel_node(state, state.frame_of(node, step.iteration), node)


def _mark(state: State, step: OpenStep, shown: str) -> None:
    node = state.plan.nodes[step.node]
    state.frame_of(node, step.iteration).states[node.slot] = shown


def _answered(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    _, _, _, outcome, output, _actor = transition
    step = state.open[(node.index, iteration)]
    if outcome == "resend":
        step.generation += 1
        step.doubted = False  # The start that follows sends it under its new key.
        return
    state.drop_step((node.index, iteration))
    if outcome == "happened":
        frame.env[node.id] = output
        state.settle(frame, node, "out")
        return
    frame.states[node.slot] = "cancelled"
    state.leave(frame)
    if state.stopping is None:
        state.stopping = ("cancelled", "aborted", None)


def _taken(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    state.drop_step((node.index, iteration))
    state.settle(frame, node, None, "skipped")


def _looped(state: State, at: int, transition: Transition) -> None:
    node, iteration, _ = _where(state, transition)
    open_loop(state, node, iteration, transition[3])


def _iterated(state: State, at: int, transition: Transition) -> None:
    node, path = state.plan.by_id[transition[1]], tuple(transition[2])
    loop = state.loops[(node.index, path[:-1])]
    error = error_of(transition)
    result = transition[3] if len(transition) > 3 else None
    close_iteration(state, loop.frames[path[-1]], result, error)


def _loop_cancelled(state: State, at: int, transition: Transition) -> None:
    node, iteration, frame = _where(state, transition)
    state.loops.pop((node.index, iteration), None)
    frame.states[node.slot] = "cancelled"
    state.leave(frame)


def _cancel(state: State, at: int, transition: Transition) -> None:
    state.cancelled_by = transition[1]
    if state.stopping is None:
        reason = CONCURRENCY if state.cancelled_by == CONCURRENCY else "cancelled"
        state.stopping = ("cancelled", reason, None)


def _halted(state: State, at: int, transition: Transition) -> None:
    if state.stopping is None:
        state.stopping = ("failed", transition[1], error_of(transition))


def _ended(state: State, at: int, transition: Transition) -> None:
    state.status, state.reason = transition[1:3]
    state.error = error_of(transition)
    for place, step in list(state.open.items()):
        _mark(state, step, "cancelled")
        state.drop_step(place)
    state.ready.clear()


RULES.update(
    {
        "t": _fired,
        "i": _inline,
        "b": _bypassed,
        "s": _started,
        "w": _paused,
        "h": _held,
        "d": _done,
        "k": _copied,
        "f": _failed,
        "r": _retry,
        "p": _parked,
        "q": _asked,
        "a": _answered,
        "o": _taken,
        "l": _looped,
        "z": _iterated,
        "n": _loop_cancelled,
        "c": _cancel,
        "x": _halted,
        "e": _ended,
    }
)
