"""A server in this process, clients that speak to it byte by byte, and applications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from tramo_web.http import Server

WITHIN_S = 60.0
NOW_MS = 1_790_000_000_000
Run = Callable[[Callable[[], Awaitable[None]]], None]


class Client:
    """Speaks to the server byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def say(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def answer(self, *, bare: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Return the next answer: status, headers, body. `bare`: one that has a head only."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip("\r\n").split("\r\n")
        status = int(first.split(" ")[1])
        headers = dict(line.split(": ", 1) for line in lines)
        if bare or status == 100:
            return status, headers, b""
        if "content-length" in headers:
            body = await self._reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            body = await self._chunks()
        else:
            body = await self._reader.read()
        return status, headers, body

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            assert await self._reader.readexactly(2) == b"\r\n"
        assert await self._reader.readexactly(2) == b"\r\n"
        return body

    async def line(self) -> bytes:
        return await self._reader.readline()

    async def rest(self) -> bytes:
        return await self._reader.read()

    def stop_reading(self) -> None:
        cast(asyncio.Transport, self.writer.transport).pause_reading()

    def hang_up(self) -> None:
        self.writer.transport.abort()


class House:
    """A server in this process, and clients of it."""

    def __init__(self, app: Any) -> None:
        self.server = Server(app, lambda: NOW_MS)
        self.clients: list[Client] = []
        self.port = 0

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[House]:
    house = House(app)
    await house.server.open("127.0.0.1", 0)
    listener = house.server._listener
    assert listener is not None
    house.port = listener.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        for client in house.clients:
            client.writer.close()
        await house.server.close(0.1)


async def read(receive: Any) -> bytes:
    """Return a request's body, or what came of it."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def reply(send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was asked."""
    told = [scope["method"], scope["path"], scope["query_string"].decode()]
    told += sorted(f"{n.decode()}={v.decode()}" for n, v in scope["headers"] if n != b"host")
    await reply(send, 200, "|".join(told).encode() + b"|" + await read(receive))


GET = b"GET %b HTTP/1.1\r\nhost: a\r\n\r\n"


def post(body: bytes, *, path: bytes = b"/x") -> bytes:
    return b"POST %b HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n%b" % (path, len(body), body)


async def give_back(scope: Any, receive: Any, send: Any) -> None:
    await reply(send, 200, await read(receive))
