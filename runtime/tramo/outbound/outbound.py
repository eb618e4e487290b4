"""Makes the way out of each call: which connection, which transport, which secrets to mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec

from tramo import __version__
from tramo.model.connection import Connection
from tramo.outbound.address import AddressPolicy
from tramo.outbound.client import Account
from tramo.outbound.context import CallContext, Dial
from tramo.outbound.host import reach_of
from tramo.outbound.pause import Pause
from tramo.outbound.redact import Redactor
from tramo.outbound.resolver import Resolver, SystemResolver
from tramo.outbound.stream import open_socket
from tramo.outbound.twin import TwinHouse
from tramo.ports.clock import Clock
from tramo.ports.http import Http, Request, Response
from tramo.ports.sandbox import Sandbox
from tramo.sdk import Credential, Definition, secret_fields

USER_AGENT: Final = f"Tramo/{__version__}"

_secret_fields = lru_cache(maxsize=256)(secret_fields)


class Outbound:
    """The one door out of this process."""

    def __init__(
        self,
        *,
        clock: Clock,
        twins: TwinHouse,
        private_hosts: Iterable[str] = (),
        resolver: Resolver | None = None,
        sandbox: Sandbox | None = None,
        measured: Callable[[str, Http], Http] = lambda _connector, way: way,
    ) -> None:
        self.twins = twins
        self._measured = measured
        """Puts whoever measures requests around a connector's way out."""
        self._sandbox = sandbox
        self._clock = clock
        self._policy = AddressPolicy(private_hosts)
        self._resolver = resolver or SystemResolver()
        self.pause = Pause(clock)
        self._transport: Any = None
        self._accounts: dict[str, Account] = {}

    def context(
        self,
        definition: Definition,
        connection: Connection | None = None,
        credential: Credential | None = None,
        *,
        key: str = "",
        attempt: int = 1,
        language: str = "en",
        timezone: str = "UTC",
        now: str = "",
        may_send: Callable[[], bool] = lambda: True,
    ) -> CallContext:
        """Return the Context for one attempt.

        Raises BadParams when a public field of the connection cannot be part of an address, and
        Unavailable for a twin that does not exist.
        """
        account = self._account(definition, connection, credential)
        http, dial = self._ways(account, connection)
        return CallContext(
            account,
            connection_id=connection.id if connection is not None else "",
            http=self._measured(definition.id, http),
            dial=dial,
            clock=self._clock,
            pause=self.pause,
            user_agent=USER_AGENT,
            key=key,
            attempt=attempt,
            language=language,
            timezone=timezone,
            now=now,
            may_send=may_send,
            sandbox=self._sandbox,
        )

    def _account(
        self,
        definition: Definition,
        connection: Connection | None,
        credential: Credential | None,
    ) -> Account:
        """Return what follows from a credential, worked out once for as long as it is the same."""
        id = connection.id if connection is not None else definition.id
        known = self._accounts.get(id)
        if known is not None and known.credential is credential and known.definition is definition:
            return known
        fields = _fields(credential)
        secret = _secret_fields(type(credential)) if credential is not None else frozenset()
        account = self._accounts[id] = Account(
            id=id,
            definition=definition,
            credential=credential,
            reach=reach_of(
                definition, {name: value for name, value in fields.items() if name not in secret}
            ),
            redactor=Redactor(value for name in secret if isinstance(value := fields[name], str)),
        )
        return account

    def _ways(self, account: Account, connection: Connection | None) -> tuple[Http, Dial]:
        if connection is not None and connection.target == "twin":
            fields = _fields(account.credential)
            twin = self.twins.open(connection.id, account.definition, fields)
            return twin, twin.open_socket

        async def dial(host: str, port: int) -> Any:
            return await open_socket(host, port, resolver=self._resolver, policy=self._policy)

        return self, dial

    async def send(self, request: Request) -> Response:
        """Send a request to the real world; see tramo.ports.http.Http."""
        if self._transport is None:
            # Loaded at the first use: aiohttp takes a third of a second, and the CLI has less.
            from tramo.outbound.transport import AiohttpTransport

            self._transport = AiohttpTransport(policy=self._policy, resolver=self._resolver)
        return await self._transport.send(request)

    async def close(self) -> None:
        """Close every connection to the world."""
        if self._transport is not None:
            await self._transport.close()
            self._transport = None


def _fields(credential: Credential | None) -> dict[str, Any]:
    return {} if credential is None else msgspec.structs.asdict(credential)
