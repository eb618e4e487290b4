"""What an action, a connection test or a choice list is handed: the sdk's Context, made real."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tramo.model.event import Key
from tramo.outbound.client import Account, Attempt, Client, check_may_send
from tramo.outbound.failure import AddressRefused
from tramo.outbound.pause import Pause
from tramo.outbound.redact import Redactor
from tramo.ports.clock import Clock
from tramo.ports.http import Http, NotSent
from tramo.ports.sandbox import Sandbox
from tramo.sdk import BadParams, Context, Transient, Unavailable

Dial = Callable[[str, int], Awaitable[socket.socket]]


class CallContext(Context[Any]):
    """One attempt of one call. `sent`, `keys` and `lines` tell afterwards what it did."""

    def __init__(
        self,
        account: Account,
        *,
        connection_id: str,
        http: Http,
        dial: Dial,
        clock: Clock,
        pause: Pause,
        user_agent: str,
        key: str,
        attempt: int,
        language: str,
        timezone: str,
        now: str,
        may_send: Callable[[], bool] = lambda: True,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.credential = account.credential
        self.connection_id = connection_id
        self.key = key
        self.attempt = attempt
        self.language = language
        self.timezone = timezone
        self.now = now
        self.keys: list[Key] = []
        self.lines: list[str] = []
        self._account = account
        self._dial = dial
        self._sandbox = sandbox
        self._may_send = may_send
        self._made = Attempt()
        self.http = Client(
            account,
            http=http,
            clock=clock,
            pause=pause,
            attempt=self._made,
            user_agent=user_agent,
            log=self.lines.append,
            may_send=may_send,
        )

    @property
    def sent(self) -> bool:
        """Whether the vendor may have acted in this attempt."""
        return self._made.sent

    @property
    def redactor(self) -> Redactor:
        """Masks this connection's secrets in whatever else the attempt brings out."""
        return self._account.redactor

    async def connect(self, host: str, port: int) -> socket.socket:
        """Open a checked and pinned socket; see tramo.sdk.Context."""
        try:
            if not self._account.reach.allows_host(host):
                raise AddressRefused(f"This connection may not reach {host[:100]}.")
            return await self._dial(host, port)
        except AddressRefused as error:
            message = self.redactor.text(str(error))
            raise BadParams(message, code="outbound.address") from None
        except NotSent as error:
            message = self.redactor.text(str(error))
            raise Transient(message, code="vendor.unreachable", settled=not self.sent) from None

    async def run_python(self, source: str, inputs: Mapping[str, Any], *, timeout_s: float) -> Any:
        """Run a program in the sandbox; see tramo.sdk.Context."""
        if self._sandbox is None:
            raise Unavailable("There is nothing here that runs code.")
        ran = await self._sandbox.run(
            source,
            inputs,
            timeout_s=timeout_s,
            now=self.now,
            timezone=self.timezone,
            seed=self.key,
        )
        for line in ran.printed.splitlines():
            self.log(line)
        return ran.value

    def sending(self) -> None:
        """Note that the vendor may act from here on; raises Transient when that must not be."""
        check_may_send(self._may_send, self._made)
        self._made.mark()

    def add_key(self, kind: str, value: str) -> None:
        """Note a business key, once."""
        key = Key(kind, str(value), self.connection_id)
        if key not in self.keys:
            self.keys.append(key)

    def log(self, message: str, **fields: Any) -> None:
        """Write one redacted line."""
        words = [message, *(f"{name}={value!r}" for name, value in fields.items())]
        self.lines.append(self.redactor.text(" ".join(" ".join(words).split())))
