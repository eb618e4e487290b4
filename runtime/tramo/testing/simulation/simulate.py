"""One seed, from beginning to end: the same seed gives the same trace, byte for byte."""

from __future__ import annotations

import gc
import logging
import warnings
from typing import Any, Final

import msgspec

from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.crowd import SHAPES
from tramo.testing.simulation.garden import grow
from tramo.testing.simulation.loop import Stuck, VirtualLoop
from tramo.testing.simulation.nemesis import Temper
from tramo.testing.simulation.reckoning import reckon
from tramo.testing.simulation.shape import Shape
from tramo.testing.simulation.world import Terms, World, terms_of


class Result(msgspec.Struct, kw_only=True):
    """What came of one world."""

    seed: int
    shape: str
    violations: list[str]
    trace: list[str]
    runs: int
    sends: int
    commits: int
    points: int
    """Labelled points that were passed while something could go wrong."""
    faults: dict[str, int]
    labels: dict[str, int]
    virtual_s: float


GARDEN: Final = "garden"
"""The name of flows that a seed puts together."""
GROWN: Final = 6
"""Seeds of these, to one of each shape."""


def shape_of(seed: int, name: str | None = None) -> Shape:
    """Return the shape that a seed is about, or the one of that name."""
    if name is not None and name != GARDEN:
        return SHAPES[name]
    number = seed % (len(SHAPES) + GROWN)
    if name == GARDEN or number >= len(SHAPES):
        return grow(seed)
    return list(SHAPES.values())[number]


def simulate(
    seed: int,
    shape: str | None = None,
    *,
    crash_at: int | None = None,
    workers: int | None = None,
    orders: int | None = None,
    crowded: bool | None = None,
) -> Result:
    """Run a world. With `crash_at` nothing goes wrong but a crash at the n-th labelled point."""
    found = shape_of(seed, shape)
    if orders is not None:
        found = msgspec.structs.replace(found, orders=orders)
    terms = terms_of(Chance(seed, "terms"))
    if crash_at is not None:
        calm = Temper()
        terms = Terms(workers=1, temper=calm, unruly=0.0, slow=0.0, crash_at=crash_at)
    if workers is not None:
        terms = msgspec.structs.replace(terms, workers=workers)
    if crowded is not None:
        terms = msgspec.structs.replace(terms, crowded=crowded)
    loop = VirtualLoop(Chance(seed, "loop"))
    log = logging.getLogger("tramo")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    collecting = gc.isenabled()
    gc.disable()  # Whoever is collected when would be chance that no seed decides.
    made: list[World] = []
    quiet = warnings.catch_warnings(action="ignore", category=RuntimeWarning)
    quiet.__enter__()  # Work that a kill kept from beginning warns of it.
    try:
        loop.run_until_complete(_live(loop, seed, found, terms, made))
    except Stuck as error:
        made[0].broken(f"liveness.stuck: {error}")
    finally:
        log.setLevel(level)
        if collecting:
            gc.enable()
        for world in made:
            world.server.close()
        loop.close()
        quiet.__exit__(None, None, None)
    return _result(made[0])


async def _live(
    loop: VirtualLoop, seed: int, shape: Shape, terms: Terms, made: list[World]
) -> None:
    world = World(seed, shape, terms)
    made.append(world)
    loop.set_exception_handler(lambda _, context: _unexpected(world, context))
    await world.live()
    world.end()
    for _ in range(20):
        await _turn(loop)
        if not world.bury():
            break
    if not world.violations:
        reckon(world)


async def _turn(loop: VirtualLoop) -> None:
    future: Any = loop.create_future()
    loop.call_soon(future.set_result, None)
    await future


def _unexpected(world: World, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if error is not None and "handle" in context:
        world.broken(f"work.failed: {type(error).__name__}: {error}")


def _result(world: World) -> Result:
    return Result(
        seed=world.seed,
        shape=world.shape.name,
        violations=world.violations,
        trace=world.trace,
        runs=len(world.audit.files),
        sends=len(world.vendor.sends),
        commits=world.server.commits,
        points=world.nemesis.passed,
        faults=world.nemesis.faults,
        labels=world.nemesis.labels,
        virtual_s=world.loop.time(),
    )
