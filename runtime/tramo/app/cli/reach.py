"""How a verb reaches the API: a server over HTTP, or the data folder in this process.

A data folder that a server holds is reached through that server: it leaves its address and a token
of its own beside the data, readable by this user only.
"""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from tramo.app.port import SystemClock
from tramo.app.setting import Settings, load_settings
from tramo.model.problem import Problem, TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.outbound.failure import reason_of

SERVER_FILE = "server.json"
TIMEOUT_S = 60.0
STARTING_S = 10.0

Send = Callable[[str, str, bytes], Awaitable[tuple[int, bytes]]]


class Place(msgspec.Struct, frozen=True):
    """Where the person said the work is."""

    data: Path | None = None
    server: str | None = None
    token: str | None = None


class Api:
    """The API, wherever it is."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def call(
        self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None
    ) -> Any:
        """Make one call; raises TramoError with the server's own words, and for an empty name."""
        if "//" in path or path.endswith("/"):  # It would ask for the list that the name is in.
            raise TramoError("usage.empty", "A name or an id is empty; say which is meant.")
        wanted = {name: value for name, value in (query or {}).items() if value is not None}
        full = f"/api/v1{path}" + (f"?{urlencode(wanted, doseq=True)}" if wanted else "")
        status, raw = await self._send(method, full, b"" if body is None else encode(body))
        answer = decode(raw) if raw else None
        if status < 400:
            return answer
        raise _error(status, answer)


def _error(status: int, answer: Any) -> TramoError:
    said = answer if isinstance(answer, dict) else {}
    return TramoError(
        said.get("code", "server.error"),
        said.get("message", f"The server answered {status}."),
        path=said.get("path"),
        status=status,
        params=said.get("params"),
        problems=msgspec.convert(said.get("problems") or [], list[Problem]),
    )


@asynccontextmanager
async def reach(place: Place) -> AsyncIterator[Api]:
    """Open the API; raises TramoError that says why it cannot be reached."""
    if place.server is not None:
        yield Api(_http(place.server, place.token))
        return
    settings = load_settings(data=place.data)
    async with AsyncExitStack() as stack:
        yield await _reach_folder(settings, stack)


async def _reach_folder(settings: Settings, stack: AsyncExitStack) -> Api:
    running = await _running(settings.data)
    if running is None:
        try:
            return await _open_here(settings, stack)
        except TramoError as error:
            # A server began between the look and the opening: reach the folder through it.
            if error.code != "store.in_use" or not (running := await _running(settings.data)):
                raise
    return Api(_http(running["url"], running["token"]))


async def _open_here(settings: Settings, stack: AsyncExitStack) -> Api:
    from tramo.app.house import open_house

    house = await stack.enter_async_context(open_house(settings))
    token = house.accounts.local_token(Scope(house.workspace_id, "command line"))
    return Api(_in_process(_load_asgi()(house), token))


async def _running(data: Path) -> dict[str, str] | None:
    """Return how to reach the server that holds a data folder, if one does.

    A server that is just starting holds the folder before it can be reached: it is given a while.
    """
    from tramo.store.lock import is_locked

    path, clock = data / SERVER_FILE, SystemClock()
    deadline = clock.monotonic_s() + STARTING_S
    while is_locked(data / "tramo.lock"):
        if path.exists() and (said := path.read_bytes()):
            return decode(said)
        if clock.monotonic_s() > deadline:
            return None  # Opening the folder will say who is in the way.
        await clock.sleep(0.1)
    return None


def _load_asgi() -> Any:
    found = entry_points(group="tramo.web", name="asgi")
    if not found:
        raise TramoError("web.missing", "The web part of Tramo is not installed; reinstall tramo.")
    return next(iter(found)).load()


def _http(server: str, token: str | None) -> Send:
    base = server.rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise TramoError(
            "server.address",
            f"“{server}” is not the address of a server; write it as https://tramo.example.com.",
        )

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(  # noqa: S310 - the person names the server
            base + path, data=body or None, method=method, headers=_headers(token)
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (urllib.error.URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            why = reason_of(reason) if isinstance(reason, Exception) else str(reason)
            raise TramoError(
                "server.unreachable", f"{base} cannot be reached: {why}. Is it running?"
            ) from None

    async def in_thread(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        return await asyncio.to_thread(send, method, path, body)

    return in_thread


def _headers(token: str | None) -> dict[str, str]:
    headers = {"content-type": "application/json", "accept": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    return headers


def _in_process(asgi: Any, token: str) -> Send:
    async def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        target, _, query = path.partition("?")
        headers = [(name.encode(), value.encode()) for name, value in _headers(token).items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [*headers, (b"host", b"localhost"), (b"content-length", b"%d" % len(body))],
            "client": ("127.0.0.1", 0),
            "server": ("localhost", 80),
            "extensions": {},
            "state": {},
        }
        status, chunks = 500, []
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def answer(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await asgi(scope, receive, answer)
        return status, b"".join(chunks)

    return send
