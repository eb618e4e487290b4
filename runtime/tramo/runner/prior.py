"""What a run takes over from those before it: how their steps ended, read from their journals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tramo.engine import decode_segment
from tramo.engine.state import Given
from tramo.graph.plan import Plan
from tramo.model.part import Part
from tramo.model.pause import Exit
from tramo.model.run import Iteration

Segments = Sequence[tuple[int, bytes]]
Place = tuple[str, Iteration]

_ENDED = frozenset("sdkfa")


def prior_steps(
    plan: Plan,
    segments: Segments,
    rerun: str | None,
    part: Part | None = None,
    data: Segments = (),
) -> dict[Place, Exit]:
    """Return how steps ended in the runs that this one goes on with, oldest first in `segments`.

    From the failed step: all that ended, caught failures too. From the start: only what changed
    something, for that must not happen twice. What a later run started anew counts for nothing
    before that. A part says which nodes run anew and how others end; `data` are the journals of
    the run whose data it takes: of all later ones only effects count then.
    """
    ended = _Ended(plan, segments)
    if part is not None and part.data_of is not None:
        ended.go_behind(_Ended(plan, data))
    if rerun == "start":
        ended.keep_effects()
    if part is None or not part.anew:
        return ended.exits
    anew, kept = set(part.anew), set(part.kept)
    return {
        place: found
        for place, found in ended.exits.items()
        if place[0] not in anew or (place[0] in kept and ended.is_effect(place))
    }


def prior_items(
    plan: Plan, segments: Segments, places: Iterable[Place]
) -> dict[Place, dict[int, Any]]:
    """Return, by loop, the items that steps stood for which ended or were sent in the runs before.

    What is taken over goes by an item's place in its list, and so do the keys of what was sent.
    """
    wanted: dict[Place, set[int]] = {}
    for node_id, path in places:
        node = plan.by_id.get(node_id)
        while node is not None and path and (loop := node.box.loop) is not None:
            *around, index = path
            wanted.setdefault((loop.id, tuple(around)), set()).add(index)
            node, path = loop, tuple(around)
    found: dict[Place, dict[int, Any]] = {}
    for fmt, body in segments if wanted else ():
        for _, transitions in decode_segment(fmt, body):
            for kind, *rest in transitions:
                if kind == "l" and (place := (rest[0], tuple(rest[1]))) in wanted:
                    items = enumerate(rest[2])
                    now = {index: item for index, item in items if index in wanted[place]}
                    found.setdefault(place, {}).update(now)
    return found


def given_ends(part: Part | None) -> Given:
    """Return how steps end because a person said so."""
    if part is None:
        return {}
    return {(given.node, given.iteration): Exit(given.port, given.output) for given in part.given}


def done_effects(plan: Plan, segments: Segments) -> dict[str, list[Place]]:
    """Return, by node, the steps that changed something, as far as journals tell."""
    ended = _Ended(plan, segments)
    ended.keep_effects()
    found: dict[str, list[Place]] = {}
    for place in ended.exits:
        found.setdefault(place[0], []).append(place)
    return found


class _Ended:
    """How steps ended, and which of them changed something."""

    def __init__(self, plan: Plan, segments: Segments) -> None:
        self._plan = plan
        self._effects: dict[Place, str] = {}
        self.exits: dict[Place, Exit] = {}
        for fmt, body in segments:
            for _, transitions in decode_segment(fmt, body):
                for transition in transitions:
                    if transition[0] in _ENDED:
                        self._note(transition)

    def is_effect(self, place: Place) -> bool:
        return self._effects.get(place, self._plan.by_id[place[0]].type.effect) != "pure"

    def go_behind(self, data: _Ended) -> None:
        """Let the data of another run stand, and of this one only what changed something."""
        self.keep_effects()
        self.exits.update(data.exits)
        self._effects.update(data._effects)

    def keep_effects(self) -> None:
        self.exits = {place: found for place, found in self.exits.items() if self.is_effect(place)}

    def _note(self, transition: tuple) -> None:
        kind, place = transition[0], (transition[1], tuple(transition[2]))
        node = self._plan.by_id.get(place[0])
        if node is None or node.loop is not None:
            return
        exits = self.exits
        match kind:
            case "s":
                self._effects[place] = transition[4]
                exits.pop(place, None)
            case "k" if transition[5:]:
                return  # A person gave it: nothing of it happened.
            case "d" | "k":
                exits[place] = Exit(transition[3], transition[4])
            case "a" if transition[3] == "happened":
                exits[place] = Exit("out", transition[4])
            case "f" if node.node.on_error == "stop":
                exits.pop(place, None)
            case "f":
                port = "error" if node.node.on_error == "branch" else "out"
                error = dict(zip(("code", "message", "details"), transition[3:6], strict=True))
                exits[place] = Exit(port, error)
