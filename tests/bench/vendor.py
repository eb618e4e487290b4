"""A vendor on the loopback that answers every request after a fixed time, and remembers when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

BODY = b'{"ok":true}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + BODY


class SlowVendor:
    """Answers after `takes_s`. `calls`: when each request had come whole."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.port = 0
        self.calls: list[float] = []
        self.most = 0
        self._open = 0
        self._loop = asyncio.new_event_loop()

    def serve(self) -> None:
        """Serve in the thread that calls, until `stop`."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Caller(self), "127.0.0.1", 0, backlog=4096)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._loop.run_forever()

    def stop(self) -> None:
        """Let `serve` return."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def asked(self, transport: asyncio.WriteTransport) -> None:
        self.calls.append(time.perf_counter())
        self._open += 1
        self.most = max(self.most, self._open)
        self._loop.call_later(self.takes_s, self._answer, transport)

    def _answer(self, transport: asyncio.WriteTransport) -> None:
        self._open -= 1
        if not transport.is_closing():
            transport.write(ANSWER)


class _Caller(asyncio.Protocol):
    def __init__(self, vendor: SlowVendor) -> None:
        self._vendor = vendor
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._vendor.asked(self._transport)  # type: ignore[arg-type]


@contextmanager
def slow_vendor(takes_s: float) -> Iterator[SlowVendor]:
    """Serve until the end of the block, in a thread of its own."""
    vendor = SlowVendor(takes_s)
    thread = Thread(target=vendor.serve, daemon=True)
    thread.start()
    while not vendor.port:
        time.sleep(0.01)
    try:
        yield vendor
    finally:
        vendor.stop()
        thread.join()
