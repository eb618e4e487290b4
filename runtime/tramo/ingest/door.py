"""The webhook door: limits, signature over the raw bytes, reading, keys, commit, answer.

A 2xx is given only after the event and its runs are durable. A delivery whose signature does not
hold is answered 401 and leaves no trace in the store; a genuine one that cannot be read is kept as
rejected and answered 2xx, so that the vendor does not send it for ever. In a crowd, one whose
sender needs no more than a receipt is read after its answer: the backlog keeps it until then.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec
from sqlalchemy import Connection

from tramo.ingest.backlog import Backlog
from tramo.ingest.intake import Intake, Starter, Taken
from tramo.ingest.key import about, extract_keys, trigger_keys
from tramo.ingest.output import plain_output
from tramo.ingest.said import Said, knows_secret, read_body, read_said, shown_headers, write_said
from tramo.ingest.signature import is_genuine
from tramo.ingest.subscription import Look, Route, Subscriptions, no_look
from tramo.model.event import Key, RejectedDelivery
from tramo.model.node_type import NodeType
from tramo.model.problem import TramoError
from tramo.model.value import NotExact, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.sdk.definition import Definition, Trigger
from tramo.sdk.webhook import Delivery, Incoming, QuerySecret, Reply, WebhookDoor
from tramo.store.backlog import Kept, leave
from tramo.store.change import Outdated
from tramo.store.commit import Call
from tramo.store.database import Database
from tramo.store.run import reject
from tramo.store.sift import Origin

WEBHOOK: Final = "core.webhook"
ANSWER_WITHIN_S: Final = 10
TRIES: Final = 5

_log = logging.getLogger("tramo")

Became = Literal["accepted", "duplicate", "rejected", "refused", "unavailable"]


class DoorAnswer(msgspec.Struct, frozen=True):
    """What the sender is told, and what became of the delivery."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    became: Became = "accepted"


