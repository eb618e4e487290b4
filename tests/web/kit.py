"""What the tests of people and of the web share: a clock moved by hand, a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from tramo.app.password import Passwords
from tramo.model.value import decode, encode


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)


def fast_passwords() -> Passwords:
    """Return real argon2 at its lowest cost."""
    return Passwords(time_cost=1, memory_kib=8)


class Answer(msgspec.Struct):
    """What an application answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, empty where it is missing; sent twice counts as an error."""
        found = [value for key, value in self.headers if key == name]
        assert len(found) < 2, f"{name} was sent twice"
        return found[0] if found else ""

    @property
    def json(self) -> Any:
        return decode(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]


class Browser:
    """Speaks ASGI as a browser does: one cookie jar, our own Origin, the CSRF token once known."""

    def __init__(self, app: Any, *, host: str = "127.0.0.1:8700", token: str = "") -> None:
        self.app = app
        self.host = host
        self.token = token
        self.cookie = ""
        self.csrf = ""

    def headers(self, method: str) -> dict[str, str]:
        headers = {"host": self.host}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if self.cookie:
            headers["cookie"] = self.cookie
        if method not in ("GET", "HEAD") and not self.token:
            headers["origin"] = f"http://{self.host}"
            headers["sec-fetch-site"] = "same-origin"
            headers["x-csrf-token"] = self.csrf
        return headers

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        address: str = "127.0.0.1",
        **headers: str | None,
    ) -> Answer:
        """Send one request; a header given as None is left out."""
        sent = raw if raw is not None else b"" if body is None else encode(body)
        found = self.headers(method)
        if sent:
            found["content-type"] = "application/json"
        for name, value in headers.items():
            found.pop(name.replace("_", "-"), None)
            if value is not None:
                found[name.replace("_", "-")] = value
        answer = await send(self.app, method, path, found, [sent], address=address)
        for key, value in answer.headers:
            if key == "set-cookie":
                pair = value.partition(";")[0]
                self.cookie = pair if pair.partition("=")[2] else ""
        if answer.headers and b'"csrf"' in answer.body:
            self.csrf = answer.json["csrf"]
        return answer

    async def enter(self, link: dict[str, str]) -> Answer:
        """Follow a sign-in link."""
        token = link["url"].partition("#t=")[2]
        return await self.call("POST", "/api/v1/links/redeem", {"token": token})


async def send(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str] | list[tuple[str, str]],
    chunks: Sequence[bytes] = (b"",),
    *,
    address: str = "127.0.0.1",
    hold: asyncio.Event | None = None,
) -> Answer:
    """Send one request in-process; after its chunks the client waits on `hold`, then is gone."""
    target, _, query = path.partition("?")
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(target),
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "client": (address, 50_000),
        "server": ("127.0.0.1", 8700),
        "extensions": {},
        "state": {},
    }
    waiting = list(chunks)
    answer = Answer(0, [], b"")

    async def receive() -> dict[str, Any]:
        if waiting:
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}
        if hold is not None:
            await hold.wait()
        return {"type": "http.disconnect"}

    async def take(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert answer.status == 0, "the answer began twice"
            answer.status = message["status"]
            answer.headers = [
                (name.decode().lower(), value.decode()) for name, value in message["headers"]
            ]
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, take)
    return answer
