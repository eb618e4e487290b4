"""Values: what a step begins with, and what is kept of it, worked out from the journal alone.

Nothing is worked out by the engine's formulas: it reads by itself the few that the flows here have,
a path, or a text with names in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tramo.engine.journal import Transition, decode_segment, iteration_of
from tramo.model.flow import Edge, Node
from tramo.model.part import read_part
from tramo.store.codec import unpack
from tramo.testing.simulation.file import Place, RunFile

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

UNKNOWN: Final = object()
"""What is not worked out here."""
_PATH: Final = re.compile(r"[a-z_]\w*(\.\w+)*")
_NAME: Final = re.compile(r"\{\{ ([\w.]+) \}\}")


def reckon_values(world: World) -> None:
    """Hold what steps began with against what was there, and what they gave against what was
    said."""
    for file in world.audit.files.values():
        if file.segments:
            event = world.audit.event_of(file.id)
            _Values(file, event, world.people.said, world.broken).follow()
    for run_id, body in world.server.ask("SELECT run_id, body FROM part"):
        given = {it.node for it in read_part(unpack(bytes(body), world.blobs.get_now)).given}
        file = world.audit.files[run_id]
        for fmt, raw in file.segments:
            for _, transitions in decode_segment(fmt, raw):
                for it in transitions:
                    if it[0] in "idfks" and it[1] in given and (it[0] != "k" or not it[5:]):
                        world.broken(f"given.ignored: {run_id} {it[1]} does not end as was said")


class _Values:
    """The variables of one run, as its journal tells them."""

    def __init__(
        self,
        file: RunFile,
        event: Any,
        said: dict[tuple[str, Place], set[str]],
        broken: Callable[[str], None],
    ) -> None:
        assert file.plan is not None
        self._file = file
        self._said = said
        self._broken = broken
        self._nodes: dict[str, Node] = {node.id: node for node in file.plan.flow.nodes}
        self._into: dict[str, list[Edge]] = defaultdict(list)
        for edge in file.plan.flow.edges:
            self._into[edge.to].append(edge)
        self._outputs: dict[Place, Any] = {}
        self._ports: dict[Place, str] = {}
        self._items: dict[Place, list[Any]] = {}
        self._failed: dict[Place, int] = {}
        """How many items of each loop failed."""
        self._begun: set[Place] = set()
        self._event = event

    def follow(self) -> None:
        """Go along the journal."""
        for fmt, raw in self._file.segments:
            for _, transitions in decode_segment(fmt, raw):
                for transition in transitions:
                    self._take(transition)

    def _take(self, transition: Transition) -> None:
        kind = transition[0]
        if kind == "t":
            self._give((transition[1], ()), "out", self._event)
        if kind in "tcxe":
            return
        place = (transition[1], iteration_of(transition))
        match kind:
            case "s" if place not in self._begun:
                self._begun.add(place)
                self._look("begins", place, self._nodes[place[0]].params, transition[6])
            case "l":
                self._items[place] = transition[3]
            case "z":
                self._take_item(place, transition)
            case "i":
                self._look_at_merge(place, transition[3])
                self._give(place, transition[2], transition[3])
            case "k":
                self._give(place, transition[3], transition[4])
            case "d":
                self._give(place, transition[3], transition[4])
                self._look_at_end(place, transition)
            case "f":
                self._take_failure(place, transition)
            case "a" if transition[3] == "happened":
                self._give(place, "out", transition[4])

    def _give(self, place: Place, port: str, output: Any) -> None:
        self._ports[place], self._outputs[place] = port, output

    def _take_failure(self, place: Place, transition: Transition) -> None:
        node = self._nodes[place[0]]
        if place not in self._begun and node.type.startswith("sim."):
            self._wrong("value.missing", place, f"cannot begin: {transition[4]}")
        said = dict(zip(("code", "message", "details"), transition[3:6], strict=True))
        self._give(place, "error" if node.on_error == "branch" else "out", said)

    def _look_at_merge(self, place: Place, output: Any) -> None:
        """A node that brings ways together tells what came by each of them until it began."""
        if self._nodes[place[0]].type != "core.merge":
            return
        came = {
            way.from_: self._outputs[(way.from_, place[1])]
            for way in self._into[place[0]]
            if self._ports.get((way.from_, place[1])) == way.port
        }
        if output != came:
            self._wrong("merge.other", place, f"tells {output}, not {came}")

    def _take_item(self, place: Place, transition: Transition) -> None:
        loop = (place[0], place[1][:-1])
        self._failed[loop] = self._failed.get(loop, 0) + (len(transition) > 4)
        template = self._nodes[place[0]].params.get("collect")
        if template is not None and len(transition) == 4:
            self._look("keeps", place, template, transition[3])

    def _look_at_end(self, place: Place, transition: Transition) -> None:
        output = transition[4]
        if place in self._items:
            counted = (output["count"], output["failed"])
            if counted != (len(self._items[place]), self._failed.get(place, 0)):
                self._wrong("loop.count", place, f"tells of {counted} items and failures")
        elif isinstance(output, dict) and output.get("ended") == "answer":
            said = self._said.get((self._file.id, place), set())
            if {transition[3], output["port"]} - said:
                self._wrong("answer.other", place, f"goes on by {transition[3]}; said was {said}")

    def _look(self, what: str, place: Place, template: Any, found: Any) -> None:
        """Hold what was worked out against what a template gives."""
        if isinstance(template, dict) and not template.keys() & {"$expr", "$text", "$value"}:
            for name, each in template.items():
                value = found.get(name) if isinstance(found, dict) else None
                self._look(f"{what} with {name}", place, each, value)
            return
        value = self._work_out(template, place)
        if value is not UNKNOWN and value != found:
            self._wrong("value.other", place, f"{what} {found!r:.60}, not {value!r:.60}")

    def _work_out(self, template: Any, place: Place) -> Any:
        if not isinstance(template, dict):
            return template if isinstance(template, str) else UNKNOWN
        if (path := template.get("$expr")) is not None:
            return self._read(path, place) if _PATH.fullmatch(path) else UNKNOWN
        text = template.get("$text")
        if text is None:
            return UNKNOWN
        found = {name: self._read(name, place) for name in _NAME.findall(text)}
        if UNKNOWN in found.values():
            return UNKNOWN
        return _NAME.sub(lambda name: str(found[name[1]]), text)

    def _read(self, path: str, place: Place) -> Any:
        head, *rest = path.split(".")
        found = self._variable(head, place)
        for name in rest:
            if found is UNKNOWN:
                break
            found = found.get(name) if isinstance(found, dict) else UNKNOWN
        return found

    def _variable(self, name: str, place: Place) -> Any:
        if name == "run":
            return {"id": self._file.id, "origin": self._file.origin}
        around = self._around(place)
        if name in around:
            return around[name]
        return self._outputs.get((name, place[1]), self._outputs.get((name, ()), UNKNOWN))

    def _around(self, place: Place) -> dict[str, Any]:
        """Return what the items and the index are called at a place, and what they are."""
        id, path = place
        names: dict[str, Any] = {}
        loop = id if path and (id, path[:-1]) in self._items else self._nodes[id].inside
        while loop is not None:
            path, index = path[:-1], path[-1]
            names.setdefault("index", index)
            node = self._nodes[loop]
            names.setdefault(node.params.get("as", "item"), self._items[(loop, path)][index])
            loop = node.inside
        return names

    def _wrong(self, rule: str, place: Place, words: str) -> None:
        self._broken(f"{rule}: {self._file.id} {place[0]} {list(place[1])} {words}")
