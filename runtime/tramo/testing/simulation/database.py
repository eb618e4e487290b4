"""What one process holds of the database: the public face of `store.database.Database`, with the
group commit's promises and a fault at every point where one can be.

A commit is durable when its transaction has ended, whether or not anybody lives to hear of it.
Units that nobody has begun to write die with their process.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection

from tramo.model.value import decode, encode
from tramo.store.blob import BlobMissing
from tramo.store.commit import Call, StoreUnavailable, Unit
from tramo.store.committer import GROUP_LIMIT, PATIENCE_S, Busy
from tramo.store.run import Accept, Advance
from tramo.store.sift import Sift
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.nemesis import Nemesis
from tramo.testing.simulation.port import pause
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.server import Refused, Server

T = TypeVar("T")
Late = Callable[[Any], None]
_Entry = tuple[Unit[Any], "asyncio.Future[Any]", Late | None, str]

_WORDS: Final = {"watch: due runs": "claim", "watch: leases": "renew", "tell": "tell"}


class Auditor(Protocol):
    """Whoever looks at every commit."""

    def committed(self, process: Process, units: list[Unit[Any]], outcomes: list[Any]) -> None: ...


class MemoryBlobs:
    """Blobs that are durable as soon as they are put."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, owner: str, data: bytes) -> str:
        await pause(0)  # A turn of the loop, as a thread would cost.
        return self.put_now(owner, data)

    def put_now(self, owner: str, data: bytes) -> str:
        blob_id = f"blob_{owner}_{hashlib.sha256(data).hexdigest()[:32]}"
        self.kept[blob_id] = data
        return blob_id

    async def put_items(self, owner: str, pages: AsyncIterable[Iterable[Any]]) -> tuple[str, int]:
        items = [item async for page in pages for item in page]
        return self.put_now(owner, encode(items)), len(items)

    async def get(self, blob_id: str) -> bytes:
        return self.get_now(blob_id)

    def get_now(self, blob_id: str) -> bytes:
        if blob_id not in self.kept:
            raise BlobMissing(blob_id)
        return self.kept[blob_id]

    def items(self, blob_id: str) -> Iterator[Any]:
        yield from decode(self.get_now(blob_id))

    def drop(self, owner: str) -> None:
        for blob_id in [each for each in self.kept if each.startswith(f"blob_{owner}_")]:
            del self.kept[blob_id]


class SimulatedCommitter:
    """Commits what has queued, one group at a time, in its process."""

    def __init__(
        self,
        server: Server,
        process: Process,
        nemesis: Nemesis,
        auditor: Auditor,
        chance: Chance,
    ) -> None:
        self._server = server
        self._process = process
        self._nemesis = nemesis
        self._auditor = auditor
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._queue: list[_Entry] = []
        self._busy = False
        self._closed = False
        self.groups = 0
        self.units = 0

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def at_rest(self) -> bool:
        return not self._busy

    def submit(self, unit: Unit[T], late: Late | None = None) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._process.alive:
            return future
        if self._closed:
            future.set_exception(StoreUnavailable("it is closing"))
            return future
        self._queue.append((unit, future, late, _label(unit)))
        if not self._busy:
            self._busy = True
            self._process.later(self._chance.uniform(0.0005, 0.01), self._gather)
        return future

    def submit_impatiently(self, unit: Unit[T], late: Late) -> asyncio.Future[T]:
        future = self.submit(unit, late)
        self._process.later(PATIENCE_S, self._give_up, future)
        return future

    def _give_up(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            future.set_exception(Busy())

    async def close(self) -> None:
        self._closed = True

    def _gather(self) -> None:
        entries, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        if not self._process.alive or not entries:
            self._busy = False
            return
        verdict = self._nemesis.pass_by(f"{_main(entries)}.before", self._process)
        if verdict.kind == "refuse":
            self._answer(entries, [StoreUnavailable("says the simulation") for _ in entries], 0.01)
        elif verdict.kind != "crash":
            self._process.later(verdict.seconds, self._write, entries)

    def _write(self, entries: list[_Entry]) -> None:
        if not self._process.alive:
            return
        units = [entry[0] for entry in entries]
        self.groups += 1
        self.units += len(units)
        outcomes = self._server.write(units)
        self._auditor.committed(self._process, units, outcomes)
        verdict = self._nemesis.pass_by(f"{_main(entries)}.after", self._process)
        if verdict.kind != "crash":
            self._answer(entries, outcomes, verdict.seconds + self._chance.uniform(0.0001, 0.003))

    def _answer(self, entries: list[_Entry], outcomes: list[Any], seconds: float) -> None:
        self._process.later(seconds, self._resolve, entries, outcomes)

    def _resolve(self, entries: list[_Entry], outcomes: list[Any]) -> None:
        for (_, future, late, _), outcome in zip(entries, outcomes, strict=True):
            if future.done():
                if late is not None and not isinstance(outcome, Exception):
                    late(outcome)
            elif isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        self._gather()


class SimulatedDatabase:
    """The store as one simulated process has it open."""

    kind = "sqlite"

    def __init__(
        self,
        server: Server,
        blobs: MemoryBlobs,
        process: Process,
        nemesis: Nemesis,
        auditor: Auditor,
        chance: Chance,
        *,
        shared: bool,
    ) -> None:
        self.folder = Path("simulation")
        self.blobs = None if shared else blobs
        self.shared = shared
        self.committer = SimulatedCommitter(server, process, nemesis, auditor, chance)
        self._server = server
        self._process = process
        self._nemesis = nemesis
        self._chance = chance
        self._reading = 0

    def submit(self, unit: Unit[T]) -> asyncio.Future[T]:
        return self.committer.submit(unit)

    async def write(self, function: Callable[[Connection], T], *, plain: bool = False) -> T:
        return await self.committer.submit(Call(function, plain=plain))

    async def read(self, function: Callable[[Connection], T]) -> T:
        verdict = self._nemesis.pass_by(f"{_who('run')}.read.before", self._process)
        self._reading += 1
        try:
            await pause(self._chance.uniform(0.0002, 0.003) + verdict.seconds)
        finally:
            self._reading -= 1
        if not self._process.alive:
            await asyncio.get_running_loop().create_future()
        if verdict.kind == "refuse":
            raise Refused
        return self._server.read(function)

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits for it."""
        return not self._reading and self.committer.at_rest

    async def tidy(self) -> None:
        """There is no disk."""

    async def close(self) -> None:
        await self.committer.close()


def _who(otherwise: str) -> str:
    work = asyncio.current_task()
    return _WORDS.get(work.get_name() if work is not None else "", otherwise)


def _label(unit: Unit[Any]) -> str:
    match unit:
        case Accept() | Sift():
            return "accept"
        case Advance(stored=stored) if stored is not None:
            return "store"
        case Advance(ending=ending) if ending is not None:
            return "ending"
        case Advance():
            return "advance"
    return _who("call")


def _main(entries: list[_Entry]) -> str:
    return entries[0][3]
