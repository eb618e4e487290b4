"""Group commit: whatever has queued is written in one transaction, by a thread or by the scribe.

It never waits for company: while a commit is syncing, the next group gathers. A unit's future is
resolved only after the sync, so an answer given after it is durable.

The thread can write everything. The scribe, a process that is called when units begin to pile up
or before, writes what can be dictated, without the interpreter's lock that thread and event loop
take from each other. The two never write at the same time: while anything waits that only the
thread can write, all goes to the thread; else to the scribe, once the thread has nothing left.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

from tramo.model.problem import TramoError
from tramo.ports.observer import SILENT, Observer
from tramo.store.commit import StoreUnavailable, Unit
from tramo.store.dictation import Doubtful, Rows, collect, dictate, outcome
from tramo.store.outage import Outage
from tramo.store.scribe import LOST, Call, Scribe
from tramo.store.scribe_process import READY, WRITTEN
from tramo.store.writer import ASK_AGAIN_S, Returned, Write, Writer, WriterThread

T = TypeVar("T")

Late = Callable[[Any], None]
_Entry = tuple[Unit[Any], "asyncio.Future[Any]", Late | None, Rows | None]
"""A unit, who waits for it, and its rows if it can be dictated."""

DICTATED: Final = 128
"""Units in one group of the scribe's; bounds what lies in memory a second time."""
CALLED_AT: Final = 8
"""So many units must wait for the thread before a scribe is called: until then it gains nothing."""
CALLED_AGAIN_S: Final = 60.0
"""How long to do without a scribe when one was lost."""
PATIENCE_S: Final = 1.5
"""How long an impatient asker waits for its commit before it is told to come back."""
WATCH_S: Final = 0.25


class Busy(TramoError):
    """The commit did not come in time; the asker should come back. What was queued may still be
    written."""

    def __init__(self) -> None:
        super().__init__(
            "store.busy", "Too much is waiting to be stored. Send it again later.", status=503
        )


_log = logging.getLogger("tramo")


