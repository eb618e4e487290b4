"""Values on their way: what a step is given, and what a wait or a call hands on, is what the flow's
document, people and called runs say. It works out nothing by the engine's formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tramo.model.flow import Node
from tramo.model.value import decode
from tramo.testing.simulation.file import RunFile
from tramo.testing.simulation.sharing import told

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

Lists = dict[tuple[str, tuple[int, ...]], list[Any]]
"""The items of loops on their way, by the loop and where it stands."""


def reckon_values(world: World) -> None:
    """Look at items, answers and calls."""
    for file in world.audit.files.values():
        _items(world, file)
        _answers(world, file)
        _calls(world, file)
        _merges(world, file)


def _items(world: World, file: RunFile) -> None:
    """A step inside a loop is about its own item, and so is what is kept of that."""
    assert file.plan is not None
    nodes = {node.id: node for node in file.plan.flow.nodes}
    lists: Lists = {}
    for _, transition in told(file):
        kind = transition[0]
        if kind not in "lsz" or transition[1] not in nodes:
            continue
        node, path = nodes[transition[1]], tuple(transition[2])
        if kind == "l":
            lists[(node.id, path)] = transition[3]
        elif kind == "s" and node.inside is not None:
            said = transition[6].get("place") if isinstance(transition[6], dict) else None
            wanted = _spelled(
                node.params.get("place"), _around(nodes, nodes[node.inside], path, lists)
            )
            _compare(world, file, transition, said, wanted)
        elif kind == "z" and len(transition) == 4:
            wanted = _spelled(node.params.get("collect"), _around(nodes, node, path, lists))
            _compare(world, file, transition, transition[3], wanted)


def _compare(world: World, file: RunFile, transition: Any, said: Any, wanted: str | None) -> None:
    if wanted is not None and said != wanted:
        place = f"{file.id} {transition[1]} {list(transition[2])}"
        world.broken(f"loop.other_item: {place} is about “{said}”, not “{wanted}”")


def _around(
    nodes: dict[str, Node], loop: Node, path: tuple[int, ...], lists: Lists
) -> dict[str, Any]:
    """Return what the items and the index are called at an item of a loop, and what they are."""
    names: dict[str, Any] = {"index": path[-1]}
    inside: Node | None = loop
    while inside is not None:
        *around, index = path
        path = tuple(around)
        names.setdefault(inside.params.get("as", "item"), lists[(inside.id, path)][index])
        inside = nodes[inside.inside] if inside.inside is not None else None
    return names


def _spelled(template: Any, names: dict[str, Any]) -> str | None:
    """Return a text with the names in it; None for what is no text."""
    if not isinstance(template, dict) or "$text" not in template:
        return None
    text = template["$text"]
    for name, value in names.items():
        text = text.replace(f"{{{{ {name} }}}}", str(value))
    return text


def _answers(world: World, file: RunFile) -> None:
    """A run goes on as somebody answered."""
    for _, transition in told(file):
        output = transition[4] if transition[0] == "d" else None
        if isinstance(output, dict) and output.get("ended") == "answer":
            place = (transition[1], tuple(transition[2]))
            said = world.people.said.get((file.id, place), set())
            if transition[3] != output["port"] or transition[3] not in said:
                world.broken(
                    f"answer.other: {file.id} {place} goes on by “{transition[3]}”, and "
                    f"people said {sorted(said)}"
                )


def _calls(world: World, file: RunFile) -> None:
    """A called run has its caller's event and keys, and what it hands on is what a step gave."""
    assert file.plan is not None
    given: dict[Any, Any] = {}
    for _, transition in told(file):
        kind = transition[0]
        if kind not in "sd" or file.plan.by_id[transition[1]].type.type != "core.call_flow":
            continue
        place = (transition[1], tuple(transition[2]))
        if kind == "s":
            given[place] = transition[6]["event"]
            continue
        output = transition[4]
        child = world.audit.files.get(output["run"])
        if child is None:
            continue
        if world.audit.event_of(child.id) != given[place]:
            world.broken(f"call.event: {child.id} was called by {file.id} with another event")
        if missing := _keys(world, file) - _keys(world, child):
            world.broken(f"call.keys: {child.id} was called without {sorted(missing)}")
        if output["state"] == "succeeded" and output["output"] not in _outputs(world, child):
            world.broken(f"call.output: {file.id} goes on with what no step of {child.id} gave")


def _merges(world: World, file: RunFile) -> None:
    """A node that brings ways together tells what came by each of them until it began."""
    assert file.plan is not None
    flow = file.plan.flow
    merges = {node.id for node in flow.nodes if node.type == "core.merge"}
    given: dict[tuple[str, tuple[int, ...]], tuple[Any, Any]] = {}
    for _, transition in told(file) if merges else ():
        kind, id = transition[0], transition[1]
        if kind == "t":
            given[(id, ())] = ("out", world.audit.event_of(file.id))
        elif kind == "i":
            path = tuple(transition[4]) if len(transition) > 4 else ()
            ways = ((edge.from_, edge.port) for edge in flow.edges if edge.to == id)
            came = {(one, port): given.get((one, path)) for one, port in ways}
            wanted = {one: it[1] for (one, port), it in came.items() if it and it[0] == port}
            if id in merges and transition[3] != wanted:
                world.broken(f"merge.other: {file.id} {id} tells {transition[3]}, not {wanted}")
            given[(id, path)] = (transition[2], transition[3])
        elif kind in "dk":
            given[(id, tuple(transition[2]))] = (transition[3], transition[4])
        elif kind == "a" and transition[3] == "happened":
            given[(id, tuple(transition[2]))] = ("out", transition[4])
        elif kind == "f":
            on_error = file.plan.by_id[id].node.on_error
            said = dict(zip(("code", "message", "details"), transition[3:6], strict=True))
            port = "error" if on_error == "branch" else "out"
            given[(id, tuple(transition[2]))] = (port, said)


def _keys(world: World, file: RunFile) -> set[tuple[str, str]]:
    ((keys,),) = world.server.ask("SELECT keys FROM run WHERE id = ?", file.id)
    return {(key[0], key[1]) for key in decode(keys)}


def _outputs(world: World, file: RunFile) -> list[Any]:
    """Return what the trigger and the steps of a run gave."""
    found = [world.audit.event_of(file.id)]
    for _, transition in told(file):
        if transition[0] in "dka":
            found.append(transition[4])
        elif transition[0] == "i":
            found.append(transition[3])
    return found
