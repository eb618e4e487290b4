"""The sender of deliveries: sends, waits for the answer, tries again as vendors do, and remembers
exactly what it was told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import aiohttp
from tramo.model.value import encode

PATIENCE_S = 5.0


class Delivery:
    """One delivery, and what became of it as far as its sender knows."""

    __slots__ = ("acked_at", "address", "body", "id", "sent_at", "tries")

    def __init__(self, id: str, address: str, body: bytes) -> None:
        self.id = id
        self.address = address
        self.body = body
        self.sent_at = 0.0
        self.acked_at: float | None = None
        self.tries = 0


class Sender:
    """Sends deliveries to one server, over kept connections."""

    def __init__(self, base: str, *, connections: int = 16) -> None:
        self._bases = [base]
        self._connector = aiohttp.TCPConnector(limit=connections)
        self._session = aiohttp.ClientSession(
            connector=self._connector, timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
        )
        self.deliveries: dict[str, Delivery] = {}
        self.acks: list[float] = []
        """When each 2xx came."""
        self.answers: Counter[int] = Counter()
        """How often each status came; 0: no answer."""
        self.latencies_s: list[tuple[int, float]] = []
        self._turn = 0

    def also_to(self, base: str) -> None:
        """Spread deliveries over one more server."""
        self._bases.append(base)

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self._session.close()

    @property
    def acked(self) -> list[Delivery]:
        return [one for one in self.deliveries.values() if one.acked_at is not None]

    async def post(self, address: str, body: bytes, **headers: str) -> int:
        """Send once; return the status, 0 when no answer came."""
        began = time.monotonic()
        self._turn += 1
        base = self._bases[self._turn % len(self._bases)]
        sent = {"content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        try:
            async with self._session.post(base + address, data=body, headers=sent) as answer:
                await answer.read()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        self.answers[status] += 1
        self.latencies_s.append((status, time.monotonic() - began))
        return status

    async def deliver(
        self, id: str, address: str, body: Any, *, within_s: float = 60.0, pause_s: float = 0.2
    ) -> Delivery:
        """Send until it is acknowledged, or until the sender's patience ends."""
        one = self.deliveries.get(id) or Delivery(id, address, encode(body))
        self.deliveries[id] = one
        one.sent_at = one.sent_at or time.monotonic()
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            one.tries += 1
            status = await self.post(address, one.body)
            if 200 <= status < 300:
                one.acked_at = time.monotonic()
                self.acks.append(one.acked_at)
                return one
            await asyncio.sleep(pause_s)
        return one


def recovery_s(faults: Iterable[float], signs: Iterable[float]) -> list[float]:
    """Return how long after each fault the next sign of life came; both are instants."""
    later = sorted(signs)
    found: list[float] = []
    for fault in faults:
        following = next((sign for sign in later if sign > fault), None)
        if following is not None:
            found.append(following - fault)
    return found
