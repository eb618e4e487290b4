"""Calls from run to run: who is called has the caller's event and keys, and what is handed back is
what a step of it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tramo.model.value import decode
from tramo.testing.simulation.file import RunFile
from tramo.testing.simulation.sharing import told

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World


def reckon_calls(world: World) -> None:
    """Hold callers against whom they called."""
    for file in world.audit.files.values():
        _look_at(world, file)


def _look_at(world: World, file: RunFile) -> None:
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
