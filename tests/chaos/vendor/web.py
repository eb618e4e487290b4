"""The web service: `POST /do/<behaviour>/<kind>/<order>/<node>` is a request for an effect.

`<behaviour>` is how it answers the first such request, or `mix`: most of the time properly, else
one of the ways of a bad day, drawn from the seed. Keys are remembered for a while, as vendors do.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import Counter
from contextlib import suppress

from tests.chaos.vendor.behaviour import BEHAVIOURS, MIX, Exchange, redirect_round
from tests.chaos.vendor.ledger import Entry, Ledger

KEY_HEADER = "idempotency-key"


class Service:
    """One vendor on the web."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        seed: int,
        failing: float,
        latency_s: tuple[float, float],
        window_s: float,
    ) -> None:
        self._ledger = ledger
        self._seed = seed
        self._failing = failing
        self._latency_s = latency_s
        self._window_s = window_s
        self._arrived: Counter[tuple[str, str]] = Counter()
        self._keys: dict[str, tuple[str, float]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until either side ends it."""
        exchange = Exchange(reader, writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            while exchange.stays and await _read_head(exchange):
                await self._answer(exchange)
        writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        parts = exchange.path.partition("?")[0].strip("/").split("/")
        if parts[0] != "do" or len(parts) != 5:
            await _read_body(exchange)
            if parts[0] == "round":
                await redirect_round(exchange)
            else:
                await exchange.answer("200 OK")
            return
        _, wanted, kind, order, node = parts
        self._arrived[order, node] += 1
        name = self._name(wanted, order, node, self._arrived[order, node])
        if name == "reset_before":
            self._ledger.write(
                Entry(time.time(), kind, order, node, name, doubtful=True, key=_key(exchange))
            )
            exchange.cut()
            return
        await _read_body(exchange)
        if not name.startswith("limited"):
            await asyncio.sleep(self._pause_s(order, node))
        await self._decide(exchange, name, kind, order, node)

    async def _decide(
        self, exchange: Exchange, name: str, kind: str, order: str, node: str
    ) -> None:
        """Write down what follows from a request, then answer it."""
        behaviour = BEHAVIOURS[name]
        key, now = _key(exchange), time.time()
        digest = hashlib.sha256(exchange.body).hexdigest()[:16]
        known = self._keys.get(key) if key else None
        fresh = known is not None and now - known[1] <= self._window_s
        entry = Entry(
            now, kind, order, node, name, behaviour.applied, behaviour.doubtful, key, digest
        )
        if known is not None and fresh:
            entry.applied, entry.doubtful, entry.repeated = False, False, True
            entry.conflict = known[0] != digest
            behaviour = BEHAVIOURS["invalid" if entry.conflict else "ok"]
        elif known is not None:
            entry.forgotten = True
        if key and entry.applied:
            self._keys[key] = (digest, now)
        self._ledger.write(entry)
        await behaviour.act(exchange)

    def _name(self, wanted: str, order: str, node: str, number: int) -> str:
        if wanted == "mix":
            draw = random.Random(f"{self._seed}:{order}:{node}:{number}")
            return draw.choice(MIX) if draw.random() < self._failing else "ok"
        return wanted if number == 1 else "ok"

    def _pause_s(self, order: str, node: str) -> float:
        return random.Random(f"{self._seed}:{order}:{node}").uniform(*self._latency_s)


def _key(exchange: Exchange) -> str:
    return exchange.headers.get(KEY_HEADER, "")


async def _read_head(exchange: Exchange) -> bool:
    """Read a request's head; False when the other side has nothing more to ask."""
    head = await exchange.reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    exchange.method, exchange.path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    exchange.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return True


async def _read_body(exchange: Exchange) -> None:
    length = int(exchange.headers.get("content-length", "0"))
    exchange.body = await exchange.reader.readexactly(length)
