"""How a web service can answer, from the proper to the absurd, and what has to follow from each.

`after` is the promise under test:
- `done`: an answer; the step ends.
- `again`: certainly nothing happened; whoever asked may ask again.
- `refused`: certainly nothing happened, and asking again does not help.
- `doubt`: nobody can know; only what may be repeated is asked again, the rest is for a person.
- `unreadable`: too large, or behind an address that nobody may reach: a read is refused, a write is
  a doubt.
- `wait`: the vendor asks for a pause longer than any campaign.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from time import time
from typing import Final, Literal, NamedTuple

After = Literal["done", "again", "refused", "doubt", "unreadable", "wait"]

BOMB_BYTES: Final = 256 * 1024 * 1024
HANG_S: Final = 30.0
SMALL: Final = b'{"id": 7, "ok": true}'


class Exchange:
    """One request, and the way back to whoever sent it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.method = ""
        self.path = ""
        self.headers: dict[str, str] = {}
        self.body = b""
        self.stays = True
        """The connection can take another request."""

    async def answer(
        self, status: str, body: bytes = SMALL, *, kind: str = "application/json", **headers: str
    ) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def cut(self) -> None:
        """Reset the connection: what was on its way is lost."""
        self.stays = False
        found = self.writer.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def hang_up(self) -> None:
        self.stays = False
        self.writer.close()


Act = Callable[[Exchange], Awaitable[None]]


class Behaviour(NamedTuple):
    """A way to answer."""

    act: Act
    after: After
    applied: bool = False
    """The effect takes place."""

    @property
    def doubtful(self) -> bool:
        return self.after in ("doubt", "unreadable")


def _status(line: str, body: bytes = SMALL, **headers: str) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(line, body, **headers)

    return act


def _raw(data: bytes) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.raw(data)
        exchange.hang_up()

    return act


