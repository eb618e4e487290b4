"""A way between two processes that can be hurt: cut, held up, or cut at the one moment at which a
commit has been sent and its answer has not come."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final

COMMIT: Final = b"COMMIT"
ANSWER_S: Final = 0.05
"""The server is given so long to carry out a commit whose answer nobody will get."""


class Proxy:
    """Listens on loopback and passes everything on, until told otherwise."""

    def __init__(self, port: int, to_port: int) -> None:
        self.port = port
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._open: set[_Way] = set()
        self.cut_commits = 0
        """So many of the next commits lose their answer."""
        self.commits_cut = 0
        self.silent = False
        """Nothing passes, and nobody is told: a black hole."""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Reset every connection at once."""
        for way in list(self._open):
            way.reset()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            _reset(writer)
            return
        way = _Way(self, (reader, writer), there)
        self._open.add(way)
        try:
            await way.run()
        finally:
            self._open.discard(way)


End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Way:
    """One connection, both directions."""

    def __init__(self, proxy: Proxy, here: End, there: End) -> None:
        self._proxy = proxy
        self._here = here
        self._there = there
        self._deaf = False
        """What the server says goes nowhere any more."""

    async def run(self) -> None:
        ways = [
            asyncio.ensure_future(self._forth()),
            asyncio.ensure_future(self._pass(self._there[0], self._here[1])),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for _, writer in (self._here, self._there):
            writer.close()

    def reset(self) -> None:
        for _, writer in (self._here, self._there):
            _reset(writer)

    async def _forth(self) -> None:
        reader, writer = self._here[0], self._there[1]
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._hold()
                if COMMIT in data and self._proxy.cut_commits > 0:
                    self._proxy.cut_commits -= 1
                    self._proxy.commits_cut += 1
                    self._deaf = True
                    writer.write(data)
                    await writer.drain()
                    await asyncio.sleep(ANSWER_S)
                    self.reset()
                    return
                writer.write(data)
                await writer.drain()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._hold()
                if not self._deaf:
                    writer.write(data)
                    await writer.drain()

    async def _hold(self) -> None:
        while self._proxy.silent:
            await asyncio.sleep(0.05)


def _reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
