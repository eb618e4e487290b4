"""Sends a workload's orders at a rate, some of them twice, and does not stop for anything."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.client import Sender
from tests.chaos.workload import Workload


async def feed(
    sender: Sender, work: Workload, count: int, *, per_s: float, within_s: float = 90.0
) -> None:
    """Deliver `count` orders, each until it is acknowledged."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            ahead = number / per_s - (time.monotonic() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            id, address, body = work.order(number)
            for _ in range(2 if work.comes_twice() else 1):
                group.create_task(sender.deliver(id, address, body, within_s=within_s))
