"""A twin: a small stateful imitation of a vendor's API, so that flows run before anybody gives a
password.

A twin keeps plain state, answers the vendor's own addresses, remembers every request in its ledger
and can make the vendor's signed deliveries. It is honest only as far as its contract tests go.
"""

from __future__ import annotations

import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.http import Request, Response
from tramo.ports.identity import Ids
from tramo.sdk.webhook import Delivery

F = TypeVar("F", bound=Callable[..., Any])


class TwinRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the twin's handlers see it."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    params: dict[str, str] = {}
    """What the route's `{names}` matched."""

    def json(self) -> Any:
        return decode(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class LedgerEntry(msgspec.Struct, kw_only=True):
    """One thing that was asked of the twin, kept for people and tests to read."""

    at: int
    method: str
    path: str
    summary: str
    status: int
    body: Any = None


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON, numbers exact."""
    return Response(
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
        body=encode(value),
    )


def route(method: str, path: str) -> Callable[[F], F]:
    """Mark `async def f(self, request) -> Response` as the handler of an address; `{name}` matches
    a segment."""

    def mark(function: F) -> F:
        function.__twin_route__ = (method, path)  # type: ignore[attr-defined]
        return function

    return mark


Handler = Callable[[TwinRequest], Awaitable[Response]]


class Twin:
    """The base of every twin. Subclasses set `hosts`, keep all they know in `state`, and write
    routes."""

    hosts: ClassVar[tuple[str, ...]] = ()
    """Host names it answers for; `*.example.com` matches any one label."""
    LEDGER_LIMIT: ClassVar[int] = 1_000

    def __init__(self, *, clock: Clock, ids: Ids, credential: Mapping[str, Any]) -> None:
        self.clock = clock
        self.ids = ids
        self.credential = dict(credential)
        self.state: dict[str, Any] = self.fresh_state()
        self.ledger: list[LedgerEntry] = []
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        for name in dir(type(self)):
            mark = getattr(getattr(type(self), name), "__twin_route__", None)
            if mark is not None:
                method, path = mark
                pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
                self._routes.append((method, re.compile(pattern + r"\Z"), getattr(self, name)))

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        """Return the credential of a twin connection that a person makes without a password."""
        raise NotImplementedError(cls.__name__)

    def fresh_state(self) -> dict[str, Any]:
        """Return the state of a vendor account on its first day: plain values only."""
        return {}

    def summarise(self, request: TwinRequest, response: Response) -> str:
        """Say in a few words what a request did, for the ledger."""
        return f"{request.method} {request.path} → {response.status}"

    def happen(self, topic: str | None = None, payload: Any = None) -> Delivery | None:
        """Let something realistic happen at the vendor, and return the signed delivery it sends.

        With a topic, that thing; with a payload, exactly that body. None: this vendor delivers
        nothing.
        """
        del topic, payload
        return None

    def learn(self, type: str, output: Any) -> None:
        """Take up what a trigger's output says of this account, such as an order not seen before.

        Called for each event that a flow on this twin starts with, `type` being the trigger's node
        type: a vendor knows what it delivered. `output` is plain and may lack fields; what cannot
        be used raises nothing, and what is known already stays as it is.
        """
        del type, output

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Speak the vendor's protocol, for vendors that are not reached by HTTP."""
        del reader
        writer.close()

    # The runtime's side ----------------------------------------------------------------------

    async def send(self, request: Request) -> Response:
        """Answer a request that was meant for the vendor."""
        parts = urlsplit(request.url)
        seen = TwinRequest(
            method=request.method,
            host=parts.hostname or "",
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        response = await self._answer(seen)
        self.record(
            seen.method, seen.path, self.summarise(seen, response), response.status, seen.body
        )
        return response

    def record(self, method: str, path: str, summary: str, status: int, body: bytes) -> None:
        """Write one line into the ledger."""
        try:
            shown = decode(body) if body else None
        except ValueError:
            shown = body.decode("utf-8", "replace")
        self.ledger.append(
            LedgerEntry(
                at=self.clock.now_ms(),
                method=method,
                path=path,
                summary=summary,
                status=status,
                body=shown,
            )
        )
        del self.ledger[: -self.LEDGER_LIMIT]

    async def _answer(self, request: TwinRequest) -> Response:
        known_path = False
        for method, pattern, handler in self._routes:
            match = pattern.match(request.path)
            if match is None:
                continue
            known_path = True
            if method == request.method:
                return await handler(msgspec.structs.replace(request, params=match.groupdict()))
        return json_response({"error": "not found"}, 405 if known_path else 404)

    def dump(self) -> bytes:
        """Return everything the twin knows, for keeping over a restart."""
        return encode({"state": self.state, "ledger": self.ledger})

    def load(self, data: bytes) -> None:
        """Take up what `dump` returned."""
        kept = decode(data)
        self.state = kept["state"]
        self.ledger = msgspec.convert(kept["ledger"], list[LedgerEntry])
