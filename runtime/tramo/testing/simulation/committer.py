"""Who writes for one simulated process: its thread, and its scribe.

The committer that gives them their groups is the real one, and so is what the scribe does with a
group. A commit is durable when its transaction has ended, whether or not anybody lives to hear of
it. Units that nobody has begun to write die with their process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from tramo.store import scribe_process
from tramo.store.backlog import Keep
from tramo.store.commit import StoreUnavailable, Unit
from tramo.store.committer import Committer, Late
from tramo.store.dictation import SCRIPT, outcome
from tramo.store.run import Accept, Advance
from tramo.store.scribe import LOST, Hear
from tramo.store.scribe_process import READY, REFUSED, WRITTEN, Group
from tramo.store.sift import Sift
from tramo.store.writer import GROUP_LIMIT, Entry, Returned, Write
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.nemesis import Nemesis
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.server import Server

T = TypeVar("T")

WORDS: Final = {
    "watch: due runs": "claim",
    "watch: leases": "renew",
    "tell": "tell",
    "watch: backlog": "backlog",
}
LATE_S: Final = 0.1
"""Whoever comes after a killed process waits for its scribe, which is not this slow."""


class Auditor(Protocol):
    """Whoever looks at every commit."""

    def committed(self, process: Process, units: list[Unit[Any]], outcomes: list[Any]) -> None: ...
    def crossed(self, process: Process) -> None:
        """Note that a process's two writers are at work at once."""
        ...


class Page(msgspec.Struct, frozen=True):
    """What the two have in common."""

    server: Server
    process: Process
    nemesis: Nemesis
    auditor: Auditor
    chance: Chance
    writing: set[str]
    """Which of them has a group in hand."""

    def take(self, name: str) -> None:
        """Begin with a group; the other one has none."""
        if self.writing - {name}:
            self.auditor.crossed(self.process)
        self.writing.add(name)


class SimulatedThread:
    """Writes one group at a time, in its process."""

    def __init__(self, page: Page, label: Callable[[Entry], str], returned: Returned) -> None:
        self._page = page
        self._process = page.process
        self._label = label
        self._returned = returned
        self._queue: list[Entry] = []
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def at_rest(self) -> bool:
        return self._idle.is_set()

    def put(self, entry: Entry) -> None:
        self._queue.append(entry)
        if self._idle.is_set():
            self._idle.clear()
            self._process.later(self._page.chance.uniform(0.0005, 0.01), self._gather)

    async def close(self) -> None:
        await self._idle.wait()

    def _gather(self) -> None:
        entries, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        if not self._process.alive or not entries:
            self._idle.set()
            return
        label = self._label(entries[0])
        verdict = self._page.nemesis.pass_by(f"{label}.before", self._process)
        if verdict.kind == "refuse":
            self._answer(entries, [StoreUnavailable("says the simulation") for _ in entries], 0.01)
        elif verdict.kind != "crash":
            self._page.take("thread")
            self._process.later(verdict.seconds, self._write, entries, label)

    def _write(self, entries: list[Entry], label: str) -> None:
        if not self._process.alive:
            return
        page = self._page
        units = [entry[0] for entry in entries]
        outcomes = page.server.write(units)
        page.writing.discard("thread")
        page.auditor.committed(self._process, units, outcomes)
        verdict = page.nemesis.pass_by(f"{label}.after", self._process)
        if verdict.kind != "crash":
            self._answer(entries, outcomes, verdict.seconds + page.chance.uniform(0.0001, 0.003))

    def _answer(self, entries: list[Entry], outcomes: list[Any], seconds: float) -> None:
        self._process.later(seconds, self._told, entries, outcomes, seconds)

    def _told(self, entries: list[Entry], outcomes: list[Any], seconds: float) -> None:
        self._returned(entries, outcomes, seconds)
        self._gather()