class Committer:
    """Writes units, in the order in which they came."""

    def __init__(
        self,
        write: Write,
        call: Call | None = None,
        *,
        begin: Callable[[Write, Returned], Writer] = WriterThread,
    ) -> None:
        """`call` starts a scribe, where there may be one; `begin` what else writes, the thread."""
        self._call = call
        self._calling: Scribe | None = None
        self.scribe: Scribe | None = None
        """The process that writes what can be dictated, once it is ready."""
        self._pending: list[_Entry] = []
        """What nobody has been given yet."""
        self._dictated: list[_Entry] = []
        """What the scribe has in hand."""
        self._dictated_s = 0.0
        self._call_after_s = 0.0
        self._with_thread = 0
        self._unlike = 0
        """How many of those that are pending or with the thread cannot be dictated."""
        self._going_on = False
        self._quiet: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = begin(write, self._returned)
        self._closing = False
        self._impatient: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._watching = False
        self._outage = Outage()
        self.observer: Observer = SILENT
        self.groups = 0
        self.units = 0

    @property
    def waiting(self) -> int:
        """Units that nobody has begun to write."""
        return self._thread.waiting + len(self._pending)

    def submit(self, unit: Unit[T], late: Late | None = None) -> asyncio.Future[T]:
        """Queue a unit; the future resolves after the durable commit.

        `late` gets the result when nobody waits for the future any more.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closing:
            future.set_exception(StoreUnavailable("it is closing"))
            return future
        self._enter((unit, future, late, dictate(unit) if self.scribe is not None else None))
        return future

    def submit_impatiently(self, unit: Unit[T], late: Late) -> asyncio.Future[T]:
        """Queue a unit for somebody who waits `PATIENCE_S` at most.

        The future raises Busy when the commit takes longer; should the unit be written after all,
        `late` gets its result.
        One timer watches over all of them, for a timer each would cost more than the commit.
        """
        future = self.submit(unit, late)
        self._impatient.append((self._loop.time() + PATIENCE_S, future))
        if not self._watching:
            self._watching = True
            self._loop.call_later(WATCH_S, self._watch)
        return future

    def _watch(self) -> None:
        now = self._loop.time()
        waiting = self._impatient
        while waiting and (waiting[0][1].done() or waiting[0][0] <= now):
            _, future = waiting.popleft()
            if not future.done():
                future.set_exception(Busy())
        self._watching = bool(waiting)
        if waiting:
            self._loop.call_later(WATCH_S, self._watch)

    def _resolve(self, entries: list[_Entry], outcomes: list[Any]) -> None:
        failed: StoreUnavailable | None = None
        for (_, future, late, _), became in zip(entries, outcomes, strict=True):
            if isinstance(became, StoreUnavailable):
                failed = became
            if future.done():  # Whoever asked is gone or was told to come back; the write stands.
                if late is not None and not isinstance(became, Exception):
                    late(became)
            elif isinstance(became, Exception):
                future.set_exception(became)
            else:
                future.set_result(became)
        if failed is not None:
            self._outage.failed(self._loop.time(), failed.message)
        elif self._outage.on:
            self._outage.stored(self._loop.time())

    async def close(self) -> None:
        """Write what has queued, then stop."""
        if self._closing:
            return
        self._closing = True
        if self._dictated:
            self._quiet = self._loop.create_future()
            await self._quiet
        self._hand_over()
        await self._thread.close()
        if self._calling is not None:  # It has nothing in hand, and is not waited for.
            self._calling.kill()
        if (scribe := self.scribe or self._calling) is not None:
            await scribe.close()

    # Who writes ------------------------------------------------------------------------------

    def _enter(self, entry: _Entry) -> None:
        if entry[3] is None:
            self._unlike += 1
        self._pending.append(entry)
        if self._dictated:
            return
        if self._unlike or self.scribe is None:
            self._hand_over()
        elif not self._with_thread and not self._going_on:
            self._going_on = True  # With what else comes in this turn of the loop.
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Give what is pending to whoever is to write it, unless that has to wait."""
        self._going_on = False
        if self._dictated or not self._pending:
            return
        if self._unlike or self.scribe is None or self._closing:
            self._hand_over()
        elif not self._with_thread:
            self._dictate(self.scribe)

    def _hand_over(self) -> None:
        """Let the thread write what is pending."""
        for entry in self._pending:
            self._thread.put(entry)
        self._with_thread += len(self._pending)
        self._pending = []
        if self.scribe is None and self._thread.waiting >= CALLED_AT:
            self.call_scribe()

    def _dictate(self, scribe: Scribe) -> None:
        self._dictated, self._pending = self._pending[:DICTATED], self._pending[DICTATED:]
        self._dictated_s = self._loop.time()
        try:
            scribe.send(collect(rows for _, _, _, rows in self._dictated if rows is not None))
        except Exception:  # noqa: BLE001 - what cannot be sent, the thread writes or refuses
            self._dictated, self._pending = [], [*self._dictated, *self._pending]
            self._hand_over()

    def _returned(self, entries: list[_Entry], outcomes: list[Any], took_s: float) -> None:
        """Hear from the thread what became of a group."""
        self._note(entries, took_s)
        self._with_thread -= len(entries)
        told = list(zip(entries, outcomes, strict=True))
        if unsure := [entry for entry, became in told if self._is_unsure(entry, became)]:
            # “Nothing was stored” may be untrue of them: whoever wrote them anew would be fenced.
            self._loop.call_later(ASK_AGAIN_S, self._ask_again, unsure)
            told = [(entry, became) for entry, became in told if entry not in unsure]
            entries, outcomes = [entry for entry, _ in told], [became for _, became in told]
        self._unlike -= sum(rows is None for _, _, _, rows in entries)
        self._go_on()
        self._resolve(entries, outcomes)

    def _is_unsure(self, entry: _Entry, became: Any) -> bool:
        """Tell whether it is not known yet what became of a unit that the scribe had in hand."""
        failed = isinstance(became, StoreUnavailable)
        return failed and isinstance(entry[0], Doubtful) and not self._closing

    def _ask_again(self, entries: list[_Entry]) -> None:
        if self._closing:
            self._resolve(entries, [StoreUnavailable("it is closing")] * len(entries))
        else:
            self._pending = [*entries, *self._pending]
            self._hand_over()

    def call_scribe(self) -> None:
        """Start a scribe, unless there is one or one was lost a moment ago."""
        if self.scribe is not None or self._closing:
            return
        now_s = self._loop.time()
        if self._call is None or self._calling is not None or now_s < self._call_after_s:
            return
        self._call_after_s = now_s + CALLED_AGAIN_S
        try:
            self._calling = self._call(self._hear)
        except OSError as error:
            _log.warning("There is no room for a process that writes (%s).", error)

    def _hear(self, said: bytes) -> None:
        """Hear from the scribe."""
        if said == READY:
            self.scribe, self._calling = self._calling, None
            return
        entries, self._dictated = self._dictated, []
        if said == WRITTEN:
            self._note(entries, self._loop.time() - self._dictated_s)
            self._go_on()
            self._resolve(entries, [outcome(unit) for unit, _, _, _ in entries])
        else:
            if said == LOST:
                entries = self._lose(entries)
            # What was refused is told apart by the thread, unit by unit.
            self._pending = [*entries, *self._pending]
            self._hand_over()
        if self._quiet is not None:
            self._quiet.set_result(None)

    def _lose(self, entries: list[_Entry]) -> list[_Entry]:
        """Go on without the scribe; return what it had in hand as what has to be looked up."""
        self.scribe = self._calling = None
        if not self._closing:
            _log.warning("The process that writes has ended. This one writes alone for a while.")
        self._unlike += len(entries)
        return [(Doubtful(unit), future, late, None) for unit, future, late, _ in entries]

    def _note(self, entries: list[_Entry], took_s: float) -> None:
        self.groups += 1
        self.units += len(entries)
        self.observer.committed(len(entries), took_s)
