"""What an action is handed: the vendor's door, the account, the key of its effect, the time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping
from typing import Any, Generic, TypeVar

from tramo.ports.http import Response
from tramo.sdk.param import Credential

C = TypeVar("C", bound=Credential)


class HttpClient(ABC):
    """The connection's way out. Address, credentials, deadlines, limits and redaction are done
    here.

    A path is taken relative to the connector's `base_url`. Answers are mapped to error classes: 401
    and 403 raise CredentialRefused, 429 and 5xx Transient, other 4xx Rejected; statuses in `accept`
    are returned.
    """

    @abstractmethod
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
    ) -> Response:
        """Send one request.

        `safe` says that it changes nothing at the vendor (default: true for GET and HEAD); say it
        for a query that travels as POST, so that a lost answer to it is not taken for a doubt.
        """

    async def get(self, url: str, **options: Any) -> Response:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Response:
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Any) -> Response:
        return await self.request("PUT", url, **options)

    async def patch(self, url: str, **options: Any) -> Response:
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str, **options: Any) -> Response:
        return await self.request("DELETE", url, **options)


class Context(ABC, Generic[C]):
    """One attempt of one step, as the action sees it."""

    http: HttpClient
    credential: C
    """The account's fields. The runtime has already put the secrets where `auth` says."""
    connection_id: str
    key: str
    """The effect key: 32 hexadecimal digits, the same at every attempt of this effect."""
    attempt: int
    language: str
    timezone: str
    now: str
    """The journalled start of the step, RFC 3339."""

    def uuid_key(self) -> str:
        """Return the effect key in the form of a UUID, for vendors that ask for one."""
        k = self.key
        return f"{k[:8]}-{k[8:12]}-8{k[13:16]}-a{k[17:20]}-{k[20:32]}"

    @abstractmethod
    async def connect(self, host: str, port: int) -> Any:
        """Open a checked and pinned connection for protocols other than HTTP.

        Returns a connected, non-blocking `socket.socket` that the caller closes; TLS is the
        caller's, with `host` as the name to verify. Nothing counts as sent until `sending` is
        called. Raises Transient (settled) when nobody answers, and BadParams for a host that this
        connection may not reach.
        """

    @abstractmethod
    async def run_python(self, source: str, inputs: Mapping[str, Any], *, timeout_s: float) -> Any:
        """Run a person's program where it reaches nothing, and return its plain result.

        Its clock stands at `now`, its chance follows from `key`; what it prints goes to the run's
        log. Raises Rejected with the line and column of what it did wrong, BadParams for inputs
        that cannot be handed to it, and Unavailable where there is nothing to run it with.
        """

    @abstractmethod
    def sending(self) -> None:
        """Say that from here on the vendor may have acted; `http` says it by itself."""

    @abstractmethod
    def add_key(self, kind: str, value: str) -> None:
        """Note a business key that this step touched, such as the order it created."""

    @abstractmethod
    def log(self, message: str, **fields: Any) -> None:
        """Write a line to the run's log, redacted."""
