"""A run's steps as people see them, told from its journal while it is folded once more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from tramo.engine.instant import rfc3339
from tramo.engine.journal import Transition, decode_segment, error_of, iteration_of
from tramo.engine.state import PENDING, Frame, State
from tramo.graph.plan import Box, Plan, PlanNode
from tramo.model.run import FINAL_RUN_STATES, Iteration, Step

_Place = tuple[str, Iteration]


def view_steps(state: State, segments: Iterable[tuple[int, bytes]], output: Any) -> list[Step]:
    """Return one entry per (node, iteration), in the order of the plan, skipped ones included.

    `state` is a fresh state of the run; it is folded on the way. `output` is the trigger's.
    """
    view = _View(state, output)
    for fmt, body in segments:
        for at, transitions in decode_segment(fmt, body):
            for transition in transitions:
                view.tell(at, transition)
    return view.steps()


class _View:
    def __init__(self, state: State, output: Any) -> None:
        self._state = state
        self._plan: Plan = state.plan
        self._output = output
        self._steps: dict[_Place, Step] = {}
        self._ended_at: str | None = None

    def tell(self, at: int, transition: Transition) -> None:
        state, kind = self._state, transition[0]
        if kind == "t":
            state.begin(at, self._output, transition[2] if len(transition) > 2 else None)
        elif kind == "z":
            node, path = self._plan.by_id[transition[1]], tuple(transition[2])
            loop = state.loops[(node.index, path[:-1])]
            self._tell_quiet(loop.frames[path[-1]], done=True)
        state.apply(at, transition)
        if kind == "e":
            self._ended_at = rfc3339(at)
        if kind in _TELL:
            self._tell_step(at, transition)

    def _tell_step(self, at: int, transition: Transition) -> None:
        kind, node_id = transition[0], transition[1]
        node = self._plan.by_id[node_id]
        iteration = iteration_of(transition)
        step = self._steps.get((node_id, iteration))
        instant = rfc3339(at)
        if step is None:
            step = self._steps[(node_id, iteration)] = Step(
                node=node_id, iteration=iteration, state="running", started_at=instant
            )
            if node.type.kind != "trigger":
                step.effect = node.type.effect
        if kind == "t":
            step.output = self._output
        never_began = kind == "f" and step.state == "running" and not step.attempts
        _TELL[kind](step, instant, transition)
        never_began = never_began or kind in "bk" or (kind == "l" and not transition[3])
        if never_began and node.body is not None:
            self._skip_all(node.body, iteration)

    def steps(self) -> list[Step]:
        state = self._state
        ended = state.status in FINAL_RUN_STATES
        for frame in state.frames():
            self._tell_quiet(frame, done=ended)
        by_id = self._plan.by_id
        for (node_id, iteration), step in self._steps.items():
            if step.state not in ("running", "waiting", "asking"):
                continue
            place = (by_id[node_id].index, iteration)
            if place not in state.open and (ended or place not in state.loops):
                step.state, step.due_at, step.waits_for = "cancelled", UNSET, UNSET
                step.ended_at = self._ended_at
        return sorted(
            self._steps.values(), key=lambda step: (by_id[step.node].order, step.iteration)
        )

    def _tell_quiet(self, frame: Frame, *, done: bool) -> None:
        """Tell the nodes of a frame that no transition names: skipped and cancelled ones."""
        for node in frame.box.nodes:
            place = (node.id, frame.path)
            if place in self._steps:
                continue
            found = frame.states[node.slot]
            if found in ("skipped", "cancelled"):
                self._add(node, frame.path, found)
            elif done and found in (PENDING, "ready"):
                self._add(node, frame.path, "skipped")

    def _add(self, node: PlanNode, path: Iteration, state: Any) -> None:
        self._steps[(node.id, path)] = Step(node=node.id, iteration=path, state=state)
        if node.body is not None:
            self._skip_all(node.body, path)

    def _skip_all(self, box: Box, path: Iteration) -> None:
        """A loop without items still shows what it holds."""
        for node in box.nodes:
            self._add(node, path, "skipped")


def _settled(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.attempts, step.ended_at = "succeeded", "out", 1, at
    if transition[0] == "i":
        step.port, step.output = transition[2], transition[3]


def _bypassed(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.ended_at = "skipped", "out", at


def _copied(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.output, step.ended_at = (
        "skipped",
        transition[3],
        transition[4],
        at,
    )
    if transition[5:]:
        step.given = True
    else:
        step.copied = True


def _started(step: Step, at: str, transition: Transition) -> None:
    step.state, step.attempts, step.effect = "running", transition[3], transition[4]
    step.input = transition[6]
    step.due_at = UNSET


def _done(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.output, step.ended_at = (
        "succeeded",
        transition[3],
        transition[4],
        at,
    )
    step.attempts = step.attempts or 1
    step.error, step.due_at, step.waits_for = UNSET, UNSET, UNSET


def _failed(step: Step, at: str, transition: Transition) -> None:
    step.state, step.ended_at = "failed", at
    step.attempts = step.attempts or 1
    step.error = error_of(transition) or UNSET
    step.due_at, step.waits_for = UNSET, UNSET


def _retried(step: Step, at: str, transition: Transition) -> None:
    step.state, step.due_at = "waiting", rfc3339(transition[3])
    step.error = error_of(transition) or UNSET


def _parked(step: Step, at: str, transition: Transition) -> None:
    step.state = "waiting"
    step.error = error_of(transition) or UNSET


def _paused(step: Step, at: str, transition: Transition) -> None:
    step.state = "waiting"
    if transition[3] is not None:
        step.due_at = rfc3339(transition[3])
    if len(transition) > 4:
        step.waits_for = _waits_for(transition[4]) or UNSET


def _waits_for(pause: Any) -> dict[str, Any]:
    """Say what a pause waits for: events by type and key, or an answer; only time: nothing."""
    events = [
        {name: match[name] for name in ("type", "kind", "value", "port") if name in match}
        for match in pause.get("matches", ())
    ]
    said: dict[str, Any] = {"events": events} if events else {}
    return {**said, "ask": pause["ask"]} if "ask" in pause else said


def _looped(step: Step, at: str, transition: Transition) -> None:
    step.state, step.attempts = "running", 1


def _cancelled(step: Step, at: str, transition: Transition) -> None:
    step.state, step.ended_at = "cancelled", at


def _asked(step: Step, at: str, transition: Transition) -> None:
    step.state = "asking"
    step.error = error_of(transition) or UNSET


def _answered(step: Step, at: str, transition: Transition) -> None:
    outcome = transition[3]
    if outcome == "happened":
        step.state, step.port, step.output, step.ended_at = "succeeded", "out", transition[4], at
        step.error = UNSET
    elif outcome == "abort":
        step.state, step.ended_at = "cancelled", at


def _taken(step: Step, at: str, transition: Transition) -> None:
    step.state, step.ended_at = "skipped", at


_TELL = {
    "t": _settled,
    "i": _settled,
    "b": _bypassed,
    "k": _copied,
    "s": _started,
    "d": _done,
    "f": _failed,
    "r": _retried,
    "p": _parked,
    "w": _paused,
    "h": _paused,
    "l": _looped,
    "n": _cancelled,
    "q": _asked,
    "a": _answered,
    "o": _taken,
}
