"""Keeps the live twins: one for each connection, reached like its vendor, durable like a vendor.

Requests carry the vendor's real host name. What a twin did is on disk before its answer goes back,
so that killing the process makes it forget nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tramo.outbound.failure import AddressRefused
from tramo.ports.clock import Clock
from tramo.ports.http import Request, Response
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.sdk import Definition, Delivery, Twin, Unavailable

_log: Final = logging.getLogger("tramo.outbound")
_READS: Final = frozenset({"GET", "HEAD"})


class HousedTwin:
    """A twin and the file it remembers in. It is a transport: see tramo.ports.http.Http."""

    def __init__(self, twin: Twin, path: Path | None, spawn: Spawn) -> None:
        self.twin = twin
        self._path = path
        self._spawn = spawn
        self._saving = asyncio.Lock()
        self._changes = 0
        self._saved = 0

    async def send(self, request: Request) -> Response:
        """Let the twin answer, and keep what it learnt before handing the answer back."""
        self._check_host(urlsplit(request.url).hostname or "")
        response = await self.twin.send(request)
        if request.method not in _READS:
            await self.save()
        return response

    async def happen(self, topic: str | None, payload: Any) -> Delivery | None:
        """Let something happen at the vendor; gives the delivery that it sends, if any."""
        delivery = self.twin.happen(topic, payload)
        await self.save()
        return delivery

    async def learn(self, type: str, output: Any) -> None:
        """Let the twin take up what an event says of its account."""
        self.twin.learn(type, output)
        await self.save()

    async def open_socket(self, host: str, port: int) -> socket.socket:
        """Return a socket at whose other end the twin speaks its vendor's protocol."""
        del port
        self._check_host(host)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=theirs)
        self._spawn.start(self._serve(reader, writer), name=f"twin {type(self.twin).__name__}")
        return ours

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.twin.serve(reader, KeepingWriter(writer, self))
        except ConnectionError:
            pass  # the other end hung up
        finally:
            writer.close()
            await self.save()

    async def save(self) -> None:
        """Write the twin's memory down, once for all who ask meanwhile."""
        self._changes += 1
        mine = self._changes
        if self._path is None:
            return
        async with self._saving:
            if self._saved >= mine:
                return
            upto = self._changes
            await asyncio.to_thread(_write, self._path, self.twin.dump())
            self._saved = upto

    async def refresh(self) -> None:
        """Know what the twin has learnt elsewhere: nothing, for it is nowhere else."""

    def _check_host(self, host: str) -> None:
        hosts = self.twin.hosts
        fits = not hosts or host in hosts
        if not fits and f"*.{host.partition('.')[2]}" not in hosts:
            raise AddressRefused(
                f"The twin does not stand for {host}; it never reaches the real one."
            )


class KeepingWriter(asyncio.StreamWriter):
    """Holds a twin's words back until what they confirm is on disk: `drain` saves, then sends."""

    def __init__(self, writer: asyncio.StreamWriter, house: HousedTwin) -> None:
        # Built on a writer that exists: nothing of StreamWriter's own set-up is repeated.
        self._writer = writer
        self._house = house
        self._held = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._held += data

    def writelines(self, data: Any) -> None:
        for part in data:
            self.write(part)

    async def drain(self) -> None:
        await self._house.save()
        self._flush()
        await self._writer.drain()

    def _flush(self) -> None:
        if self._held and not self._writer.is_closing():
            self._writer.write(bytes(self._held))
        self._held.clear()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def is_closing(self) -> bool:
        return self._writer.is_closing()

    async def wait_closed(self) -> None:
        await self._writer.wait_closed()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._writer.get_extra_info(name, default)

    def can_write_eof(self) -> bool:
        return False

    def __del__(self, *_: object) -> None:
        """Leave the closing to the writer underneath."""


class TwinHouse:
    """Every live twin. Without a folder they live in memory only."""

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
        folder: Path | None = None,
        shared: Callable[[Twin, str], HousedTwin] | None = None,
    ) -> None:
        self._shared = shared
        """Makes the way to a twin that other processes reach, too."""
        self._clock = clock
        self._ids = ids
        self._spawn = spawn
        self._folder = folder
        self._twins: dict[str, HousedTwin] = {}

    def open(
        self, connection_id: str, definition: Definition, credential: Mapping[str, Any]
    ) -> HousedTwin:
        """Return a connection's twin, with what it remembers from before."""
        housed = self._twins.get(connection_id)
        if housed is not None:
            housed.twin.credential = dict(credential)
            return housed
        if definition.twin is None:
            raise Unavailable(
                f"{definition.title} has no twin; make a connection to the real account."
            )
        twin: Twin = definition.twin(clock=self._clock, ids=self._ids, credential=credential)
        if self._shared is not None:
            housed = self._twins[connection_id] = self._shared(twin, connection_id)
            return housed
        path = self._folder and self._folder / f"{connection_id}.json"
        if path is not None and path.exists():
            _recall(twin, path)
        housed = self._twins[connection_id] = HousedTwin(twin, path, self._spawn)
        return housed

    async def close(self) -> None:
        """Write down what the twins were asked for without changing anything."""
        for housed in self._twins.values():
            await housed.save()

    def forget(self, connection_id: str) -> None:
        """Drop the twin of a connection that is no more."""
        self._twins.pop(connection_id, None)
        if self._folder is not None:
            (self._folder / f"{connection_id}.json").unlink(missing_ok=True)


def _recall(twin: Twin, path: Path) -> None:
    """Give a twin its memory back; one that cannot be read is put aside, for a fresh start."""
    try:
        twin.load(path.read_bytes())
    except (ValueError, KeyError, TypeError):
        aside = path.with_suffix(".unreadable")
        path.replace(aside)
        _log.warning("The twin's memory could not be read; it is kept as %s", aside.name)


def _write(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
