"""A run's steps as people see them, told from its journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tramo.engine.instant import rfc3339
from tramo.engine.journal import Moment, Transition, decode_segment
from tramo.engine.state import State
from tramo.graph.plan import Plan
from tramo.model.run import FINAL_RUN_STATES, Step, StepError


def view_steps(
    plan: Plan, segments: Iterable[tuple[int, bytes]], state: State, output: Any
) -> list[Step]:
    """Return one entry per (node, iteration), in the order of the plan, skipped ones included."""
    steps: dict[tuple[str, tuple[int, ...]], Step] = {}
    for fmt, body in segments:
        for moment in decode_segment(fmt, body):
            _tell(plan, steps, moment, output)
    told = {node for node, _ in steps}
    ended = state.status in FINAL_RUN_STATES
    for node in plan.nodes:
        found = state.step_states[node.index]
        if node.id in told:
            continue
        if found in ("skipped", "cancelled"):
            steps[(node.id, ())] = Step(node=node.id, state=found)  # type: ignore[arg-type]
        elif ended:
            steps[(node.id, ())] = Step(node=node.id, state="skipped")
    for (node_id, iteration), step in steps.items():
        opened = state.open.get((plan.by_id[node_id].index, iteration))
        if opened is None and step.state in ("running", "waiting", "asking"):
            step.state = "cancelled"
    return sorted(steps.values(), key=lambda step: (plan.by_id[step.node].order, step.iteration))


def _tell(
    plan: Plan, steps: dict[tuple[str, tuple[int, ...]], Step], moment: Moment, output: Any
) -> None:
    at = rfc3339(moment[0])
    for transition in moment[1]:
        kind = transition[0]
        if kind in ("e", "c", "x"):
            continue
        iteration = tuple(transition[2]) if kind not in ("t", "i", "b") else ()
        place = (transition[1], iteration)
        step = steps.get(place)
        if step is None:
            step = steps[place] = Step(
                node=transition[1], iteration=iteration, state="running", started_at=at
            )
            kind_of = plan.by_id[transition[1]].type
            if kind_of.kind != "trigger":
                step.effect = kind_of.effect
        if kind == "t":
            step.output = output
        _TELL[kind](step, at, transition)


def _settled(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.attempts, step.ended_at = "succeeded", "out", 1, at
    if transition[0] == "i":
        step.port, step.output = transition[2], transition[3]


def _bypassed(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.ended_at = "skipped", "out", at


def _started(step: Step, at: str, transition: Transition) -> None:
    step.state, step.attempts, step.effect = "running", transition[3], transition[4]
    step.input = transition[6]
    step.due_at = msgspec.UNSET


def _done(step: Step, at: str, transition: Transition) -> None:
    step.state, step.port, step.output, step.ended_at = (
        "succeeded",
        transition[3],
        transition[4],
        at,
    )
    step.error = msgspec.UNSET


def _failed(step: Step, at: str, transition: Transition) -> None:
    step.state, step.ended_at = "failed", at
    step.attempts = step.attempts or 1
    step.error = StepError(transition[3], transition[4], transition[5])


def _waiting(step: Step, at: str, transition: Transition) -> None:
    step.state = "waiting"
    if transition[0] == "r":
        step.due_at = rfc3339(transition[3])
        step.error = StepError(transition[4], transition[5])
    else:
        step.error = StepError(transition[3], transition[4])


def _asked(step: Step, at: str, transition: Transition) -> None:
    step.state = "asking"
    step.error = StepError(transition[3], transition[4])


def _answered(step: Step, at: str, transition: Transition) -> None:
    outcome = transition[3]
    if outcome == "happened":
        step.state, step.port, step.output, step.ended_at = "succeeded", "out", transition[4], at
        step.error = msgspec.UNSET
    elif outcome == "abort":
        step.state, step.ended_at = "cancelled", at


def _taken(step: Step, at: str, transition: Transition) -> None:
    step.state, step.ended_at = "skipped", at


_TELL = {
    "t": _settled,
    "i": _settled,
    "b": _bypassed,
    "s": _started,
    "d": _done,
    "f": _failed,
    "r": _waiting,
    "p": _waiting,
    "q": _asked,
    "a": _answered,
    "o": _taken,
}
