"""A restore: the database becomes what a backup held, and the world outside does not.

Vendors keep what they did, senders what they were told. What somebody was told between the backup
and the restore is lost with it, and nobody may be blamed for that; what was sent may not be sent
again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tramo.store.epoch import raise_epoch
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.port import pause

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

COMMITS: Final = 20
"""After so many at most the backup is made."""
SENDS: Final = 4
"""So many at most are lost with what is restored."""
LATER_S: Final = (0.01, 0.3, 3.0, 600.0, 50_000.0)
"""So long after those it is restored."""


async def go_back(world: World, chance: Chance) -> None:
    """Make a backup some time, and restore it some time later."""
    commits = chance.randint(1, COMMITS)
    await _until(world, lambda: world.server.commits >= commits)
    copy, made_at = world.server.copy(), world.time.now_ms()
    acked = list(world.acked)
    world.tell("a backup is made")
    sends = len(world.vendor.sends) + chance.randint(1, SENDS)
    await _until(world, lambda: len(world.vendor.sends) >= sends)
    await pause(chance.choice(LATER_S))
    if not world.nemesis.active:
        return
    world.tell("the backup is restored")
    world.kill_all()
    world.server.go_back(copy)
    world.audit.note_time()
    now = world.time.now_ms()
    world.server.do(lambda c: raise_epoch(c, now=now, made_at=made_at))
    world.acked[:] = acked
    world.vendor.poisoned.clear()
    world.audit.go_back()
    world.restored = True
    world.primed_s = None


async def _until(world: World, true: Callable[[], bool]) -> None:
    """Wait for something, looking less and less often, as long as things may go wrong."""
    wait_s = 0.05
    while world.nemesis.active and not true():
        await pause(wait_s)
        wait_s *= 1.02
