"""The backlog: what comes in faster than it can be read is kept as it came, and read in its turn.

To take a delivery in is to read it, to decide what it starts, and to write all of that. When many
come at once, that is done later: a delivery whose sender needs no more than a receipt is written
down as it came, which costs a fraction of it, and answered. Nobody's deliveries wait behind those
of others, for addresses are read in turn; and no delivery overtakes another one of its address, for
as long as some of an address are kept, so are those that follow.

While the crowd lasts, reading leaves most of the time to the door; the fuller the backlog is, the
less.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from tramo.ingest.intake import Intake
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.store.backlog import Keep, Kept, count_backlog, read_backlog
from tramo.store.committer import Busy
from tramo.store.database import Database

CROWD: Final = 12
"""So many events must be on their way into the store before deliveries are kept as they come."""
KEPT_BYTES: Final = 1024 * 1024
"""A larger delivery is read at once: it costs more to write down than to read."""
ADDRESS_MOST: Final = 100_000
"""Deliveries of one address that are kept at most; then its senders are told to come back."""
MOST: Final = 4 * ADDRESS_MOST
BATCH: Final = 32
"""Deliveries of an address that are read together."""
AHEAD: Final = 2
"""Batches in hand: the next is read while the one before is being written."""
SHARE: Final = 0.1
"""How much of the time is spent on reading while the crowd lasts, at least."""
TURNS: Final = 8
BUSY_S: Final = 0.00012
"""A turn of the event loop that takes longer on average is that of a busy one."""
SOON_S: Final = 0.01
RETRY_S: Final = 1.0

Read = Callable[[Kept], Awaitable[None]]
"""Takes in what a delivery tells. Raises TramoError with status 503 where that has to wait."""

_log = logging.getLogger("tramo")


class _Batch(msgspec.Struct):
    """Deliveries of an address that are being read."""

    address: str
    tasks: list[asyncio.Task[None]]
    failed: list[Exception]
    """Why some of them are still to be read."""


class Backlog:
    """Keeps deliveries, and has them read, between `start` and `close`; else it wants none."""

    def __init__(
        self, *, intake: Intake, database: Database, clock: Clock, spawn: Spawn, crowd: int = CROWD
    ) -> None:
        self._intake = intake
        self._database = database
        self._clock = clock
        self._spawn = spawn
        self._crowd = crowd
        self._waiting: dict[str, int] = {}
        """By address, deliveries that are kept or about to be."""
        self._keeping: Counter[str] = Counter()
        """Those of them that are being written down."""
        self._written: Counter[str] = Counter()
        """By address, how many have been written down: who looks for what is kept must not believe
        that there is nothing when something was written while it looked."""
        self._reading = 0
        """Those that are being read."""
        self._after: dict[str, str] = {}
        """By address, the last delivery that is or was in hand."""
        self._in_hand: deque[_Batch] = deque()
        self._pausing_s: dict[str, float] = {}
        """By address of which something could not be read, until when it is let be."""
        self._rung = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """How many deliveries are kept and not yet read."""
        return sum(self._waiting.values())

    def wants(self, address: str, size: int) -> bool:
        """Tell whether a delivery of so many bytes is to be kept."""
        if self._loop is None or size > KEPT_BYTES:
            return False
        return address in self._waiting or self._intake.entering - self._reading >= self._crowd

    async def keep(self, kept: Kept) -> None:
        """Write a delivery down, durably. Raises Busy, and StoreUnavailable."""
        address = kept.address
        if self._waiting.get(address, 0) >= ADDRESS_MOST or self.size >= MOST:
            raise Busy()
        self._count(address, 1)
        self._keeping[address] += 1
        try:
            await self._database.committer.submit_impatiently(
                Keep(kept),
                lambda _: self._count(address, 1),  # Whoever sent it left, and it is there.
            )
        except BaseException:
            self._count(address, -1)
            raise
        finally:
            self._keeping[address] -= 1
            self._written[address] += 1

    def _count(self, address: str, more: int) -> None:
        self._waiting[address] = self._waiting.get(address, 0) + more
        self._rung.set()

    # Reading -----------------------------------------------------------------------------------

    async def start(self, read: Read) -> None:
        """Begin to read what is kept, what an earlier process kept included."""
        self._waiting = await self._database.read(count_backlog)
        self._loop = self._spawn.start(self._work(read), name="backlog")

    async def close(self) -> None:
        """Read no more; what is kept is read after the next start."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        await asyncio.gather(
            *(task for batch in self._in_hand for task in batch.tasks), return_exceptions=True
        )

    async def _work(self, read: Read) -> None:
        while True:
            if not self._waiting:
                self._rung.clear()
                await self._rung.wait()
            found = False
            for address in list(self._waiting):
                began_s = self._clock.monotonic_s()
                if self._pausing_s.get(address, began_s) > began_s:
                    continue
                try:
                    found |= await self._turn(address, read)
                except Exception as error:  # noqa: BLE001 - it must outlive every outage
                    self._put_off(address, error)
                await self._make_way(self._clock.monotonic_s() - began_s)
            if not found:
                await self._clock.sleep(SOON_S)

    async def _turn(self, address: str, read: Read) -> bool:
        """Begin to read what comes next of an address, and see what became of what was before."""
        after, written = self._after.get(address, ""), self._written[address]
        found = await self._database.read(lambda c: read_backlog(c, address, after, BATCH))
        if found:
            self._after[address] = found[-1].id
            self._reading += len(found)
            failed: list[Exception] = []
            work = [self._read(kept, read, failed) for kept in found]
            tasks = [self._spawn.start(each, name="kept delivery") for each in work]
            self._in_hand.append(_Batch(address, tasks, failed))
        while len(self._in_hand) >= AHEAD or (self._in_hand and not found):
            await self._finish(self._in_hand[0])
        if not found and written == self._written[address]:
            self._look_anew(address, after)
        return bool(found)

    async def _read(self, kept: Kept, read: Read, failed: list[Exception]) -> None:
        try:
            await read(kept)
        except Exception as error:  # noqa: BLE001 - whatever it is, the delivery is still there
            failed.append(error)
        finally:
            self._reading -= 1

    async def _finish(self, batch: _Batch) -> None:
        await asyncio.wait(batch.tasks)
        self._in_hand.popleft()
        self._waiting[batch.address] -= len(batch.tasks) - len(batch.failed)
        if batch.failed:
            self._after.pop(batch.address, None)  # They come first.
            self._put_off(batch.address, batch.failed[0])

    def _put_off(self, address: str, error: Exception) -> None:
        unexpected = None if isinstance(error, TramoError) else error
        _log.warning("What was kept is read later: %s", error, exc_info=unexpected)
        self._pausing_s[address] = self._clock.monotonic_s() + RETRY_S

    def _look_anew(self, address: str, after: str) -> None:
        """Let go of an address of which nothing is kept any more."""
        if after:  # What was written late, or put off, may lie before.
            self._after.pop(address, None)
        elif keeping := self._keeping[address]:
            self._waiting[address] = keeping
        else:
            del self._waiting[address], self._keeping[address], self._written[address]
            self._pausing_s.pop(address, None)

    async def _make_way(self, took_s: float) -> None:
        """Leave the time to the door, as long as there is a crowd that needs it."""
        if self._keeping.total() >= self._crowd // 2 and await self._is_busy() and self._waiting:
            full = max(self.size / MOST, max(self._waiting.values()) / ADDRESS_MOST)
            share = min(max(SHARE, full**2), 1.0)
            await self._clock.sleep(took_s * (1 - share) / share)

    async def _is_busy(self) -> bool:
        """Tell whether others have much to do whenever it is their turn."""
        began_s = self._clock.monotonic_s()
        for _ in range(TURNS):
            await self._clock.sleep(0)
        return self._clock.monotonic_s() - began_s > TURNS * BUSY_S
