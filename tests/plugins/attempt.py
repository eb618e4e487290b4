"""One attempt of one action against a twin, for the tests of connectors.

It speaks to the twin through the port that the runtime's client stands on, maps statuses as the
sdk promises, and notes what went out, so that a test can look at it.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Container, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

import msgspec
from tramo import sdk
from tramo.ports.http import Interrupted, Request

START_MS = 1_760_000_000_000
C = TypeVar("C", bound=sdk.Credential)


class FrozenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now

    def monotonic_s(self) -> float:
        return self.now / 1000

    async def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class CountingIds:
    """Ids in the order they were asked for."""

    def __init__(self) -> None:
        self.count = 0

    def new(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"

    def token(self) -> str:
        self.count += 1
        return f"token-{self.count}"

    def fraction(self) -> float:
        return 0.5


def make_twin(definition: sdk.Definition, clock: FrozenClock | None = None) -> Any:
    """Return a fresh twin of a connector with its demo credential."""
    kind = definition.twin
    return kind(clock=clock or FrozenClock(), ids=CountingIds(), credential=kind.demo_credential())


class Client(sdk.HttpClient):
    """Sends to the twin, or to whatever answers in its place, as the definition's `auth` says."""

    def __init__(self, definition: sdk.Definition, credential: Any, twin: Any) -> None:
        self.definition = definition
        self.credential = credential
        self.twin = twin
        self.sent: list[Request] = []
        self.in_doubt = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        timeout_s: float = 30.0,
        accept: Container[int] = (),
    ) -> sdk.Response:
        head = {name.lower(): value for name, value in (headers or {}).items()} | self._auth()
        if json is not None:
            head["content-type"], body = "application/json", sdk.encode(json)
        elif form is not None:
            head["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode()
        fields = msgspec.structs.asdict(self.credential)
        address = urljoin((self.definition.base_url or "").format_map(fields), url)
        if query:
            address += "?" + urlencode(query)
        request = Request(method=method, url=address, headers=head, body=body or b"")
        self.sent.append(request)
        self.in_doubt |= not (method in ("GET", "HEAD") if safe is None else safe)
        try:
            response = await self.twin.send(request)
        except Interrupted as lost:
            raise sdk.Transient("The answer was lost.") from lost
        return self._judge(response, accept)

    def _auth(self) -> dict[str, str]:
        auth = self.definition.auth
        if isinstance(auth, sdk.Bearer):
            return {"authorization": f"Bearer {getattr(self.credential, auth.field)}"}
        if isinstance(auth, sdk.Header):
            return {auth.name.lower(): getattr(self.credential, auth.field)}
        if isinstance(auth, sdk.Basic):
            user = getattr(self.credential, auth.user_field)
            pair = f"{user}:{getattr(self.credential, auth.password_field)}"
            return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return {}

    def _judge(self, response: sdk.Response, accept: Container[int]) -> sdk.Response:
        status = response.status
        if status < 400 or status in accept:
            return response
        if status in (401, 403):
            raise sdk.CredentialRefused("The vendor does not accept the credential.")
        if status == 429:
            wait_s = float(response.headers.get("retry-after", "1"))
            raise sdk.Transient("The vendor asks to wait.", retry_after_s=wait_s, settled=True)
        if status >= 500:
            raise sdk.Transient("The vendor failed.")
        raise sdk.Rejected(f"The vendor refused ({status}).")


class Attempt(sdk.Context[C]):
    """A context over a twin. `doubt`: a failure now would leave the outcome unknown."""

    def __init__(
        self, definition: sdk.Definition, twin: Any, *, credential: Any = None, key: str = "ab" * 16
    ) -> None:
        assert definition.credential is not None
        fields = twin.demo_credential() if credential is None else credential
        self.definition = definition
        self.twin = twin
        self.credential = msgspec.convert(fields, definition.credential)
        self.client = Client(definition, self.credential, twin)
        self.http = self.client
        self.connection_id = "conn_test"
        self.key = key
        self.attempt = 1
        self.language = "en"
        self.timezone = "UTC"
        self.now = "2026-11-20T10:00:00Z"
        self.keys: set[tuple[str, str]] = set()
        self.lines: list[str] = []
        self.connected_to: list[tuple[str, int]] = []
        self.said_sending = False
        self._served: set[asyncio.Task[None]] = set()

    @property
    def doubt(self) -> bool:
        return self.said_sending or self.client.in_doubt

    async def act(self, name: str, **params: Any) -> Any:
        """Run an action on plain params, as a step does, and return its plain output."""
        action = self.definition.actions[f"{name}@1"]
        assert action.run is not None
        return sdk.plain(await action.run(self, msgspec.convert(params, action.params)))

    async def probe(self, name: str, **params: Any) -> sdk.ProbeResult:
        """Ask an action's probe about the effect."""
        action = self.definition.actions[f"{name}@1"]
        assert action.probe is not None
        return await action.probe(self, msgspec.convert(params, action.params))

    async def connect(self, host: str, port: int) -> socket.socket:
        self.connected_to.append((host, port))
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=theirs)
        self._served.add(asyncio.ensure_future(self.twin.serve(reader, writer)))
        return ours

    def sending(self) -> None:
        self.said_sending = True

    def add_key(self, kind: str, value: str) -> None:
        self.keys.add((kind, value))

    def log(self, message: str, **fields: Any) -> None:
        self.lines.append(message)
