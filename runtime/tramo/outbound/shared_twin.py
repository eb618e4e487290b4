"""A twin that several processes reach: its memory is a row, and one process at a time has it.

Whoever has requests for it takes it, lets it answer them all, and gives it back in the commit that
keeps what it learnt; only then the answers go out. A process that dies with it gives no answer, and
its lease ends in a few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from tramo.outbound.twin import HousedTwin, KeepingWriter
from tramo.ports.clock import Clock
from tramo.ports.http import Request, Response
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.sdk import Delivery, Twin
from tramo.store import twin as store
from tramo.store.database import Database

LEASE_MS: Final = 5_000
PATIENCE_S: Final = 20.0
AGAIN_S: Final = 0.01

Work = Callable[[], Awaitable[Any]]


class SharedTwin(HousedTwin):
    """One process's way to a twin."""

    def __init__(
        self,
        twin: Twin,
        connection_id: str,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
    ) -> None:
        super().__init__(twin, None, spawn)
        self._connection_id = connection_id
        self._database = database
        self._clock = clock
        self._ids = ids
        self._own = ids.new("own")
        self._asked: list[tuple[Work, asyncio.Future[Any]]] = []
        self._working = False
        self._held = False
        self._version = 0

    async def send(self, request: Request) -> Response:
        self._check_host(urlsplit(request.url).hostname or "")
        return await self._in_turn(lambda: self.twin.send(request))

    async def happen(self, topic: str | None, payload: Any) -> Delivery | None:
        async def happen() -> Delivery | None:
            return self.twin.happen(topic, payload)

        return await self._in_turn(happen)

    async def learn(self, type: str, output: Any) -> None:
        async def learn() -> None:
            self.twin.learn(type, output)

        await self._in_turn(learn)

    async def refresh(self) -> None:
        """Know what the twin has learnt in other processes."""
        row = await self._database.read(lambda c: store.read(c, self._connection_id))
        if row is not None and not self._held:
            self._recall(row)

    async def save(self) -> None:
        """Keep what the twin knows while it goes on; it is at nobody's disposal meanwhile."""
        if self._held:
            await self._keep(self._clock.now_ms() + LEASE_MS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._in_turn(lambda: self.twin.serve(reader, KeepingWriter(writer, self)))
        except ConnectionError:
            pass  # The other end hung up, or what was said could not be kept.
        finally:
            writer.close()

    # Turns ---------------------------------------------------------------------------------------

    async def _in_turn(self, work: Work) -> Any:
        """Do some work while the twin is ours, and return what came of it once it is kept."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.append((work, done))
        if not self._working:
            self._working = True
            self._spawn.start(self._work(), name=f"twin {self._connection_id}")
        return await done

    async def _work(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                answers = await self._round([work for work, _ in asked])
                for (_, done), answer in zip(asked, answers, strict=True):
                    if done.done():
                        continue
                    if isinstance(answer, BaseException):
                        done.set_exception(answer)
                    else:
                        done.set_result(answer)
        finally:
            self._working = False
            for _, done in self._asked:
                done.cancel()

    async def _round(self, work: list[Work]) -> list[Any]:
        try:
            await self._take()
            self._held = True
            try:
                answers = await asyncio.gather(*(one() for one in work), return_exceptions=True)
            finally:
                self._held = False
            await self._keep(None)
        except Exception as error:  # noqa: BLE001 - whoever asked hears that there was no answer
            lost = ConnectionResetError(f"The twin could not be asked: {error}")
            return [lost] * len(work)
        return answers

    async def _take(self) -> None:
        deadline = self._clock.monotonic_s() + PATIENCE_S
        while True:
            now = self._clock.now_ms()
            row = await self._database.write(
                lambda c, now=now: store.take(
                    c, self._connection_id, owner=self._own, now=now, lease_ms=LEASE_MS
                )
            )
            if row is not None:
                self._recall(row)
                return
            if self._clock.monotonic_s() > deadline:
                raise TimeoutError("another process keeps it")
            await self._clock.sleep(AGAIN_S * (0.5 + self._ids.fraction()))

    async def _keep(self, lease_until: int | None) -> None:
        memory, version = self.twin.dump(), self._version
        kept = await self._database.write(
            lambda c: store.keep(
                c,
                self._connection_id,
                owner=self._own,
                version=version,
                memory=memory,
                lease_until=lease_until,
            )
        )
        if not kept:
            raise ConnectionResetError("another process has taken it meanwhile")
        self._version = version + 1

    def _recall(self, row: Any) -> None:
        if row.version != self._version and row.memory is not None:
            self.twin.load(row.memory)
        self._version = row.version
