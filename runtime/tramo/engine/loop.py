"""The rules of loops: iterations open, close and are wound down; their frames come and go."""

from __future__ import annotations

from typing import Any

from tramo.engine.state import PENDING, Frame, Loop, State
from tramo.graph.plan import PlanNode
from tramo.model.run import Iteration, StepError


def open_loop(state: State, node: PlanNode, path: Iteration, items: list[Any]) -> None:
    """Begin with the first items, as many as may go on at once."""
    frame = state.frame_of(node, path)
    frame.states[node.slot] = "running"
    loop = state.loops[(node.index, path)] = Loop(node, path, items)
    assert node.loop is not None
    for _ in range(min(node.loop.at_once, len(items))):
        _open_next(state, loop, frame)


def _open_next(state: State, loop: Loop, around: Frame) -> None:
    index = loop.next
    loop.next += 1
    node = loop.node
    box = node.body
    assert box is not None
    assert node.loop is not None
    outside = around.env
    env = {name: outside[name] for name in box.reads if name in outside}
    env[node.loop.item] = loop.items[index]
    env["index"] = index
    frame = loop.frames[index] = Frame(box, (*loop.path, index), env)
    for start in box.starts:
        state.make_ready(frame, start)
    if not box.starts:  # An empty box: each item is done with at once.
        state.quiet.append(frame)


def close_iteration(state: State, frame: Frame, result: Any, error: StepError | None) -> None:
    """Let a finished iteration leave, and begin with the next item."""
    node = frame.box.loop
    assert node is not None
    assert node.loop is not None
    loop = state.loops[(node.index, frame.path[:-1])]
    index = frame.path[-1]
    del loop.frames[index]
    if state.quiet and state.quiet[0] is frame:
        state.quiet.popleft()
    if error is not None:
        loop.failed += 1
        if not node.loop.goes_on and loop.ending is None:
            loop.ending = error
            for other in loop.frames.values():
                wind_down(state, other, "cancelled")
    elif loop.results is not None:
        loop.results[index] = result
    if loop.ending is None and loop.next < len(loop.items):
        _open_next(state, loop, state.frame_of(node, loop.path))


def is_over(loop: Loop) -> bool:
    """Tell whether nothing of a loop is left to do."""
    return not loop.frames and (loop.ending is not None or loop.next >= len(loop.items))


def cancel_loop(state: State, loop: Loop) -> None:
    """Begin with no further item, and let those that are open end."""
    if loop.ending is None:
        loop.ending = "cancelled"
    for frame in loop.frames.values():
        wind_down(state, frame, "cancelled")


def wind_down(state: State, frame: Frame, why: Any) -> None:
    """Let a frame end: what is in flight or in doubt ends by itself, what waits or has not begun
    is cancelled."""
    if frame.ending is not None:
        return
    frame.ending = why
    for node in frame.box.nodes:
        cancel_node(state, frame, node)


def cancel_node(state: State, frame: Frame, node: PlanNode) -> None:
    """Cancel a node that waits or has not begun; a loop ends with what it has in flight."""
    found = frame.states[node.slot]
    place = (node.index, frame.path)
    if found == PENDING:
        frame.states[node.slot] = "cancelled"
    elif found in ("ready", "waiting"):
        frame.states[node.slot] = "cancelled"
        state.drop_step(place)
        state.leave(frame)
    elif (step := state.open.get(place)) is not None:
        step.lost = True
    elif (loop := state.loops.get(place)) is not None:
        cancel_loop(state, loop)
