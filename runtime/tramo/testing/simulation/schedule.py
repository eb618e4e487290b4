"""Schedules of the simulated world: which instants must have been fired, and that each was, once.

It counts by itself: the flows here fire at whole multiples of their interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tramo.testing.simulation.file import TOLERANCE_MS
from tramo.testing.simulation.port import START_MS

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

SLACK_MS: Final = 1_200_000
"""Younger instants may still be made up for."""


def intervals(document: dict[str, Any]) -> dict[str, int]:
    """Return how many milliseconds lie between two firings, by node."""
    return {
        node["id"]: node["params"]["every_s"] * 1_000
        for node in document["nodes"]
        if node["type"] == "core.schedule"
    }


def following(world: World, now: int) -> int | None:
    """Return the next instant at which something fires."""
    found = [(now // every + 1) * every for every in world.fires.values()]
    return min(found, default=None)


def reckon_firings(world: World) -> None:
    """Every instant since the publishing started one run, and none before its time."""
    for source, every in world.fires.items():
        rows = world.server.ask(
            "SELECT delivery_id, received_at, id FROM event WHERE source = ?", source
        )
        fired: dict[int, int] = {}
        for delivery_id, received_at, event_id in rows:
            due = int(delivery_id) if delivery_id.isdigit() else 0
            if due % every or not due:
                world.broken(f"schedule.wrong: {source} fired for {delivery_id or event_id}")
            if received_at < due - TOLERANCE_MS:
                world.broken(f"schedule.early: {source} fired {due - received_at} ms early")
            fired[due] = fired.get(due, 0) + 1
        first = (START_MS // every + 1) * every
        for due in range(first, world.time.now_ms() - SLACK_MS, every):
            if fired.get(due, 0) != 1:
                world.broken(f"schedule.fired: {source} fired {fired.get(due, 0)} times for {due}")
