"""HTTP to the real world: checked and pinned addresses, one deadline, capped answers, no cookies.

Follows no redirect and knows no credential; that is the client's part.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tramo.model.limit import RESPONSE_BYTES
from tramo.outbound.address import AddressPolicy, literal_address
from tramo.outbound.failure import TooLarge, reason_of
from tramo.outbound.header import SAFE_METHODS, check_headers, check_method
from tramo.outbound.resolver import Resolver, SystemResolver, find_addresses
from tramo.outbound.url import read_url
from tramo.ports.http import Interrupted, NotSent, Request, Response

_AUTO_HEADERS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_CONNECTIONS: Final = 200
_IDLE_S: Final = 15.0


class _Flight:
    """One request on its way: whether a connection was handed to it."""

    __slots__ = ("method", "sent")

    def __init__(self, method: str) -> None:
        self.method = method
        self.sent = False


_flight: ContextVar[_Flight] = ContextVar("flight")


class _PinningResolver(AbstractResolver):
    """Gives aiohttp numeric addresses that were judged, so that nothing is resolved again."""

    def __init__(self, resolver: Resolver, policy: AddressPolicy) -> None:
        self._resolver = resolver
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in await find_addresses(host, self._resolver, self._policy)
        ]

    async def close(self) -> None:
        pass


class _CheckedConnector(aiohttp.TCPConnector):
    """Hands out a connection only after looking at who is really at its other end."""

    def __init__(self, policy: AddressPolicy, **options: Any) -> None:
        super().__init__(**options)
        self._policy = policy

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
        flight = _flight.get()
        if flight.sent and flight.method not in SAFE_METHODS:
            # aiohttp repeats PUT and DELETE after a reset. Whether to repeat is not ours to say.
            raise aiohttp.ClientConnectionError("the connection broke off")
        connection = await super().connect(req, traces, timeout)
        peer = connection.transport and connection.transport.get_extra_info("peername")
        if not peer or not self._policy.allows(req.url.raw_host or "", ip_address(peer[0])):
            connection.close()
            raise aiohttp.ClientConnectionError("the connection led to another address")
        flight.sent = True
        return connection


class AiohttpTransport:
    """Sends requests over the network. One session, made at the first request, for the process."""

    def __init__(
        self,
        *,
        policy: AddressPolicy | None = None,
        resolver: Resolver | None = None,
        response_bytes: int = RESPONSE_BYTES,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._resolver = resolver or SystemResolver()
        self._response_bytes = response_bytes
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        """Send one request; see tramo.ports.http.Http."""
        check_method(request.method)
        url = read_url(request.url)
        check_headers(request.headers)
        literal = literal_address(url.host)
        if literal is not None:  # aiohttp asks the resolver for names only
            self._policy.check(url.host, [literal])
        flight = _Flight(request.method)
        token = _flight.set(flight)
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._exchange(request, str(url))
        except TimeoutError:
            raise _failure(flight, url.host, f"no answer within {request.timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _failure(flight, url.host, _reason(error)) from None
        finally:
            _flight.reset(token)

    async def _exchange(self, request: Request, url: str) -> Response:
        async with self._open_session().request(
            request.method,
            URL(url, encoded=True),
            headers={**request.headers, "Accept-Encoding": "gzip, deflate"},
            data=request.body or None,
            allow_redirects=False,
        ) as answer:
            declared = answer.content_length
            if declared is not None and declared > self._response_bytes:
                raise self._too_large()
            body = bytearray()
            async for chunk in answer.content.iter_any():
                body += chunk
                if len(body) > self._response_bytes:
                    raise self._too_large()
            headers: dict[str, str] = {}
            for name, value in answer.headers.items():
                name = name.lower()
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
            encoding = headers.pop("content-encoding", "identity").strip().lower()
            return Response(
                status=answer.status,
                headers=headers,
                body=self._decompress(bytes(body), encoding),
                url=url,
            )

    def _decompress(self, body: bytes, encoding: str) -> bytes:
        """Undo gzip or deflate without ever holding more than the cap."""
        if encoding in ("identity", "") or not body:
            return body
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise Interrupted(f"The answer is compressed as “{encoding[:20]}”, unasked.")
        try:
            return self._inflate(body, wbits=47)
        except zlib.error:
            if encoding != "deflate":
                raise Interrupted("The compressed answer is damaged.") from None
        try:
            return self._inflate(body, wbits=-15)  # some servers leave deflate's own header out
        except zlib.error:
            raise Interrupted("The compressed answer is damaged.") from None

    def _inflate(self, body: bytes, wbits: int) -> bytes:
        out = bytearray()
        while body:
            inflater = zlib.decompressobj(wbits)
            out += inflater.decompress(body, self._response_bytes + 1 - len(out))
            if len(out) > self._response_bytes:
                raise self._too_large()
            if not inflater.eof:
                raise Interrupted("The compressed answer broke off.")
            body = inflater.unused_data
        return bytes(out)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The answer is larger than {self._response_bytes:,} bytes.")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_CheckedConnector(
                    self._policy,
                    resolver=_PinningResolver(self._resolver, self._policy),
                    ssl=self._tls or True,
                    limit=_CONNECTIONS,
                    ttl_dns_cache=10,
                    keepalive_timeout=_IDLE_S,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                skip_auto_headers=_AUTO_HEADERS,
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _reason(error: Exception) -> str:
    """Say in plain words why an exchange failed; aiohttp's own words are for programmers."""
    match error:
        case aiohttp.ServerDisconnectedError():
            return "the connection was cut"
        case aiohttp.ClientPayloadError():
            return "it broke off in the middle"
        case aiohttp.ClientResponseError():
            return "it is not HTTP"
        case _:
            return reason_of(error)


def _failure(flight: _Flight, host: str, reason: str) -> NotSent | Interrupted:
    """Say what a failed exchange means: could anything have arrived?"""
    if flight.sent:
        return Interrupted(f"{host} was reached, but the answer failed: {reason}.")
    return NotSent(f"{host} could not be reached: {reason}.")
