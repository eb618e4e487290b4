"""One request and its answer: what an ASGI application receives and sends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tramo_web.http.connection import Connection

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

BUFFER_BYTES: Final = 64 * 1024
"""What is kept of a body that nobody reads yet."""
BODILESS: Final = frozenset({204, 304})
STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus
}
ARRIVED: Final = "tramo.arrived"
"""The scope of a request has this key once its whole body has come: nobody need wait for it."""
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_log = logging.getLogger("tramo.web")


class Exchange:
    """A request whose head has come, its body as it comes, and the answer to it."""

    __slots__ = (
        "_bare",
        "_begun",
        "_changed",
        "_chunked",
        "_chunks",
        "_connection",
        "_gone",
        "_head",
        "_left",
        "_read",
        "_task",
        "_waits_for_body",
        "buffered",
        "done",
        "keeps_alive",
        "scope",
        "whole",
    )

    def __init__(
        self, connection: Connection, scope: dict[str, Any], *, keeps_alive: bool, waits: bool
    ) -> None:
        self._connection = connection
        self.scope = scope
        self.keeps_alive = keeps_alive
        """Whether the connection may be used again."""
        self._waits_for_body = waits
        """The client sends the body once it is told to."""
        self._chunks: list[bytes] = []
        self.buffered = 0
        """Bytes of the body that have come and that nobody has read."""
        self.whole = False
        """The body has come to its end."""
        self._read = False
        """The application has the whole body."""
        self._gone = False
        """No more of the body comes."""
        self._changed: asyncio.Event | None = None
        self._head: bytes | None = None
        """The answer's head until its first part of a body: they are sent as one."""
        self._begun = False
        self._left: int | None = None
        """Bytes of a body that the answer's head promises and that have not been sent."""
        self._chunked = False
        self._bare = False
        """The answer has a head only."""
        self.done = False
        self._task: asyncio.Task[None] | None = None

    def start(self, app: App) -> None:
        """Let the application answer."""
        # The loop itself holds a task by a thread only.
        self._task = asyncio.get_running_loop().create_task(self._run(app))

    async def _run(self, app: App) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except Exception:  # noqa: BLE001 - it has no client any more that could be told
            _log.exception("a request was not answered %s", self.scope["method"])
        if not self.done:
            self.done = True
            self._connection.abort()

    # The body ----------------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._chunks.append(chunk)
        self.buffered += len(chunk)
        self._tell()

    def complete(self) -> None:
        """Know that this was the body."""
        self.whole = True
        self.scope[ARRIVED] = True
        self._tell()

    def leave(self) -> None:
        """Know that no more of the body comes: the client hung up, or sends what is no body."""
        self._gone = True
        self._tell()

    async def receive(self) -> Message:
        """Return the next part of the body, or that the client is gone or answered."""
        if self._read:
            while not (self._gone or self.done):
                await self._news()
            return {"type": "http.disconnect"}
        if self._waits_for_body and not self.whole:
            self._waits_for_body = False
            self._connection.write(_CONTINUE)
        while not (self._chunks or self.whole or self._gone):
            await self._news()
        if self._gone and not self.whole:
            return {"type": "http.disconnect"}
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if not self.whole:
            self.buffered = 0
            self._connection.read_on()
        self._read = self.whole
        return {"type": "http.request", "body": body, "more_body": not self.whole}

    async def _news(self) -> None:
        if self._changed is None:
            self._changed = asyncio.Event()
        self._changed.clear()
        await self._changed.wait()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed.set()

    # The answer --------------------------------------------------------------------------------

    async def send(self, message: Message) -> None:
        """Send the answer's head or a part of its body.

        Raises RuntimeError for a head that is no head, and for more or less than it promised.
        """
        if message["type"] == "http.response.start":
            if self._begun:
                raise RuntimeError("The answer has begun already.")
            self._begin(message["status"], message.get("headers", ()))
            return
        if not self._begun or self.done:
            raise RuntimeError("The answer has not begun, or is over.")
        is_last = not message.get("more_body", False)
        data = self._framed(message.get("body", b""), is_last=is_last)
        if self._head is not None:
            data = self._head + data
            self._head = None
        connection = self._connection
        if data:
            connection.write(data)
        if is_last:
            self.done = True
            self._tell()
            connection.ended(self)
        elif connection.is_full:
            await connection.drained()

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d Other" % status, self._connection.date]
        length: int | None = None
        for name, value in headers:
            lines.append(b"%b: %b" % (name, value))
            if name == b"content-length":
                length = int(value)
        bare = self.scope["method"] == "HEAD" or status in BODILESS
        chunked = length is None and not bare and self.scope["http_version"] == "1.1"
        if chunked:
            lines.append(b"transfer-encoding: chunked")
        # What has no end but the connection's ends it, and so does a body that is still coming:
        # its rest must not be taken for the next request.
        if not self.whole or (length is None and not bare and not chunked):
            self.keeps_alive = False
        if not self.keeps_alive:
            lines.append(b"connection: close")
        lines.append(b"\r\n")
        head = b"\r\n".join(lines)
        breaks = len(lines)
        if head.count(b"\n") != breaks or head.count(b"\r") != breaks or b"\0" in head:
            raise RuntimeError("A header of the answer holds a line break.")
        self._begun = True
        self._head = head
        self._bare = bare
        self._chunked = chunked
        self._left = length

    def _framed(self, data: bytes, *, is_last: bool) -> bytes:
        if self._bare:
            return b""
        if self._chunked:
            end = b"0\r\n\r\n" if is_last else b""
            return b"%x\r\n%b\r\n%b" % (len(data), data, end) if data else end
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0 or (is_last and self._left):
                raise RuntimeError("The answer's body is not as long as its head says.")
        return data
