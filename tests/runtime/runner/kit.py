"""Houses whose clock a test moves, and runs looked at as they stand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tramo.app.house import House, open_house
from tramo.app.play import JumpingClock

from tests.kit import REGISTRY, owner, post, settings, steps


@asynccontextmanager
async def opened(folder: Path, clock: JumpingClock | None = None) -> AsyncIterator[House]:
    """Open a house in a test's folder, by a clock of the test's own."""
    async with open_house(settings(folder), registry=REGISTRY, clock=clock) as house:
        yield house


def jump(house: House, clock: JumpingClock, seconds: float) -> None:
    """Let time pass for a house."""
    clock.jump_to(clock.now_ms() + round(seconds * 1000))
    house.runner.look_now()


async def deliver(house: House, address: str, *bodies: Any) -> None:
    """Deliver one after the other."""
    for body in bodies:
        assert (await post(house, address, body))[0] in (200, 202)


async def items(house: House, flow_id: str | None = None) -> list[dict[str, Any]]:
    """Return every run, oldest first."""
    return (await house.runs.list(owner(house), flow=flow_id, limit=200))["items"][::-1]


async def states(house: House, flow_id: str | None = None) -> list[str]:
    """Return how the runs stand, oldest first."""
    return [item["state"] for item in await items(house, flow_id)]


async def until(house: House, *wanted: str, flow_id: str | None = None) -> None:
    """Wait until the runs stand as named, oldest first."""
    found: list[str] = []
    try:
        async with asyncio.timeout(50):
            while (found := await states(house, flow_id)) != list(wanted):
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"the runs stand as {found}, not as {list(wanted)}") from None


async def outputs(house: House, node: str) -> list[Any]:
    """Return what a node handed on in each run, oldest first."""
    found = [(await steps(house, item["id"])).get(node, {}) for item in await items(house)]
    return [step.get("output") for step in found]
