"""Another try and those before it: what it takes over is how a step ended last, and it begins only
when nobody is asked about anything any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tramo.testing.simulation.file import Place, RunFile
from tramo.testing.simulation.sharing import told

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

Stand = Literal["open", "ended", "asked"]


def reckon_families(world: World) -> None:
    """Go along the tries of each origin, in the order in which they were made."""
    if world.restored:
        return  # What was taken back was known to some of them.
    for origin in dict.fromkeys(file.origin for file in world.audit.files.values()):
        stands: dict[Place, Stand] = {}
        for number, file in enumerate(world.audit.family(origin)):
            if number:
                _look_at(world, file, stands)
            for _, transition in told(file):
                _note(file, stands, transition)


def _look_at(world: World, file: RunFile, stands: dict[Place, Stand]) -> None:
    for place, stand in stands.items():
        if stand == "asked" and file.began:
            world.broken(f"rerun.in_doubt: {file.id} begins, and {place} was never settled")
    for _, transition in told(file):
        if transition[0] == "k" and not transition[5:]:
            place = (transition[1], tuple(transition[2]))
            if stands.get(place) != "ended":
                world.broken(f"taken.stale: {file.id} takes over {place}, begun anew since then")


def _note(file: RunFile, stands: dict[Place, Stand], transition: Any) -> None:
    kind = transition[0]
    if kind not in "sdkfaq":
        return
    place = (transition[1], tuple(transition[2]))
    match kind:
        case "s":
            stands[place] = "open"
        case "d" | "k":
            stands[place] = "ended"
        case "q":
            stands[place] = "asked"
        case "a":
            ends: dict[str, Stand] = {"happened": "ended", "resend": "open"}
            stands[place] = ends.get(transition[3], "asked")
        case "f":
            assert file.plan is not None
            caught = file.plan.by_id[place[0]].node.on_error != "stop"
            stands[place] = "ended" if caught else "open"
