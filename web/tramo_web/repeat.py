"""`Idempotency-Key` on writes: whoever did not hear the answer may ask again.

It stands before the framework, so that every write has it and no route knows of it. Only people and
tokens that are known have a memory; what a stranger sends is carried out as it comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar.connection import ASGIConnection
from tramo.app.repeat import Call, Repeats
from tramo.model import limit
from tramo.model.problem import TramoError
from tramo.model.value import decode, encode

from tramo_web.arrival import BODY_WITHIN_S, read_bytes
from tramo_web.auth import SAFE, identify

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEADER: Final = "idempotency-key"
KEY_LENGTH: Final = 200
KEPT_BYTES: Final = 256 * 1024
SECRET: Final = ("/api/v1/tokens", "/api/v1/invitations", "/api/v1/session", "/api/v1/accounts")
"""Their answers hold what is shown once: it is kept nowhere."""
PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Asked twice within a day under one key, a call is carried out once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH},
}
"""How the API's description tells of it."""
REPLAYED: Final = (b"idempotency-replayed", b"true")
_KEPT_HEADERS: Final = frozenset({b"content-type", b"etag", b"content-language", b"location"})


async def answer_once(api: Any, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Pass a request on to the API, or answer it as the same call was answered before."""
    key = _key(scope)
    if key is None or scope["method"] in SAFE:
        await api(scope, receive, send)
        return
    if not 1 <= len(key) <= KEY_LENGTH or not key.isprintable() or not key.isascii():
        raise TramoError(
            "repeat.key",
            f"An Idempotency-Key is 1 to {KEY_LENGTH} plain characters, such as a UUID.",
            params={"most": KEY_LENGTH},
        )
    house = api.state.house
    connection: Any = ASGIConnection(scope)  # type: ignore[arg-type]
    caller = await identify(connection, house.accounts, api.state.front)
    if caller is None:
        await api(scope, receive, send)
        return
    declared = next((v.decode() for n, v in scope["headers"] if n == b"content-length"), None)
    body = await read_bytes(
        receive, most=limit.FLOW_DOCUMENT_BYTES, within_s=BODY_WITHIN_S, declared=declared
    )
    asked = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], body)
    call, repeats = Call(caller.secret, key, *asked), house.repeats
    with repeats.going(call):
        kept = await repeats.find(call)
        if kept is not None:
            headers = [(n.encode(), v.encode()) for n, v in decode(kept.headers)]
            start = {"status": kept.status, "headers": [*headers, REPLAYED]}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": kept.body or b""})
            return
        heard = _Heard(send)
        await api(scope, _again(body, receive), heard.send)
        await _keep(repeats, call, scope["path"], heard)


def _key(scope: dict[str, Any]) -> str | None:
    found = [v for n, v in scope["headers"] if n.lower() == HEADER.encode()]
    return ", ".join(value.decode("latin-1") for value in found) if found else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read already, then whatever the client says next."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give


async def _keep(repeats: Repeats, call: Call, path: str, heard: _Heard) -> None:
    if not 200 <= heard.status < 300:
        return
    headers = [(n.decode(), v.decode()) for n, v in heard.headers if n.lower() in _KEPT_HEADERS]
    whole = len(heard.body) <= KEPT_BYTES and not path.startswith(SECRET)
    await repeats.keep(call, heard.status, encode(headers), bytes(heard.body) if whole else None)


class _Heard:
    """Passes an answer on and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif len(self.body) <= KEPT_BYTES:
            self.body += message.get("body", b"")
        await self._send(message)