async def _no_content(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 204 No Content\r\n\r\n")


async def _retry_at_date(exchange: Exchange) -> None:
    date = formatdate(time() + 2, usegmt=True)
    await exchange.answer("429 Too Many Requests", b"{}", Retry_After=date)


async def _cut(exchange: Exchange) -> None:
    exchange.cut()


async def _hang_up(exchange: Exchange) -> None:
    exchange.hang_up()


async def _hang(exchange: Exchange) -> None:
    await asyncio.sleep(HANG_S)
    exchange.hang_up()


async def _slow_body(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await _drip(exchange, b"{" * 1_000)


async def _slow_head(exchange: Exchange) -> None:
    await _drip(exchange, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


async def _drip(exchange: Exchange, data: bytes) -> None:
    """Give a byte a second, as a slow-loris does."""
    for place in range(min(len(data), int(HANG_S))):
        await exchange.raw(data[place : place + 1])
        await asyncio.sleep(1)
    exchange.hang_up()


async def _bomb(exchange: Exchange) -> None:
    packed = gzip.compress(bytes(16 * 1024 * 1024), 9)
    body = packed * (BOMB_BYTES // (16 * 1024 * 1024))
    await exchange.answer("200 OK", body, Content_Encoding="gzip")


async def _endless(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    for _ in range(1_024):
        await exchange.raw(bytes(1024 * 1024))
    exchange.hang_up()


async def _endless_chunks(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(16_384):
        await exchange.raw(b"10000\r\n" + b" " * 65_536 + b"\r\n")
    exchange.hang_up()


async def redirect_round(exchange: Exchange) -> None:
    """Lead to an address that leads to itself."""
    await exchange.answer("302 Found", b"", Location="/round")


async def _redirect_home(exchange: Exchange) -> None:
    await exchange.answer("303 See Other", b"", Location="/landed")


async def _redirect_inside(exchange: Exchange) -> None:
    await exchange.answer("302 Found", b"", Location="http://169.254.169.254/latest/meta-data")


async def _early_hints(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    await exchange.answer("200 OK")


_HTML: Final = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_LIMITED: Final = "429 Too Many Requests"

BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "ok": Behaviour(_status("200 OK"), "done", applied=True),
    "created": Behaviour(_status("201 Created"), "done", applied=True),
    "no_content": Behaviour(_no_content, "done", applied=True),
    "empty": Behaviour(_status("200 OK", b""), "done", applied=True),
    "not_json": Behaviour(_status("200 OK", b"{oops"), "done", applied=True),
    "wrong_type": Behaviour(_status("200 OK", kind="image/png"), "done", applied=True),
    "not_utf8": Behaviour(_status("200 OK", b"\xff\xfe{}\x00"), "done", applied=True),
    "big_number": Behaviour(_status("200 OK", b'{"n": 1' + b"0" * 5_000 + b"}"), "done", True),
    "early_hints": Behaviour(_early_hints, "done", applied=True),
    "redirect_home": Behaviour(_redirect_home, "done", applied=True),
    "failed": Behaviour(_status("500 Internal Server Error"), "doubt"),
    "failed_after": Behaviour(_status("500 Internal Server Error"), "doubt", applied=True),
    "not_there_yet": Behaviour(_status("501 Not Implemented"), "doubt"),
    "gateway_html": Behaviour(_status("502 Bad Gateway", _HTML, kind="text/html"), "doubt"),
    "unavailable": Behaviour(_status("503 Service Unavailable"), "doubt"),
    "unavailable_until": Behaviour(_status("503 Busy", Retry_After="1"), "doubt"),
    "gateway_late": Behaviour(_status("504 Gateway Timeout"), "doubt", applied=True),
    "request_late": Behaviour(_status("408 Request Timeout"), "doubt"),
    "limited": Behaviour(_status(_LIMITED), "again"),
    "limited_1s": Behaviour(_status(_LIMITED, Retry_After="1"), "again"),
    "limited_date": Behaviour(_retry_at_date, "again"),
    "limited_nan": Behaviour(_status(_LIMITED, Retry_After="nan"), "again"),
    "limited_negative": Behaviour(_status(_LIMITED, Retry_After="-5"), "again"),
    "limited_word": Behaviour(_status(_LIMITED, Retry_After="soon"), "again"),
    "limited_for_ever": Behaviour(_status(_LIMITED, Retry_After="1000000000"), "wait"),
    "bad_request": Behaviour(_status("400 Bad Request"), "refused"),
    "unauthorized": Behaviour(_status("401 Unauthorized"), "refused"),
    "forbidden": Behaviour(_status("403 Forbidden"), "refused"),
    "missing": Behaviour(_status("404 Not Found"), "refused"),
    "conflict": Behaviour(_status("409 Conflict"), "refused"),
    "invalid": Behaviour(_status("422 Unprocessable Content"), "refused"),
    "truncated": Behaviour(
        _raw(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"id": 7, "o'), "doubt", True
    ),
    "truncated_chunk": Behaviour(
        _raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"id"'), "doubt", True
    ),
    "bad_status": Behaviour(_raw(b"HTTP/1.1 banana\r\n\r\n"), "doubt", True),
    "not_http": Behaviour(_raw(b"\x16\x03\x01\x02\x00\x01\x00garbage\r\n\r\n"), "doubt", True),
    "long_head": Behaviour(
        _raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300_000 + b"\r\n\r\n"), "doubt", True
    ),
    "bad_gzip": Behaviour(_status("200 OK", b"no gzip", Content_Encoding="gzip"), "doubt", True),
    "reset_before": Behaviour(_cut, "doubt"),
    "reset_after": Behaviour(_cut, "doubt", applied=True),
    "hang_up": Behaviour(_hang_up, "doubt"),
    "hang_up_after": Behaviour(_hang_up, "doubt", applied=True),
    "hang": Behaviour(_hang, "doubt"),
    "hang_after": Behaviour(_hang, "doubt", applied=True),
    "slow_head": Behaviour(_slow_head, "doubt", applied=True),
    "slow_body": Behaviour(_slow_body, "doubt", applied=True),
    "redirect_loop": Behaviour(redirect_round, "unreadable", applied=True),
    "redirect_inside": Behaviour(_redirect_inside, "unreadable", applied=True),
    "bomb": Behaviour(_bomb, "unreadable", applied=True),
    "endless": Behaviour(_endless, "unreadable", applied=True),
    "endless_chunks": Behaviour(_endless_chunks, "unreadable", applied=True),
}

MIX: Final = (
    "failed", "failed_after", "gateway_html", "limited", "truncated", "not_json", "reset_before",
    "reset_after", "hang_up_after", "hang_after", "request_late",
)  # fmt: skip
"""What a vendor does on a bad day."""
