"""Sends of the runs before of which nobody knows what came of them.

A run may end before that is known: a keyed step fails after its last try had no answer, a cancel
comes while one waits for its next. What goes on with the run must know of it: the vendor may have
forgotten the key by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from tramo.engine import decode_segment
from tramo.engine.journal import Transition
from tramo.graph.plan import Plan
from tramo.model.run import Iteration

Place = tuple[str, Iteration]
_STEP: Final = frozenset("sdfrpqaok")


class Sent(msgspec.Struct):
    """A step that was sent, or may have been."""

    first_at: int
    """When it was first sent under its key."""
    effect: str
    key: str
    flying: bool = False
    doubted: bool = False

    def again(self, at: int, effect: str, key: str) -> Sent:
        """Return how it stands after a further start."""
        if key != self.key:
            return Sent(at, effect, key, flying=True)
        self.doubted |= self.flying  # The attempt before ended with its process.
        self.effect, self.flying = effect, True
        return self


def doubtful_sends(plan: Plan, segments: Iterable[tuple[int, bytes]]) -> dict[Place, Sent]:
    """Return the steps that must not simply be sent again, for nobody knows how they ended.

    `segments` are those of a run and of all that it is a re-run of, the oldest first.
    """
    found: dict[Place, Sent] = {}
    for fmt, body in segments:
        for at, transitions in decode_segment(fmt, body):
            for transition in transitions:
                if transition[0] in _STEP:
                    _note(plan, found, at, transition)
    return {
        place: sent
        for place, sent in found.items()
        if (sent.flying or sent.doubted) and sent.effect in ("keyed", "never_repeat")
    }


def _note(plan: Plan, found: dict[Place, Sent], at: int, transition: Transition) -> None:
    kind, place = transition[0], (transition[1], tuple(transition[2]))
    sent = found.get(place)
    if kind == "s":
        _, _, _, _, effect, key, _ = transition
        fresh = Sent(at, effect, key, flying=True)
        found[place] = fresh if sent is None else sent.again(at, effect, key)
        return
    if sent is None:
        return
    sent.flying = False
    match kind:
        case "f" if _is_kept(plan, place[0]):
            del found[place]
        case "r" | "f":
            sent.doubted |= any(transition[6:7])
        case "q":
            sent.doubted = True
        case "a" if transition[3] == "happened":
            del found[place]
        case "a":
            sent.doubted = transition[3] == "abort"
        case "d" | "k" | "o":
            del found[place]


def _is_kept(plan: Plan, node_id: str) -> bool:
    """Tell whether a failure of this node is an end like any other, which re-runs take over."""
    node = plan.by_id.get(node_id)
    return node is not None and node.node.on_error != "stop"
