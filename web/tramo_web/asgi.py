"""The ASGI application: a thin router before the framework.

Deliveries go straight to the house's door; the API goes to Litestar; every other address is a page
or an asset. Any ASGI server can serve it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from tramo.app.watch.ready import stopping
from tramo.model import limit
from tramo.model.problem import TramoError

from tramo_web import form, watch
from tramo_web.answer import FORM_BYTES, AnswerPage
from tramo_web.arrival import BODY_WITHIN_S, Gone, Patience, read_bytes
from tramo_web.front import Front
from tramo_web.header import DOOR, Headers, api_headers
from tramo_web.http.exchange import ARRIVED
from tramo_web.line import PING_S, Lines
from tramo_web.pack import pack, takes_packed
from tramo_web.problem import (
    MEDIA_TYPE,
    problem_body,
    problem_headers,
    unexpected,
    unknown_address,
)
from tramo_web.sentence import read_language
from tramo_web.static import FOLDER, Answer, Static

if TYPE_CHECKING:
    from litestar import Litestar
    from tramo.app.house import House

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DOOR_WITHIN_S: Final = 2.0
DOOR_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
HEADERS_MOST: Final = 100
HEADER_BYTES: Final = 32 * 1024
GRACE_S: Final = 10.0
_BROKEN: Final = TramoError(
    "request.broken",
    "The body broke off before its end. Nothing was stored; send it again.",
    status=400,
)

_log = logging.getLogger("tramo.web")


class Application:
    """One house on the web."""

    def __init__(
        self,
        open_house: Callable[[], AbstractAsyncContextManager[House]],
        front: Front,
        *,
        static: Path = FOLDER,
        ping_s: float = PING_S,
    ) -> None:
        self._open_house = open_house
        self._front = front
        self._static = Static(static, secure=front.is_secure)
        self._forms = form.FormPage(secure=front.is_secure)
        self._api_headers = api_headers(secure=front.is_secure)
        self._ping_s = ping_s
        self._api: Litestar | None = None
        self._loading = threading.Lock()
        self.lines = Lines()
        """The live lines that are open now."""
        self._house: House | None = None
        self.patience = Patience(DOOR_WITHIN_S)
        self._in_flight = 0
        self._idle = asyncio.Event()

    def enter(self, house: House) -> None:
        """Serve this house from now on."""
        self._house = house
        if self._api is not None:
            self._api.state.house = house

    def load_api(self) -> Litestar:
        """Return the API, ready to serve the house, loading it first where that was not done.

        Loading the framework takes as long as a fifth of a start, and nobody needs it to take
        deliveries: a server does it in a thread once it serves.
        """
        with self._loading:
            if self._api is None:
                from tramo_web.api import build_api

                api = build_api()
                api.state.front = self._front
                api.state.lines = self.lines
                api.state.ping_s = self._ping_s
                api.state.house = self._house
                self._api = api
        return self._api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            self._in_flight += 1
            try:
                await self._http(scope, receive, send)
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1003})

    # Life --------------------------------------------------------------------------------------

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            try:
                self.enter(await stack.enter_async_context(self._open_house()))
            except TramoError as error:
                await send({"type": "lifespan.startup.failed", "message": error.message})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self.drain()
        await send({"type": "lifespan.shutdown.complete"})

    def end_lines(self) -> None:
        """End the live lines: they never end by themselves, and would hold a stop up."""
        if self._house is not None:
            self._house.live.close()

    async def drain(self, grace_s: float = GRACE_S) -> None:
        """Let requests in flight end."""
        self.end_lines()
        self._idle.clear()
        if self._in_flight:
            try:
                async with asyncio.timeout(grace_s):
                    await self._idle.wait()
            except TimeoutError:
                _log.warning("requests still in flight at the end count=%d", self._in_flight)

    # Requests ----------------------------------------------------------------------------------

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        raw: Headers = scope["headers"]
        is_door = path.startswith("/in/")
        extra = DOOR if is_door else self._api_headers
        try:
            headers = _read_headers(raw)
            if not is_door and path in watch.PATHS:
                answer = await self._watched(scope, headers)
                await _reply(send, scope, answer.status, answer.headers + extra, answer.body)
                return
            if self._house is None:
                raise TramoError("server.starting", "Tramo is starting. Try again.", status=503)
            if self._house.is_worker:
                raise unknown_address()
            if self._house.stopping:
                raise stopping()
            if is_door:
                await self._deliver(scope, headers, receive, send)
                return
            host = headers.get("host", "")
            if not self._front.knows_host(host):
                raise _unknown_host(host)
            if path.startswith("/api/"):
                await self._call_api(scope, receive, send)
                return
            if path.startswith("/answer/"):
                answer = await self._answer(scope, headers, receive)
            elif path.startswith("/form/"):
                answer = await self._form(scope, headers, receive)
            else:
                answer = self._static.answer(scope["method"], path, headers)
            await _reply(send, scope, answer.status, answer.headers, answer.body)
        except Gone:  # Or a body that is not framed as it says: that client waits for an answer.
            await _refuse(send, scope, _BROKEN, extra)
        except TramoError as error:
            if self._house is not None:
                self._house.tally.turned_away(error.status, error.code, is_door=is_door)
            await _refuse(send, scope, error, extra)
        except Exception:  # noqa: BLE001 - whatever it is, the client gets a plain sentence
            reference = self._house.ids.token()[:8] if self._house else "start"
            _log.exception("request failed reference=%s %s", reference, scope["method"])
            await _refuse(send, scope, unexpected(reference), extra)

    async def _watched(self, scope: Scope, headers: dict[str, str]) -> Answer:
        """Tell a balancer or Prometheus how things stand."""
        host = headers.get("host", "")
        if not (self._front.knows_host(host) or watch.is_for_any_host(scope["path"], headers)):
            raise _unknown_host(host)
        return await watch.answer(self._house, self._front, scope, headers)

    async def _call_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = self._api or await asyncio.to_thread(self.load_api)
        from tramo_web.repeat import answer_once

        answer = _Answer(send, self._api_headers, packs=takes_packed(scope["headers"]))
        try:
            await answer_once(api, scope, receive, answer.send)
        except Exception:
            if not answer.started:
                raise
            _log.exception("an answer broke off %s", scope["method"])

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Answer:
        """Show a question, or take the answer to it."""
        assert self._house is not None
        house, secure = self._house, self._front.is_secure
        page = AnswerPage(house.approvals, house.ids, secure=secure)
        method, token = scope["method"], scope["path"].removeprefix("/answer/")
        language = read_language(headers.get("accept-language"))
        if method in ("GET", "HEAD"):
            chosen = _read_query(scope["query_string"]).get("port", "")
            return await page.show(token, chosen, language)
        if method != "POST":
            raise TramoError("request.method", "Answers are sent by POST.", status=405)
        body = await read_bytes(
            receive,
            most=FORM_BYTES,
            within_s=BODY_WITHIN_S,
            declared=headers.get("content-length"),
        )
        return await page.take(token, _read_query(body), language)

    async def _form(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Answer:
        """Show a form, or take what was entered."""
        assert self._house is not None
        method, address = scope["method"], scope["path"].removeprefix("/form/")
        test = address.startswith("test/")
        address = address.removeprefix("test/")
        language = read_language(headers.get("accept-language"))
        if method in ("GET", "HEAD"):
            return await self._forms.show(self._house.forms, address, test, language)
        if method != "POST":
            raise TramoError("request.method", "Answers are sent by POST.", status=405)
        body = await read_bytes(
            receive,
            most=form.BODY_BYTES,
            within_s=BODY_WITHIN_S,
            declared=headers.get("content-length"),
        )
        client = (scope.get("client") or ("unknown",))[0]
        return await self._forms.take(
            self._house.forms, self._house.clock, address, test, headers, body, client, language
        )

    async def _deliver(
        self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        assert self._house is not None
        began_s = self._house.clock.monotonic_s()
        method = scope["method"]
        if method not in DOOR_METHODS:
            raise TramoError("request.method", "Deliveries are sent by POST.", status=405)
        body = await self.patience.read_bytes(
            receive,
            most=self._house.settings.delivery_mb * limit.DELIVERY_BYTES,
            declared=headers.get("content-length"),
            arrived=ARRIVED in scope,
        )
        address = scope["path"][4:]
        test = address.startswith("test/")
        query = scope["query_string"]
        answer = await self._house.door.deliver(
            address[5:] if test else address,
            method=method,
            headers=headers,
            query=_read_query(query) if query else {},
            body=body,
            test=test,
        )
        self._house.tally.delivered(answer.became, self._house.clock.monotonic_s() - began_s)
        own = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in answer.headers.items()]
        await _reply(send, scope, answer.status, own + DOOR, answer.body)


def build_app(house: House, **options: Any) -> Application:
    """Return an application for a house that is already open; it needs no lifespan."""
    app = Application(lambda: nullcontext(house), Front.of(house.settings), **options)
    app.enter(house)
    return app


def _read_headers(raw: Headers) -> dict[str, str]:
    """Return headers by lower-case name; one sent twice becomes a long value that fits nothing.

    Raises TramoError for more than anybody needs.
    """
    headers: dict[str, str] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value)
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    if size > HEADER_BYTES or len(raw) > HEADERS_MOST:
        raise TramoError("request.headers", "The headers are too large.", status=431)
    return headers


def _read_query(query: bytes) -> dict[str, str]:
    """Read a query string, or a form."""
    try:
        return dict(
            parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=1_000)
        )
    except ValueError:
        raise TramoError(
            "request.query_long", "The address has more than 1,000 query parameters."
        ) from None


def _unknown_host(host: str) -> TramoError:
    return TramoError(
        "request.host",
        f"This server does not answer as “{host[:100]}”. Open it by the address it printed at its "
        "start, or set TRAMO_PUBLIC_URL.",
        status=421,
        params={"host": host[:100]},
    )


class _Answer:
    """Puts our headers on an answer, unless the answer has its own, and packs one sent whole."""

    def __init__(self, send: Send, extra: Headers, *, packs: bool) -> None:
        self._send = send
        self._extra = extra
        self._packs = packs
        self._start: Message | None = None
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            missing = [header for header in self._extra if header[0] not in names]
            message = {**message, "headers": given + missing}
            if self._packs:
                # How long the body is decides what the headers say of it.
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body", False):
                headers, body = pack(start["headers"], message.get("body", b""))
                start, message = {**start, "headers": headers}, {**message, "body": body}
            self.started = True
            await self._send(start)
        self.started = True
        await self._send(message)


async def _refuse(send: Send, scope: Scope, error: TramoError, extra: Headers) -> None:
    accept = next((v for n, v in scope["headers"] if n.lower() == b"accept-language"), b"")
    language = read_language(accept.decode("latin-1"))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        *((n.encode(), v.encode()) for n, v in problem_headers(error).items()),
        *extra,
    ]
    await _reply(send, scope, error.status, headers, problem_body(error, language))


async def _reply(send: Send, scope: Scope, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    whole = headers if status in (204, 304) else [*headers, length]
    await send({"type": "http.response.start", "status": status, "headers": whole})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent, "more_body": False})
