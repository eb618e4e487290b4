"""The watch: claims runs whose time has come, and keeps the leases of those in hand.

It sleeps until the next run is due, is woken by rings, and looks every few seconds in any case: a
ring that is lost costs time and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection

from tramo.ports.clock import Clock
from tramo.ports.observer import SILENT, Observer
from tramo.ports.spawn import Spawn
from tramo.ports.wakeup import Wakeup
from tramo.store import lease as store
from tramo.store.commit import StoreUnavailable, translated
from tramo.store.database import Database

LEASE_MS: Final = 30_000
RENEW_S: Final = 10.0
SWEEP_S: Final = 5.0
RETRY_S: Final = 0.5
CLAIM_COUNT: Final = 100
"""Claimed at once: the last of them waits for its turn to be read, and others might begin it."""
PROBATION_MS: Final = 3_000
"""How long a process has lived before it takes up suspects: one that is killed again and again from
outside must not blame them."""
GIVE_BACK_TRIES: Final = 3
"""After which leases end by themselves, or the next start ends them."""
HASTE_MS: Final = 20
"""Between two looks that nothing rang for."""

_log = logging.getLogger("tramo")


class Watch:
    """Finds work for one worker, who takes up what it claims."""

    def __init__(
        self,
        *,
        owner: str,
        database: Database,
        clock: Clock,
        spawn: Spawn,
        wakeup: Wakeup,
        read_ahead: Callable[[Sequence[store.Claim]], Awaitable[None]],
        take_up: Callable[[store.Claim], Awaitable[None]],
        room: Callable[[], int],
        batch: int,
        in_hand: Callable[[], list[str]],
        renewed: Callable[[set[str], int], None],
        expire: Callable[[], None],
        come_due: Callable[[int], int | None],
        suspecting: Callable[[], bool],
        observer: Observer = SILENT,
    ) -> None:
        self._owner = owner
        self._database = database
        self._clock = clock
        self._spawn = spawn
        self._wakeup = wakeup
        self._read_ahead = read_ahead
        self._take_up = take_up
        self._room = room
        """How many more runs may be taken up."""
        self._batch = batch
        """How many are worth a look."""
        self._in_hand = in_hand
        self._renewed = renewed
        """Hears which runs in hand are still ours, and until when."""
        self._expire = expire
        """Lets go of the runs whose lease is nearly over."""
        self._come_due = come_due
        self._observer = observer
        self._suspecting = suspecting
        """Tells whether a run is in hand that may be what takes workers down."""
        self._bell = asyncio.Event()
        self._next_due: int | None = 0
        self._looking = False
        self._began_at = 0
        self._taking: dict[str, asyncio.Task[None]] = {}
        """Claimed runs that are being taken up."""
        self._full = False
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to watch. What an earlier process held is due at once where no other may be at work
        on it."""
        now = self._began_at = self._clock.now_ms()
        if not self._database.shared:
            await self._database.write(lambda c: store.orphan_leases(c, now))
        for work, name in (
            (self._watch(), "due runs"),
            (self._renew(), "leases"),
            (self._listen(), "rings"),
        ):
            self._loops.append(self._spawn.start(work, name=f"watch: {name}"))

    async def close(self) -> None:
        """Stop watching, and give back what is still in hand."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for _ in range(GIVE_BACK_TRIES):
            with suppress(StoreUnavailable):
                await self._database.write(self._give_back)
                return
            await self._clock.sleep(RETRY_S)

    def _give_back(self, connection: Connection) -> None:
        store.give_back(connection, owner=self._owner, now=self._clock.now_ms())

    @property
    def looking(self) -> bool:
        """Whether runs are being looked for or taken up, or are about to be."""
        return self._looking or bool(self._taking) or self._bell.is_set()

    @property
    def taking(self) -> set[asyncio.Task[None]]:
        """Claimed runs on their way into memory."""
        return set(self._taking.values())

    def hint(self, due_at: int) -> None:
        """Look at this time, if not earlier."""
        if self._next_due is None or due_at < self._next_due:
            self._next_due = due_at
            self._bell.set()

    def look(self) -> None:
        """Look whether the next time has come already."""
        self._bell.set()

    def made_room(self) -> None:
        """Look for the runs that there was no room for."""
        if self._full:
            self._bell.set()

    async def _listen(self) -> None:
        async for _ in self._wakeup.listen():
            # Which runs were rung for does not matter: the database says which are due.
            self.hint(self._clock.now_ms())

    async def _watch(self) -> None:
        while True:
            await self._sleep()
            self._looking = True
            try:
                await self._claim()
            except StoreUnavailable:
                await self._clock.sleep(RETRY_S)
            except Exception:  # noqa: BLE001 - the watch must outlive every mistake
                _log.exception("Looking for due runs failed")
                await self._clock.sleep(SWEEP_S)
            finally:
                self._looking = False

    async def _sleep(self) -> None:
        left_s = SWEEP_S
        if self._next_due is not None:
            left_s = min(SWEEP_S, (self._next_due - self._clock.now_ms()) / 1_000)
        self._bell.clear()
        if left_s > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._bell.wait()
            except TimeoutError:
                return

    async def _claim(self) -> None:
        now = self._clock.now_ms()
        self._next_due = None
        next_in_hand = self._come_due(now)
        if next_in_hand is not None:
            self.hint(next_in_hand)
        in_hand = set(self._in_hand())
        free = self._room() - len(self._taking.keys() - in_hand)
        self._full = free < self._batch
        if self._full:
            return
        count = min(free, CLAIM_COUNT)
        in_hand |= self._taking.keys()
        trusted_at = self._began_at + PROBATION_MS
        suspects = 0 if now < trusted_at or self._suspecting() else 1
        claims = await self._database.write(
            lambda c: store.claim_due(
                c,
                owner=self._owner,
                now=now,
                lease_ms=LEASE_MS,
                count=count,
                suspects=suspects,
                in_hand=in_hand,
            ),
            plain=True,
        )
        self._observer.claimed(len(claims))
        with suppress(Exception):  # Then each is read by itself: they are claimed.
            await self._read_ahead(claims)
        for claim in claims:
            work = self._take(claim)
            self._taking[claim.id] = self._spawn.start(work, name=f"take up {claim.id}")
            in_hand.add(claim.id)
        if now < trusted_at:
            self.hint(trusted_at)
        in_line = self._suspecting() or any(claim.crashes for claim in claims)
        more = bool(suspects) and not in_line
        due = await self._database.read(lambda c: store.next_due(c, suspects=more, in_hand=in_hand))
        if due is not None:  # What others are claiming now is due and cannot be had: no haste.
            self.hint(max(due, now + HASTE_MS))

    async def _take(self, claim: store.Claim) -> None:
        try:
            await self._take_up(claim)
        except Exception as error:  # noqa: BLE001 - one run must not stop the others
            _log.exception("Taking up %s failed", claim.id)
            await self.give_up(claim.id, claim.token, error)
        finally:
            self._taking.pop(claim.id, None)
            self.made_room()

    async def give_up(self, run_id: str, token: int, error: Exception) -> None:
        """Let go of a run that could not be gone on with; it is tried again in a while.

        As often as it takes: a lease that merely ends is taken for a worker that died of the run.
        """
        blamed = not isinstance(translated(error), StoreUnavailable)
        while True:
            due_at = self._clock.now_ms() + LEASE_MS
            with suppress(StoreUnavailable):
                await self._database.write(
                    lambda c, due_at=due_at: store.give_up(c, run_id, token, due_at, blamed=blamed)
                )
                return
            await self._clock.sleep(RETRY_S)

    async def _renew(self) -> None:
        while True:
            await self._clock.sleep(RENEW_S)
            while not await self._renew_now():
                self._expire()
                await self._clock.sleep(RETRY_S)

    async def _renew_now(self) -> bool:
        ids = self._in_hand()
        if not ids:
            return True

        def renew(connection: Connection) -> tuple[set[str], int]:
            # By the time of writing: what was submitted later may have been written before.
            until = self._clock.now_ms() + LEASE_MS
            return store.renew_leases(connection, ids, owner=self._owner, lease_until=until), until

        try:
            ours, until = await self._database.write(renew, plain=True)
        except StoreUnavailable:
            return False
        self._renewed(ours, until)
        return True
