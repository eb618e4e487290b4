"""A connector on trial: its actions, probes, choices and deliveries, run against its twin.

Everything between the connector and its twin is the runtime's own: the outbound client with its
host rules and error classes, the signature check of the door, the reading of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tramo.engine.instant import rfc3339
from tramo.ingest.key import extract_keys
from tramo.ingest.signature import is_genuine
from tramo.model.connection import Connection
from tramo.model.event import Key
from tramo.outbound import CallContext, Outbound, TwinHouse
from tramo.sdk import (
    Account,
    Action,
    Choice,
    Connector,
    Credential,
    Definition,
    Delivery,
    Notice,
    Polled,
    ProbeResult,
    Reply,
    Trigger,
    Twin,
    decode,
    encode,
    plain,
)
from tramo.testing.port import CountingIds, StandingClock, TaskSpawn

KEY: Final = "5f3c8a1b2d4e6f708192a3b4c5d6e7f8"


class NotGenuine(AssertionError):
    """A delivery whose signature does not hold: the door would answer 401 and keep nothing."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One event that a delivery brought, as flows would see it."""

    type: str
    delivery_id: str | None
    output: Any
    keys: tuple[Key, ...] = ()


class Trial:
    """One connection of a connector to a fresh twin.

    `credential` replaces fields of the twin's demo credential. `last` is the context of the last
    call: its `sent` tells whether the vendor may have acted, its `keys` and `lines` what was noted.
    """

    def __init__(
        self, connector: Connector | Definition, *, credential: Mapping[str, Any] | None = None
    ) -> None:
        self.definition = (
            connector if isinstance(connector, Definition) else connector.tramo_connector()
        )
        self.clock = StandingClock()
        self.last: CallContext | None = None
        kind: type[Twin] = self.definition.twin
        self.credential: dict[str, Any] = {**kind.demo_credential(), **(credential or {})}
        twins = TwinHouse(clock=self.clock, ids=CountingIds(), spawn=TaskSpawn())
        self._outbound = Outbound(clock=self.clock, twins=twins)
        self._connection = Connection(
            id="conn_trial", name="Trial", connector=self.definition.id, target="twin"
        )
        self.twin: Any = twins.open(self._connection.id, self.definition, self.credential).twin

    @property
    def now(self) -> str:
        """The standing clock's time, as a step's journalled start."""
        return rfc3339(self.clock.now_ms())

    def context(
        self, *, key: str = KEY, attempt: int = 1, credential: Mapping[str, Any] | None = None
    ) -> CallContext:
        """Return the Context of one attempt; `credential` replaces fields for this call only."""
        fields = {**self.credential, **(credential or {})}
        account: Credential | None = None
        if self.definition.credential is not None:
            account = msgspec.convert(fields, self.definition.credential)
        self.last = self._outbound.context(
            self.definition, self._connection, account, key=key, attempt=attempt, now=self.now
        )
        # The vendor knows its own secrets, whatever a connection believes.
        self.twin.credential = dict(self.credential)
        return self.last

    async def run_action(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        v: int = 1,
        key: str = KEY,
        credential: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an action on plain params, as a step does, and return its plain output."""
        action = self._action(name, v)
        assert action.run is not None, f"{name} is settled by the engine and has no code to run"
        context = self.context(key=key, credential=credential)
        return plain(await action.run(context, msgspec.convert(params or {}, action.params)))

    async def run_probe(
        self, name: str, params: Mapping[str, Any] | None = None, *, v: int = 1, key: str = KEY
    ) -> ProbeResult:
        """Ask an action's probe whether the effect under this key took place."""
        action = self._action(name, v)
        assert action.probe is not None, f"{name} has no probe"
        return await action.probe(
            self.context(key=key), msgspec.convert(params or {}, action.params)
        )

    async def test(self, credential: Mapping[str, Any] | None = None) -> Account:
        """Test the connection, as a person does from the connections page."""
        assert self.definition.test is not None, f"{self.definition.id} has no test"
        return await self.definition.test(self.context(credential=credential))

    async def notify(self, notice: Notice, *, key: str = KEY, attempt: int = 1) -> None:
        """Let the connector bring a notice, as the house does when it has something to say."""
        assert self.definition.notify is not None, f"{self.definition.id} brings no notices"
        await self.definition.notify(self.context(key=key, attempt=attempt), notice)

    async def list_choices(self, name: str, search: str = "") -> list[Choice]:
        """Return what a form would offer."""
        return await self.definition.choices[name](self.context(), search)

    def deliver_webhook(self, delivery: Delivery) -> list[Heard] | Reply:
        """Take a delivery in as the door does: signature, reading, outputs, keys.

        Raises NotGenuine for a signature that does not hold, ValueError for an unreadable body.
        """
        door = self.definition.door
        assert door is not None, f"{self.definition.id} takes no deliveries"
        secret = self.credential.get(door.signature.secret)
        if not is_genuine(door.signature, secret, delivery, self.clock.now_ms()):
            raise NotGenuine("the signature does not hold")
        found = door.read(delivery)
        if isinstance(found, Reply):
            return found
        heard: list[Heard] = []
        for incoming in found:
            trigger = self._trigger(incoming.topic)
            if trigger is None:
                continue
            payload = incoming.payload
            output = plain(payload if trigger.output is None else trigger.output(payload))
            paths = trigger.manifest.trigger.keys if trigger.manifest.trigger else {}
            heard.append(
                Heard(
                    type=trigger.manifest.type,
                    delivery_id=incoming.delivery_id,
                    output=output,
                    keys=extract_keys(paths, output),
                )
            )
        return heard

    async def run_poll(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        cursor: Any = None,
        *,
        v: int = 1,
    ) -> tuple[list[Polled], Any]:
        """Ask as a poll does, to the end of the pages; return the items and the next cursor."""
        trigger = self.definition.triggers[f"{name}@{v}"]
        assert trigger.poll is not None, f"{name} is no poll"
        wanted = msgspec.convert(params or {}, trigger.params)
        found: list[Polled] = []
        while True:
            page = await trigger.poll(self.context(), wanted, cursor)
            found += page.items
            cursor = decode(encode(page.cursor))
            if not page.more:
                return found, cursor

    def starts(self, trigger: str, params: Mapping[str, Any], heard: Heard, *, v: int = 1) -> bool:
        """Tell whether an event starts a flow whose trigger has these params."""
        found = self.definition.triggers[f"{trigger}@{v}"]
        wanted = msgspec.convert(params, found.params)
        return heard.type == found.manifest.type and (
            found.matches is None or found.matches(wanted, heard.output)
        )

    def _action(self, name: str, v: int) -> Action:
        return self.definition.actions[f"{name}@{v}"]

    def _trigger(self, topic: str) -> Trigger | None:
        for trigger in self.definition.triggers.values():
            manifest = trigger.manifest.trigger
            if manifest is not None and manifest.topic == topic:
                return trigger
        return None
