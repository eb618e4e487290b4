"""Whether a run that waits can go on under another version of its flow: only where its journal,
read under that version, leaves it where it stands now.

Then nothing that it did, opened or waits for has to be carried over: its journal, effect keys,
frozen params, deadlines and awaited events are what they were. Whatever the other version does
differently lies after the step that waits, or beside the way that the run took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

import tramo.engine.rule  # noqa: F401 - fills the table of rules
from tramo.engine.journal import Transition, decode_segment, iteration_of
from tramo.engine.state import PENDING, Place, State
from tramo.graph.plan import Box, Plan, PlanNode

Why = Literal["node", "path", "limit", "missing", "busy"]


class Stay(msgspec.Struct, frozen=True):
    """Why a run stays on its version.

    `node`: the step that it waits at is another or is gone. `path`: the other version would have
    led it here differently. `limit`: the limits of the flow are others. `missing`: a node type of
    its version is not installed. `busy`: it went on meanwhile.
    """

    why: Why
    node: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is stored: what its state is read from."""

    id: str
    trigger: str
    output: Any
    segments: Iterable[tuple[int, bytes]]
    origin: str
    generation: int = 0

    def stand(self, plan: Plan) -> State:
        """Return where its journal leaves the run under a plan.

        Raises Misfit, or whatever it stumbles over, where the journal is of another flow.
        """
        state = State(
            plan,
            run_id=self.id,
            trigger=plan.by_id[self.trigger].index,
            origin=self.origin,
            generation=self.generation,
        )
        for fmt, body in self.segments:
            for at, transitions in decode_segment(fmt, body):
                for transition in transitions:
                    if transition[0] == "t":
                        state.begin(at, self.output, *transition[2:])
                    elif transition[0] in _BEGINS:
                        _require_turn(state, transition)
                    state.apply(at, transition)
        return state


class Misfit(Exception):
    """A step began where a plan does not lead."""


_BEGINS = frozenset("ibkswlf")
"""Words that a step's story may begin with."""


def _require_turn(state: State, transition: Transition) -> None:
    """Raise Misfit for a step that begins although it is not its turn."""
    node, path = state.plan.by_id[transition[1]], iteration_of(transition)
    place = (node.index, path)
    if place in state.open or place in state.loops:
        return
    if state.frame_of(node, path).states[node.slot] != "ready":
        raise Misfit(node.id)


def why_it_stays(run: Run, old: State, new: Plan, now: int) -> Stay | None:
    """Return why a run that stands as `old` cannot go on under `new`; None where it can."""
    for node in _standing(old):
        if not _is_same(node, new):
            return Stay("node", node.id)
    if (limit := _limit(old, new, now)) is not None:
        return limit
    for node in _behind(old):
        if not _fits(node, new):
            return Stay("path", node.id)
    try:
        state = run.stand(new)
    except Exception:  # noqa: BLE001 - whatever it stumbles over: the journal is of another flow
        return Stay("path")
    return None if _stands_alike(old, state) else Stay("path")


def _standing(state: State) -> Iterator[PlanNode]:
    """Yield the nodes that are open, and the loops that are on their way."""
    places: list[Place] = [*state.open, *state.loops]
    for index in dict.fromkeys(place[0] for place in places):
        yield state.plan.nodes[index]


def _behind(state: State) -> Iterator[PlanNode]:
    """Yield the nodes of the root that the run has passed by, or stands in."""
    for node in state.plan.root.nodes:
        if state.root.states[node.slot] not in (PENDING, "skipped"):
            yield node


def _is_same(node: PlanNode, plan: Plan) -> bool:
    """Tell whether a plan has this node as it is, whatever people call it."""
    other = plan.by_id.get(node.id)
    return other is not None and _logic(node) == _logic(other) and _holds_same(node, other)


def _logic(node: PlanNode) -> object:
    return msgspec.structs.replace(node.node, label=None, note=None)


def _holds_same(node: PlanNode, other: PlanNode) -> bool:
    """Tell whether two loops hold the same; what is no loop holds nothing."""
    if node.body is None or other.body is None:
        return node.body is other.body
    return _spelled(node.body) == _spelled(other.body)


def _spelled(box: Box) -> list[object]:
    spelled: list[object] = []
    for node in box.nodes:
        ways = [(port, [target.id for target in targets]) for port, targets in node.ways]
        spelled.append((_logic(node), ways, node.body and _spelled(node.body)))
    return spelled


def _fits(node: PlanNode, plan: Plan) -> bool:
    """Tell whether a plan has a node whose step may have ended as this one's did.

    What was done in the world is done, however it would be done today. What was worked out from
    values, such as the way that a branch took, has to be what would be worked out now.
    """
    other = plan.by_id.get(node.id)
    if other is None or (node.node.type, node.node.v) != (other.node.type, other.node.v):
        return False
    worked_out = node.settle is not None or node.loop is not None
    return not worked_out or _is_same(node, plan)


def _limit(old: State, new: Plan, now: int) -> Stay | None:
    """Compare what is counted and measured over whole runs."""
    if old.plan.flow.limits.concurrency != new.flow.limits.concurrency:
        return Stay("limit")
    due_at = deadline_under(old, new)
    return Stay("limit") if due_at is not None and due_at <= now else None


def deadline_under(state: State, plan: Plan) -> int | None:
    """Return when the run's time would be over under a plan."""
    return None if plan.timeout_ms is None else state.started_at + plan.timeout_ms


def _stands_alike(old: State, new: State) -> bool:
    """Tell whether a journal leaves two states that differ in nothing that has begun or ended."""
    nodes = new.plan.nodes
    begins = any(
        (frame := new.open_frame(nodes[index], path)) is not None
        and frame.states[nodes[index].slot] == "ready"
        for _, path, index in new.ready
    )
    if begins or new.quiet or new.stopping is not None or old.stopping is not None:
        return False
    return _places(old) == _places(new) and _settled(old) == _settled(new)


def _places(state: State) -> set[tuple[str, tuple[int, ...]]]:
    nodes = state.plan.nodes
    return {(nodes[index].id, path) for index, path in (*state.open, *state.loops)}


def _settled(state: State) -> dict[str, str]:
    """Return how the nodes of the root stand that the run came to."""
    return {
        node.id: state.root.states[node.slot]
        for node in state.plan.root.nodes
        if state.root.states[node.slot] not in (PENDING, "skipped")
    }
