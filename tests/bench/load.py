"""A load from one process: keep-alive connections that each send, wait for the answer, and send
again.

Every request carries a number of its own where the template says `{n}`, so that no delivery is a
duplicate.
"""

from __future__ import annotations

import asyncio
import time
from statistics import quantiles


class _Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        status = int(head[9:12])
        self._buffer = b""
        self._load.answered(time.perf_counter() - self._sent_at, status)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.closed(error)


class Load:
    """A number of connections against one address, for a number of seconds or of requests."""

    def __init__(
        self,
        head: str,
        body: bytes,
        *,
        connections: int,
        seconds: float,
        count: int | None = None,
    ) -> None:
        self._before, _, self._after = head.encode().partition(b"{n}")
        self._body = body
        self._connections = connections
        self._seconds = seconds
        self._left = float("inf") if count is None else count
        self._n = int(time.time() * 1_000) * 1_000
        self._end = 0.0
        self._open = 0
        self._done: asyncio.Event
        self.latencies_s: list[float] = []
        self.bad: dict[int, int] = {}

    def next_request(self) -> bytes | None:
        if time.perf_counter() >= self._end or self._left <= 0:
            return None
        self._left -= 1
        self._n += 1
        return b"%b%d%b%b" % (self._before, self._n, self._after, self._body)

    def answered(self, latency_s: float, status: int) -> None:
        self.latencies_s.append(latency_s)
        if not 200 <= status < 300:
            self.bad[status] = self.bad.get(status, 0) + 1

    def closed(self, error: Exception | None) -> None:
        if error is not None:
            self.bad[0] = self.bad.get(0, 0) + 1
        self._open -= 1
        if self._open == 0:
            self._done.set()

    async def run(self, host: str, port: int) -> dict[str, float]:
        """Send for the given time; return rate and latencies. An answer that is no 2xx raises."""
        self._done = asyncio.Event()
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        self._end = started + self._seconds
        self._open = self._connections
        for _ in range(self._connections):
            await loop.create_connection(lambda: _Sender(self), host, port)
        await self._done.wait()
        took_s = time.perf_counter() - started
        if self.bad:
            raise RuntimeError(f"answers that were no 2xx: {self.bad}")
        cuts = quantiles(self.latencies_s, n=100)
        return {
            "rate": len(self.latencies_s) / took_s,
            "p50_ms": cuts[49] * 1_000,
            "p99_ms": cuts[98] * 1_000,
            "count": float(len(self.latencies_s)),
        }


def request_head(path: str, host: str, length: int, headers: dict[str, str]) -> str:
    """Return the head of a POST; `{n}` in a header value becomes the request's number."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not any("{n}" in line for line in lines):
        lines.append("X-Request-Number: {n}")
    return "\r\n".join(lines) + "\r\n\r\n"
