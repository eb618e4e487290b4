"""Listens, looks after its connections once a second, and closes in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
from typing import Final

from tramo_web.http.connection import Connection
from tramo_web.http.exchange import App

BACKLOG: Final = 1024
CONNECTIONS: Final = 4_000
"""At most, and half as many as this process may have files open: it needs some for all else."""
LOOK_S: Final = 1.0


class Server:
    """Serves an ASGI application over HTTP/1.1 to whoever connects to one address."""

    def __init__(self, app: App, now_ms: Callable[[], int]) -> None:
        self.app = app
        self._now_ms = now_ms
        self._connections: set[Connection] = set()
        self._most = CONNECTIONS
        self._listener: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._left = asyncio.Event()
        self.looks = 0
        """How often it has looked after its connections: a clock for them that costs nothing."""
        self.date = b""
        self.is_closing = False

    async def open(self, host: str, port: int) -> None:
        """Take connections from now on. Raises OSError when the address is taken or not ours."""
        loop = asyncio.get_running_loop()
        files, _ = getrlimit(RLIMIT_NOFILE)
        self._most = CONNECTIONS if files == RLIM_INFINITY else min(CONNECTIONS, files // 2)
        self._look()
        self._listener = await loop.create_server(
            lambda: Connection(self), host, port, backlog=BACKLOG
        )

    async def close(self, within_s: float) -> bool:
        """Take no more connections and let answers end; return whether all did in this time."""
        self.is_closing = True
        if self._listener is not None:
            self._listener.close()
        for connection in tuple(self._connections):
            connection.close_if_idle()
        try:
            async with asyncio.timeout(within_s):
                while self._connections:
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.abort()
        if self._timer is not None:
            self._timer.cancel()
        return not self._connections

    def add(self, connection: Connection) -> None:
        """Count a connection that came; one that rests goes for it where there are too many."""
        if len(self._connections) >= self._most:
            resting = [
                (since, id(other), other)
                for other in self._connections
                if (since := other.idle_since) is not None
            ]
            (min(resting)[2] if resting else connection).abort()
        self._connections.add(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is over."""
        self._connections.discard(connection)
        self._left.set()

    def _look(self) -> None:
        self.looks += 1
        self.date = b"date: " + formatdate(self._now_ms() / 1_000, usegmt=True).encode()
        for connection in tuple(self._connections):
            connection.look()
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)
