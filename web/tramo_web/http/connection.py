"""One connection: reads requests off it, one after the other, and bounds what they may cost."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote_to_bytes

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url

from tramo_web.http.exchange import BUFFER_BYTES, STATUS_LINES, Exchange

if TYPE_CHECKING:
    from tramo_web.http.server import Server

HEAD_BYTES: Final = 64 * 1024
"""What may come without being a request's beginning or a part of its body: heads, and what a body
in chunks carries beside its data."""
SLICE_BYTES: Final = 8 * 1024
"""What is parsed at a time: no more requests than it holds wait for their turn as objects."""
HEAD_LOOKS: Final = 5
"""Looks of the server, one a second, within which a request's head must have come."""
IDLE_LOOKS: Final = 75
STALLED_LOOKS: Final = 60
"""How long a client may take nothing of an answer that waits for it."""
LINGER_LOOKS: Final = 2
"""How long is read what nobody wants, so that the answer arrives: a closed socket would cut it."""


class Connection(asyncio.Protocol):
    """Reads requests, and has the application answer one at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._parser = HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._client: tuple[str, int] | None = None
        self._local: tuple[str, int] | None = None
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._waits_for_body = False
        self._in_head = False
        self._gains = False
        """A request began in what was parsed last, or a part of its body came."""
        self._empty_bytes = 0
        """What has come since that was so."""
        self._exchanges: deque[Exchange] = deque()
        """The one that is answered, and those that came before its answer."""
        self._rest = b""
        """What came behind them, and is parsed when it is their turn."""
        self._reading: Exchange | None = None
        """The one whose body comes."""
        self._deaf = False
        """What comes means nothing any more."""
        self._at_end = False
        """Nothing comes any more, though answers may be taken still."""
        self._since = server.looks
        """The look at which the present state began."""
        self._is_paused = False
        self.is_full = False
        self._emptied: asyncio.Event | None = None
        self._stalled_at = -1

    @property
    def date(self) -> bytes:
        return self._server.date

    @property
    def idle_since(self) -> int | None:
        """The look since which nothing is asked, or None."""
        return None if self._exchanges or self._deaf else self._since

    # The transport's side ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it.
        self._client = _address(transport.get_extra_info("peername"))
        self._local = _address(transport.get_extra_info("sockname"))
        self._server.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._server.remove(self)
        self._deaf = True
        del self._parser  # It holds this object, and would until the next collection.
        while len(self._exchanges) > 1:
            self._exchanges.pop()  # They have not begun, and nobody waits for them.
        for exchange in self._exchanges:
            exchange.leave()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if len(data) <= SLICE_BYTES and not self._rest:
            self._hear(data)
        else:
            self._rest += data
            self._hear_rest()

    def eof_received(self) -> bool:
        """Answer what was asked before; True keeps the way back open for it."""
        self._deaf = self._at_end = True
        self._rest = b""
        for exchange in self._exchanges:
            exchange.leave()
        if self._exchanges:
            self._exchanges[-1].keeps_alive = False
        return bool(self._exchanges)

    def pause_writing(self) -> None:
        self.is_full = True
        self._stalled_at = -1

    def resume_writing(self) -> None:
        self.is_full = False
        if self._emptied is not None:
            self._emptied.set()
            self._emptied = None

    # The parser's side -------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = []
        self._waits_for_body = False
        self._in_head = self._gains = True
        self._since = self._server.looks

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # What follows a body in chunks says nothing that anybody here knows.
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._waits_for_body = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        parser = self._parser
        version = parser.get_http_version()
        exchange = Exchange(
            self,
            self._scope(version),
            keeps_alive=(
                version == "1.1" and parser.should_keep_alive() and not parser.should_upgrade()
            ),
            waits=self._waits_for_body,
        )
        self._reading = exchange
        self._exchanges.append(exchange)
        if len(self._exchanges) == 1:
            exchange.start(self._server.app)
        else:
            self._pause()

    def on_body(self, body: bytes) -> None:
        self._gains = True
        exchange = self._reading
        if exchange is not None and not exchange.done:
            exchange.feed(body)
            if exchange.buffered > BUFFER_BYTES:
                self._pause()

    def on_message_complete(self) -> None:
        if self._reading is not None:
            self._reading.complete()
            self._reading = None

    def _scope(self, version: str) -> dict[str, Any]:
        url = self._url
        if url.startswith(b"/"):
            raw_path, _, query = url.partition(b"?")
        else:
            parsed = parse_url(url)
            raw_path, query = parsed.path or b"/", parsed.query or b""
            if parsed.host is not None:
                self._be_asked_as(parsed.host, parsed.port)
        path = unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            "method": self._parser.get_method().decode("ascii"),
            "scheme": "http",
            "path": path.decode("utf-8", "replace"),
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self._headers,
            "client": self._client,
            "server": self._local,
        }

    def _be_asked_as(self, host: bytes, port: int | None) -> None:
        """Let a whole address say which host is meant, not the header (RFC 9112, 3.2.2)."""
        name = b"[%b]" % host if b":" in host else host
        asked = name if port is None else b"%b:%d" % (name, port)
        others = [(key, value) for key, value in self._headers if key != b"host"]
        self._headers = [*others, (b"host", asked)]

    # The exchanges' side -----------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send to the client; nothing happens once it is gone."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def drained(self) -> None:
        """Return once the client has taken most of what was sent."""
        if self.is_full:
            self._emptied = self._emptied or asyncio.Event()
            await self._emptied.wait()

    def read_on(self) -> None:
        """Read more of the body."""
        if len(self._exchanges) == 1:
            self._resume()

    def ended(self, exchange: Exchange) -> None:
        """Go on with the next request after an answer, or close."""
        self._exchanges.popleft()
        self._since = self._server.looks
        if not exchange.keeps_alive or (self._server.is_closing and not self._exchanges):
            self._close(lingering=not exchange.whole)
        elif self._exchanges:
            self._exchanges[0].start(self._server.app)
            self._hear_rest()
            self.read_on()
        elif self._deaf:
            self._transport.close()
        else:
            self._resume()

    def abort(self) -> None:
        """Cut the connection off."""
        self._transport.abort()

    # The server's side -------------------------------------------------------------------------

    def close_if_idle(self) -> None:
        """Close unless a request is under way, which then is the last."""
        if not self._exchanges and not self._in_head:
            self._transport.close()

    def look(self) -> None:
        """Give up what takes too long."""
        passed = self._server.looks - self._since
        if self._deaf and not self._exchanges:
            if passed > LINGER_LOOKS:
                self._transport.abort()
        elif self._in_head:
            if passed > HEAD_LOOKS and not self._is_paused:
                self._turn_away(408)
        elif not self._exchanges and passed > IDLE_LOOKS:
            self._transport.close()
        if self.is_full:
            self._look_whether_stalled()

    def _look_whether_stalled(self) -> None:
        waiting = self._transport.get_write_buffer_size()
        if waiting != self._stalled_at:
            self._stalled_at = waiting
            self._since = self._server.looks
        elif self._server.looks - self._since > STALLED_LOOKS:
            self._transport.abort()

    # -------------------------------------------------------------------------------------------

    def _hear_rest(self) -> None:
        """Parse what came, up to where a request has another before it."""
        rest, at = memoryview(self._rest), 0
        while at < len(rest) and len(self._exchanges) < 2 and not self._deaf:
            self._hear(rest[at : at + SLICE_BYTES])
            at += SLICE_BYTES
        self._rest = b"" if self._deaf else bytes(rest[at:])

    def _hear(self, data: bytes | memoryview) -> None:
        self._gains = False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._deaf = True
        except HttpParserError:
            self._misheard()
        self._empty_bytes = 0 if self._gains else self._empty_bytes + len(data)
        if self._empty_bytes > HEAD_BYTES and not self._deaf:
            if self._in_head:
                self._turn_away(431)
            else:
                self._misheard()

    def _misheard(self) -> None:
        """Go deaf: what came is no HTTP. Requests that were understood are answered."""
        if self._exchanges and not self._in_head:
            self._deaf = True
            self._exchanges[-1].keeps_alive = False
            if self._reading is not None:
                self._reading.leave()
        else:
            self._turn_away(400)

    def _turn_away(self, status: int) -> None:
        """Answer a request that has not even a head, after those before it."""
        self._in_head = False
        self._deaf = True
        if self._exchanges:
            self._exchanges[-1].keeps_alive = False
            return
        lines = (STATUS_LINES[status], self.date, b"content-length: 0", b"connection: close")
        self.write(b"\r\n".join((*lines, b"\r\n")))
        self._close(lingering=True)

    def _close(self, *, lingering: bool) -> None:
        self._deaf = True
        self._since = self._server.looks
        self._exchanges.clear()
        if self._transport.is_closing():
            return
        if lingering and not self._at_end and self._transport.can_write_eof():
            self._transport.write_eof()
            self._resume()
        else:
            self._transport.close()

    def _pause(self) -> None:
        if not self._is_paused and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._is_paused and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()


def _address(name: Any) -> tuple[str, int] | None:
    return (name[0], name[1]) if isinstance(name, tuple) else None
