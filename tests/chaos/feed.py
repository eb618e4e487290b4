"""Sends a workload's orders at a rate, some of them twice, and does not stop for anything."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.chaos.client import Sender
from tests.chaos.workload import Workload

AT_ONCE = 200
"""Deliveries on their way together: where the machine is slow, thousands of senders that try again
and again would leave no time for the server."""


async def feed(
    sender: Sender,
    work: Workload,
    count: int,
    *,
    per_s: float,
    within_s: float = 90.0,
    first: int = 0,
) -> None:
    """Deliver `count` orders from the number `first` on, each until it is acknowledged."""
    began = time.monotonic()
    turn = asyncio.Semaphore(AT_ONCE)

    async def deliver(id: str, address: str, body: dict[str, Any]) -> None:
        async with turn:
            await sender.deliver(id, address, body, within_s=within_s)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            ahead = number / per_s - (time.monotonic() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            id, address, body = work.order(first + number)
            for _ in range(2 if work.comes_twice() else 1):
                group.create_task(deliver(id, address, body))