class SimulatedScribe:
    """A process of its own: it outlives the one that it writes for by what it has in hand."""

    pid = 0

    def __init__(self, page: Page, dictated: Callable[[], list[Unit[Any]]], hear: Hear) -> None:
        self._page = page
        self._process = page.process
        self._dictated = dictated
        self._hear = hear
        self._alive = True
        self._process.later(page.chance.uniform(0.05, 0.5), self._say, READY)

    def send(self, message: Any) -> None:
        """Take a group in hand; it travels as it would."""
        group = msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Group)
        units, page = self._dictated(), self._page
        page.take("scribe")
        verdict = page.nemesis.pass_by("dictate.before", self._process)
        seconds = verdict.seconds + page.chance.uniform(0.0003, 0.004)
        if verdict.kind == "lose":
            self._later(seconds, self._die)
        elif verdict.kind == "refuse":
            self._later(seconds, self._answer, REFUSED, 0.0)
        elif verdict.kind != "crash" or page.chance.happens(0.5):
            self._later(seconds, self._write, group, units, seconds)

    def _later(self, seconds: float, function: Callable[..., None], *given: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, function, *given, context=Context())

    def _write(self, group: Group, units: list[Unit[Any]], seconds: float) -> None:
        page = self._page
        if not self._process.alive and seconds > LATE_S:
            return
        fine = page.server.take_down(lambda driver: scribe_process._write(driver, SCRIPT, group))
        if fine:
            page.auditor.committed(self._process, units, [outcome(unit) for unit in units])
        verdict = page.nemesis.pass_by("dictate.after", self._process)
        if verdict.kind == "lose":
            self._die()
        elif verdict.kind != "crash":
            self._answer(WRITTEN if fine else REFUSED, verdict.seconds)

    def _answer(self, said: bytes, seconds: float) -> None:
        self._process.later(seconds + self._page.chance.uniform(0.0001, 0.003), self._say, said)

    def _say(self, said: bytes) -> None:
        if self._alive or said == LOST:
            self._page.writing.discard("scribe")
            self._hear(said)

    def _die(self) -> None:
        self._alive = False
        self._process.later(self._page.chance.uniform(0.0001, 0.003), self._say, LOST)

    def kill(self) -> None:
        """It has nothing in hand."""
        self._alive = False

    async def close(self) -> None:
        """It has nothing in hand, and ends."""


class SimulatedCommitter(Committer):
    """The real one between two simulated writers."""

    def __init__(self, page: Page, *, dictates: bool) -> None:
        self._page = page
        self._labels: WeakKeyDictionary[asyncio.Future[Any], str] = WeakKeyDictionary()
        super().__init__(_nowhere, self._call_scribe if dictates else None, begin=self._begin)

    def _begin(self, write: Write, returned: Returned) -> SimulatedThread:
        del write
        self._simulated = SimulatedThread(self._page, self._label, returned)
        return self._simulated

    def _call_scribe(self, hear: Hear) -> Any:
        return SimulatedScribe(self._page, lambda: [entry[0] for entry in self._dictated], hear)

    def _label(self, entry: Entry) -> str:
        return self._labels.get(entry[1], "call")

    @property
    def at_rest(self) -> bool:
        """Whether nobody writes, and nothing is to be written."""
        return self._simulated.at_rest and not (self._pending or self._dictated or self._calling)

    def submit(self, unit: Unit[T], late: Late | None = None) -> asyncio.Future[T]:
        if not self._page.process.alive:
            return self._loop.create_future()
        future = super().submit(unit, late)
        self._labels[future] = _label(unit)
        if self._page.chance.happens(0.05):  # As when much is to be written.
            self.call_scribe()
        return future


def _nowhere(_: Any) -> None:
    raise AssertionError("a simulated thread has its connection elsewhere")


def asker(otherwise: str) -> str:
    """Name what asks the database for something."""
    work = asyncio.current_task()
    return WORDS.get(work.get_name() if work is not None else "", otherwise)


def _label(unit: Unit[Any]) -> str:
    match unit:
        case Accept() | Sift():
            return "accept"
        case Keep():
            return "keep"
        case Advance(stored=stored) if stored is not None:
            return "store"
        case Advance(ending=ending) if ending is not None:
            return "ending"
        case Advance():
            return "advance"
    return asker("call")