class DoorConnection(Protocol):
    """What the door needs of the connection behind an address."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def definition(self) -> Definition: ...
    @property
    def public(self) -> Mapping[str, Any]: ...
    @property
    def secrets(self) -> Mapping[str, Any]: ...


class DoorConnections(Protocol):
    """Where connections are found by address."""

    async def by_address(self, address: str) -> DoorConnection | None: ...


class Drafts(Protocol):
    """Where the draft behind a test address is found."""

    async def draft_route(self, address: str, type: str) -> Route | None: ...


class Door:
    """Takes deliveries in."""

    def __init__(
        self,
        *,
        intake: Intake,
        starter: Starter,
        subscriptions: Subscriptions,
        connections: DoorConnections,
        drafts: Drafts,
        triggers: Callable[[str, int], Trigger | None],
        database: Database,
        clock: Clock,
        ids: Ids,
        backlog: Backlog,
        look: Look = no_look,
    ) -> None:
        self._backlog = backlog
        self._intake = intake
        self._starter = starter
        self._subscriptions = subscriptions
        self._connections = connections
        self._drafts = drafts
        self._triggers = triggers
        self._database = database
        self._clock = clock
        self._ids = ids
        self._look = look

    async def deliver(
        self,
        address: str,
        *,
        method: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        test: bool = False,
        tries: int = 1,
    ) -> DoorAnswer:
        """Take one delivery; header names are lower case. Never raises for what a sender did.

        What other processes have changed a moment ago counts: a delivery that was taken otherwise
        is taken once more; `tries` says how often that was.
        """
        said = Said(method, headers, query, body)
        try:
            route = (
                await self._drafts.draft_route(address, WEBHOOK)
                if test
                else self._subscriptions.for_address(address, WEBHOOK)
            )
            if route is not None:
                return await self._webhook(route, address, said, test)
            connection = None if test else await self._connections.by_address(address)
            if connection is None and not test:
                await self._look()  # Another process may have published it a moment ago.
                route = self._subscriptions.for_address(address, WEBHOOK)
                if route is not None:
                    return await self._webhook(route, address, said, test)
            if connection is None:
                return _problem(404, "door.unknown", "Nothing listens at this address.")
            if method != "POST":
                return _checked(connection.definition.door, method)
            return await self._vendor(connection, address, said)
        except Outdated as error:
            if tries < TRIES:
                await self._look()
                return await self.deliver(
                    address,
                    method=method,
                    headers=headers,
                    query=query,
                    body=body,
                    test=test,
                    tries=tries + 1,
                )
            return _problem(error.status, error.code, error.message, **{"retry-after": "1"})
        except TramoError as error:
            retry = {"retry-after": "5"} if error.status == 503 else {}
            return _problem(error.status, error.code, error.message, **retry)

    # core.webhook ------------------------------------------------------------------------------

    async def _webhook(self, route: Route, address: str, said: Said, test: bool) -> DoorAnswer:
        params = route.params
        wanted = params.get("method", "POST")
        if said.method != wanted:
            return _problem(405, "door.method", f"This address takes {wanted} only.", allow=wanted)
        if not knows_secret(params.get("secret"), said.headers, said.body):
            return _problem(401, "door.signature", "The secret or signature is missing or wrong.")
        received = not test and params.get("answer", "received") == "received"
        if received and self._is_kept(address, said):
            event_id = await self._keep(route.workspace_id, address, said)
            return _json(200, {"event": event_id, "runs": [], "kept": True})
        taken = await self._read_webhook(route, said, by_hand=test)
        return taken if isinstance(taken, DoorAnswer) else await self._answer(route, taken)

    async def _read_webhook(
        self, route: Route, said: Said, *, by_hand: bool = False, kept: Kept | None = None
    ) -> Taken | DoorAnswer:
        params = route.params
        try:
            read, raw = read_body(said.headers.get("content-type", ""), said.body)
        except (NotExact, ValueError) as error:
            return await self._reject(
                route.workspace_id, route.flow_id, str(error), said.body, kept
            )
        shown, query = shown_headers(said.headers), dict(said.query)
        output = {"body": read, "headers": shown, "query": query, "method": said.method}
        payload = encode({**output, "body": msgspec.Raw(raw)})
        keys = extract_keys(params.get("keys") or {}, output) if params.get("keys") else ()
        return await self._intake.take(
            route.workspace_id,
            type=WEBHOOK,
            source=f"{route.flow_id}/{route.node_id}",
            payload=payload,
            output=output,
            routes=[route],
            delivery_id=None if by_hand else _delivery_id(params.get("dedupe"), output),
            keys=keys,
            by_hand=by_hand,
            kept=kept,
        )

    async def _answer(self, route: Route, taken: Taken) -> DoorAnswer:
        mode = route.params.get("answer", "received")
        if taken.duplicate:
            return _json(200, {"event": taken.event_id, "duplicate": True}, "duplicate")
        live = taken.runs[0] if taken.runs else None
        if live is None or mode == "received":
            runs = [item.state.run_id for item in taken.runs]
            return _json(200, {"event": taken.event_id, "runs": runs})
        within_s = route.params.get("answer_within_s", ANSWER_WITHIN_S)
        future = self._starter.wait_for(live)
        if not future.done():
            await asyncio.wait([future], timeout=within_s)
        if not future.done() or future.cancelled():  # Too late, or this process stops.
            future.cancel()
            stands = live.outcome()
            result = f"/api/v1/runs/{stands.run_id}"
            return _json(202, {"run": stands.run_id, "state": stands.state, "result": result})
        return _outcome(future.result(), mode)

    # A vendor's deliveries -----------------------------------------------------------------------

    async def _vendor(self, connection: DoorConnection, address: str, said: Said) -> DoorAnswer:
        door = connection.definition.door
        if door is None:
            return _problem(404, "door.unknown", "This connection takes no deliveries.")
        delivery = said.delivery
        secret = connection.secrets.get(door.signature.secret)
        if not is_genuine(door.signature, secret, delivery, self._clock.now_ms()):
            return _problem(401, "door.signature", "The secret or signature is missing or wrong.")
        if door.belongs is not None and not door.belongs(delivery, connection.public):
            return _problem(401, "door.account", "This delivery is another account's.")
        if door.only_tells and self._is_kept(address, said):
            parameter = door.signature.name if isinstance(door.signature, QuerySecret) else None
            event_id = await self._keep(connection.workspace_id, address, said, parameter)
            return _json(200, {"events": [event_id], "kept": True})
        return await self._read_vendor(connection, door, delivery)

    async def _read_vendor(
        self,
        connection: DoorConnection,
        door: WebhookDoor,
        delivery: Delivery,
        kept: Kept | None = None,
    ) -> DoorAnswer:
        try:
            found = door.read(delivery)
            told = [] if isinstance(found, Reply) else found
            known = [
                (trigger, each, *plain_output(trigger, each.payload))
                for each in told
                if (trigger := self._trigger(connection, each)) is not None
            ]
        except (NotExact, ValueError) as error:
            return await self._reject(
                connection.workspace_id, connection.id, str(error), delivery.body, kept
            )
        taken = [
            # The last one takes the delivery off the backlog: until then all are read again.
            await self._event(connection, delivery, *each, kept if each is known[-1] else None)
            for each in known
        ]
        if kept is not None and not known:
            await self._database.write(lambda c: leave(c, [kept.place]))
        if isinstance(found, Reply):
            return DoorAnswer(found.status, {"content-type": found.content_type}, found.body)
        events = [item.event_id for item in taken if not item.duplicate]
        return _json(200, {"events": events}, "duplicate" if taken and not events else "accepted")

    async def _event(
        self,
        connection: DoorConnection,
        delivery: Delivery,
        trigger: Trigger,
        incoming: Incoming,
        output: Any,
        payload: bytes,
        kept: Kept | None,
    ) -> Taken:
        manifest = trigger.manifest
        keys = trigger_keys(manifest, {}, output, connection.id)
        routes = [
            route
            for route in self._subscriptions.for_event(
                connection.workspace_id, connection.id, manifest.type
            )
            if self._wants(route, output)
        ]
        delivery_id = incoming.delivery_id or _digest(incoming.topic, delivery.body)
        return await self._intake.take(
            connection.workspace_id,
            type=manifest.type,
            source=connection.id,
            payload=payload,
            output=output,
            routes=routes,
            delivery_id=f"{incoming.topic}:{delivery_id}"[:200],
            keys=keys,
            origin=_origin(manifest, keys, connection.id),
            kept=kept,
        )

    def _trigger(self, connection: DoorConnection, incoming: Incoming) -> Trigger | None:
        for trigger in connection.definition.triggers.values():
            about = trigger.manifest.trigger
            if about is not None and about.topic == incoming.topic:
                return trigger
        return None

    def _wants(self, route: Route, output: Any) -> bool:
        trigger = self._triggers(route.type, route.v)
        if trigger is None or trigger.matches is None:
            return True
        return trigger.matches(msgspec.convert(route.params, trigger.params), output)

    async def _reject(
        self, workspace_id: str, source: str, reason: str, body: bytes, kept: Kept | None = None
    ) -> DoorAnswer:
        delivery = RejectedDelivery(
            id=self._ids.new("evt") if kept is None else kept.id,
            source=source,
            received_at=self._clock.now_ms() if kept is None else kept.received_at,
            reason=reason[:500],
            body=body,
        )

        def write(connection: Connection) -> None:
            if kept is None or leave(connection, [kept.place]):
                reject(connection, workspace_id, delivery)

        await self._database.committer.submit_impatiently(Call(write), lambda _: None)
        return _json(202, {"rejected": delivery.id, "reason": reason[:500]}, "rejected")

    # Deliveries that are read later --------------------------------------------------------------

    def _is_kept(self, address: str, said: Said) -> bool:
        return self._backlog.wants(address, len(said.body))

    async def _keep(
        self, workspace_id: str, address: str, said: Said, secret: str | None = None
    ) -> str:
        """Write a delivery down without its secrets: `secret` names the parameter that is one."""
        kept = Kept(
            address=address,
            id=self._ids.new("evt"),
            workspace_id=workspace_id,
            received_at=self._clock.now_ms(),
            body=write_said(said.without_secrets(secret)),
        )
        await self._backlog.keep(kept)
        return kept.id

    async def read_kept(self, kept: Kept) -> None:
        """Take in what a delivery tells that was kept. Raises TramoError with status 503.

        Nothing of it is lost: what cannot be read, or is for nobody any more, is kept as rejected.
        """
        said = read_said(kept.body)
        source, reason = kept.address, "Nothing listens at its address any more."
        try:
            route = self._subscriptions.for_address(kept.address, WEBHOOK)
            if route is not None:
                await self._read_webhook(route, said, kept=kept)
                return
            connection = await self._connections.by_address(kept.address)
            if connection is not None and connection.definition.door is not None:
                await self._read_vendor(connection, connection.definition.door, said.delivery, kept)
                return
        except TramoError as error:
            if error.status == 503:
                raise
            reason = error.message
        except Exception as error:  # noqa: BLE001 - a connector failed; nobody sends it again
            _log.exception("A delivery that was kept could not be read.")
            reason = f"It could not be read ({type(error).__name__})."
        await self._reject(kept.workspace_id, source, reason, said.body, kept)


def _checked(door: WebhookDoor | None, method: str) -> DoorAnswer:
    """Answer a vendor that looks whether the address is there before it delivers to it."""
    if door is not None and method in door.checked_by:
        return DoorAnswer(200)
    return _problem(405, "door.method", "Deliveries are sent by POST.", allow="POST")


def _origin(manifest: NodeType, keys: tuple[Key, ...], connection_id: str) -> Origin | None:
    """Return what an event is about, where some action of ours may have brought it about."""
    if manifest.trigger is None or not manifest.trigger.caused:
        return None
    key = about(manifest, keys)
    return Origin(connection_id=connection_id, kind=key.kind, value=key.value) if key else None


def _digest(topic: str, body: bytes) -> str:
    """Return what tells a delivery without an id from others."""
    return hashlib.sha256(topic.encode() + b"\0" + body).hexdigest()


def _delivery_id(path: Any, output: Any) -> str | None:
    if not path:
        return None
    keys = extract_keys({"id": str(path)}, output)
    return keys[0].value[:200] if keys else None


def _outcome(outcome: Any, mode: str) -> DoorAnswer:
    if mode == "respond" and outcome.response is not None:
        status = outcome.response.get("status") or 200
        body = outcome.response.get("body")
        if isinstance(body, str):
            return DoorAnswer(status, {"content-type": "text/plain; charset=utf-8"}, body.encode())
        return _json(status, body)
    status = {"succeeded": 200, "failed": 422, "cancelled": 200}.get(outcome.state, 202)
    return _json(
        status,
        {
            "run": outcome.run_id,
            "state": outcome.state,
            "reason": outcome.reason,
            "output": outcome.output,
        },
    )


def _json(status: int, value: Any, became: Became = "accepted") -> DoorAnswer:
    return DoorAnswer(status, {"content-type": "application/json"}, encode(value), became)


def _problem(status: int, code: str, message: str, **headers: str) -> DoorAnswer:
    body = encode({"code": code, "message": message, "params": {}, "path": None})
    kind = {"content-type": "application/problem+json", **headers}
    return DoorAnswer(status, kind, body, "unavailable" if status == 503 else "refused")
