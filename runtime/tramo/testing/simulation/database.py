"""What one process holds of the database: the public face of `store.database.Database`, with a
fault at every point where one can be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from tramo.model.value import decode, encode
from tramo.store.blob import BlobMissing
from tramo.store.commit import Call, Unit
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.committer import Auditor, Page, SimulatedCommitter, asker
from tramo.testing.simulation.nemesis import Nemesis
from tramo.testing.simulation.port import pause
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.server import Refused, Server

T = TypeVar("T")


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
        page = Page(server, process, nemesis, auditor, chance, set())
        self.committer = SimulatedCommitter(page, dictates=not shared)
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
        verdict = self._nemesis.pass_by(f"{asker('run')}.read.before", self._process)
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

    def expect_much(self) -> None:
        self.committer.call_scribe()

    async def tidy(self) -> None:
        """There is no disk."""

    async def close(self) -> None:
        await self.committer.close()
