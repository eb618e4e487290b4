"""What a process does, second by second, to work beside others on one database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, Protocol, runtime_checkable

from msgspec import Meta

from tramo.app.cluster.change import Changes
from tramo.app.cluster.duty import Duties
from tramo.app.cluster.end import Ends
from tramo.app.cluster.feed import SharedFeed
from tramo.app.port import DatabaseClock
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.ports.wakeup import Wakeup
from tramo.queue.bus import Bus
from tramo.runner.runner import Runner
from tramo.store.database import Database
from tramo.store.instant import read_now
from tramo.store.lease import next_due
from tramo.store.standing import read_rung

LOOK_S: Final = 1.0
CLOCK_S: Final = 10.0
SOME: Final = 1_000

ENDED: Final = "ended"
CHANGED: Final = "changed"
RUNG: Final = "rung"

_Ids = Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=1_000)]
_log = logging.getLogger("tramo")


@runtime_checkable
class Link(Protocol):
    """A wake-up that has a line to keep up."""

    def start(self) -> None: ...
    async def close(self) -> None: ...


class Cluster:
    """The loops that look at what others did; the bus lets them look at once."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        spawn: Spawn,
        bus: Bus,
        wakeup: Wakeup,
        changes: Changes,
        duties: Duties,
        ends: Ends,
        feed: SharedFeed,
        runner: Runner,
    ) -> None:
        self._database = database
        self._clock = clock
        self._spawn = spawn
        self._bus = bus
        self._wakeup = wakeup
        self.changes = changes
        self._duties = duties
        self._ends = ends
        self._feed = feed
        self._runner = runner
        self._changed = asyncio.Event()
        self._given_up = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended_ids: set[str] = set()
        self._whole_at = 0.0
        self._loops: list[asyncio.Task[None]] = []
        bus.on(CHANGED, _Ids, self._note_changed)
        bus.on(ENDED, _Ids, self._note_ended)
        bus.on(RUNG, _Ids, self._note_rung)

    async def begin(self) -> None:
        """Go by the database's clock, and note what is read into memory after this."""
        await self._set_clock()
        await self.changes.begin()

    def start(self) -> None:
        """Begin to look, and to hear."""
        self._bus.start()
        if isinstance(self._wakeup, Link):
            self._wakeup.start()
        never = asyncio.Event()
        for name, look, bell, every_s in (
            ("changes", self.changes.look, self._changed, LOOK_S),
            ("duties", self._duties.look, self._given_up, LOOK_S),
            ("ends", self._look_at_ends, self._ended, LOOK_S),
            ("rings", self._look_at_rings, never, LOOK_S),
            ("dues", self._look_at_dues, never, LOOK_S),
            ("clock", self._set_clock, never, CLOCK_S),
        ):
            work = self._every(every_s, bell, look)
            self._loops.append(self._spawn.start(work, name=f"cluster: {name}"))

    async def retire(self) -> None:
        """Look no more, and let others have the duties; runs in hand still end here."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        try:
            await self._duties.close()
        except TramoError as error:
            _log.warning("Others take over what this process did in half a minute: %s", error)
        self.say_changed()

    async def close(self) -> None:
        """Fall silent."""
        if isinstance(self._wakeup, Link):
            await self._wakeup.close()
        await self._bus.close()

    def say_changed(self) -> None:
        """Let the others look at once at what has changed."""
        self._bus.say(CHANGED, [])

    def say_ended(self, run_id: str) -> None:
        """Tell whoever waits for a run that it has ended, responded or asks."""
        self._bus.say(ENDED, [run_id])

    def ring(self, run_ids: Sequence[str]) -> None:
        """Let whoever has these runs in hand look at what happened to them."""
        self._bus.say(RUNG, list(run_ids))

    def _note_changed(self, _: list[str]) -> None:
        self._changed.set()
        self._given_up.set()

    def _note_ended(self, run_ids: list[str]) -> None:
        self._ended_ids.update(run_ids)
        self._ended.set()

    async def _look_at_ends(self) -> None:
        self._feed.look()
        ended, self._ended_ids = self._ended_ids, set()
        now = self._clock.monotonic_s()
        if ended and now - self._whole_at < LOOK_S:
            await self._ends.look(ended)
            return
        self._whole_at = now
        await self._ends.look()

    def _note_rung(self, run_ids: list[str]) -> None:
        in_hand = self._runner.rung()
        self._runner.ring([run_id for run_id in run_ids if run_id in in_hand])

    async def _look_at_rings(self) -> None:
        """Look whether others have rung for runs in hand here: to stop them, say."""
        known = self._runner.rung()
        ids = list(known)
        for start in range(0, len(ids), SOME):
            some = ids[start : start + SOME]
            rung = await self._database.read(lambda c, some=some: read_rung(c, some))
            self._runner.ring([run_id for run_id in rung if rung[run_id] > known[run_id]])

    async def _look_at_dues(self) -> None:
        """Look whether a run is due that another process knew of: it may have no room, or be gone.

        Without this it would be found by the runner's own sweep, some seconds later.
        """
        due = await self._database.read(next_due)
        if due is not None and due <= self._clock.now_ms() and self._runner.room() > 0:
            self._runner.look_now()

    async def _set_clock(self) -> None:
        if isinstance(self._clock, DatabaseClock):  # A test may move one by hand.
            clock = self._clock
            await self._database.read(lambda c: clock.set(lambda: read_now(c)))

    async def _every(
        self, every_s: float, bell: asyncio.Event, look: Callable[[], Awaitable[Any]]
    ) -> None:
        while True:
            try:
                async with asyncio.timeout(every_s):
                    await bell.wait()
            except TimeoutError:
                pass
            bell.clear()
            try:
                await look()
            except TramoError:
                continue  # The database is away; it is asked again soon.
            except Exception:  # noqa: BLE001 - the loop must outlive every mistake
                _log.exception("Looking at what other processes did failed")
