"""The webhook door: limits, signature over the raw bytes, reading, keys, commit, answer.

A 2xx is given only after the event and its runs are durable. A delivery whose signature does not
hold is answered 401 and leaves no trace in the store; a genuine one that cannot be read is kept as
rejected and answered 2xx, so that the vendor does not send it for ever.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol
from urllib.parse import parse_qsl

import msgspec

from tramo.ingest.intake import Intake, Starter, Taken
from tramo.ingest.key import about, extract_keys, trigger_keys
from tramo.ingest.output import plain_output
from tramo.ingest.signature import is_genuine
from tramo.ingest.subscription import Look, Route, Subscriptions, no_look
from tramo.model.event import Key, RejectedDelivery
from tramo.model.node_type import NodeType
from tramo.model.problem import TramoError
from tramo.model.value import NotExact, decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.sdk.definition import Definition, Trigger
from tramo.sdk.webhook import Delivery, Incoming, Reply, WebhookDoor
from tramo.store.change import Outdated
from tramo.store.commit import Call
from tramo.store.database import Database
from tramo.store.run import reject
from tramo.store.sift import Origin

WEBHOOK: Final = "core.webhook"
ANSWER_WITHIN_S: Final = 10
TRIES: Final = 5
_PRIVATE_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-tramo-secret"}
)


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
        look: Look = no_look,
    ) -> None:
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
        try:
            route = (
                await self._drafts.draft_route(address, WEBHOOK)
                if test
                else self._subscriptions.for_address(address, WEBHOOK)
            )
            if route is not None:
                return await self._webhook(route, method, headers, query, body, test)
            connection = None if test else await self._connections.by_address(address)
            if connection is None and not test:
                await self._look()  # Another process may have published it a moment ago.
                route = self._subscriptions.for_address(address, WEBHOOK)
                if route is not None:
                    return await self._webhook(route, method, headers, query, body, test)
            if connection is None:
                return _problem(404, "door.unknown", "Nothing listens at this address.")
            if method != "POST":
                return _checked(connection.definition.door, method)
            return await self._vendor(connection, Delivery(headers=headers, body=body, query=query))
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

    async def _webhook(
        self,
        route: Route,
        method: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        body: bytes,
        test: bool,
    ) -> DoorAnswer:
        params = route.params
        wanted = params.get("method", "POST")
        if method != wanted:
            return _problem(405, "door.method", f"This address takes {wanted} only.", allow=wanted)
        if not _knows_secret(params.get("secret"), headers, body):
            return _problem(401, "door.signature", "The secret or signature is missing or wrong.")
        try:
            read, raw = _read_body(headers.get("content-type", ""), body)
        except (NotExact, ValueError) as error:
            return await self._reject(route.workspace_id, route.flow_id, str(error), body)
        shown = {name: text for name, text in headers.items() if name not in _PRIVATE_HEADERS}
        output = {"body": read, "headers": shown, "query": dict(query), "method": method}
        payload = encode({**output, "body": msgspec.Raw(raw)})
        keys = extract_keys(params.get("keys") or {}, output) if params.get("keys") else ()
        taken = await self._intake.take(
            route.workspace_id,
            type=WEBHOOK,
            source=f"{route.flow_id}/{route.node_id}",
            payload=payload,
            output=output,
            routes=[route],
            delivery_id=None if test else _delivery_id(params.get("dedupe"), output),
            keys=keys,
            by_hand=test,
        )
        return await self._answer(route, taken)

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

    async def _vendor(self, connection: DoorConnection, delivery: Delivery) -> DoorAnswer:
        door = connection.definition.door
        if door is None:
            return _problem(404, "door.unknown", "This connection takes no deliveries.")
        secret = connection.secrets.get(door.signature.secret)
        if not is_genuine(door.signature, secret, delivery, self._clock.now_ms()):
            return _problem(401, "door.signature", "The secret or signature is missing or wrong.")
        if door.belongs is not None and not door.belongs(delivery, connection.public):
            return _problem(401, "door.account", "This delivery is another account's.")
        try:
            found = door.read(delivery)
        except (NotExact, ValueError) as error:
            return await self._reject(
                connection.workspace_id, connection.id, str(error), delivery.body
            )
        if isinstance(found, Reply):
            return DoorAnswer(found.status, {"content-type": found.content_type}, found.body)
        taken = [await self._event(connection, incoming, delivery) for incoming in found]
        events = [item.event_id for item in taken if item is not None and not item.duplicate]
        known = not events and any(taken)
        return _json(200, {"events": events}, "duplicate" if known else "accepted")

    async def _event(
        self, connection: DoorConnection, incoming: Incoming, delivery: Delivery
    ) -> Taken | None:
        trigger = self._trigger(connection.definition, incoming.topic)
        if trigger is None:
            return None
        manifest = trigger.manifest
        output, payload = plain_output(trigger, incoming.payload)
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
        )

    def _trigger(self, definition: Definition, topic: str) -> Trigger | None:
        for trigger in definition.triggers.values():
            if trigger.manifest.trigger is not None and trigger.manifest.trigger.topic == topic:
                return trigger
        return None

    def _wants(self, route: Route, output: Any) -> bool:
        trigger = self._triggers(route.type, route.v)
        if trigger is None or trigger.matches is None:
            return True
        return trigger.matches(msgspec.convert(route.params, trigger.params), output)

    async def _reject(self, workspace_id: str, source: str, reason: str, body: bytes) -> DoorAnswer:
        delivery = RejectedDelivery(
            id=self._ids.new("evt"),
            source=source,
            received_at=self._clock.now_ms(),
            reason=reason[:500],
            body=body,
        )
        unit = Call(lambda c: reject(c, workspace_id, delivery))
        await self._database.committer.submit_impatiently(unit, lambda _: None)
        return _json(202, {"rejected": delivery.id, "reason": reason[:500]}, "rejected")


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


def _knows_secret(secret: Any, headers: Mapping[str, str], body: bytes) -> bool:
    """A webhook with a secret takes it in `X-Tramo-Secret`, or an HMAC-SHA256 of the body made with
    it."""
    if not secret:
        return True
    key = str(secret).encode()
    said = headers.get("x-tramo-secret", "").encode()
    if hmac.compare_digest(said, key):
        return True
    signature = headers.get("x-tramo-signature", "").removeprefix("sha256=").encode()
    right = hmac.new(key, body, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(signature, right)


def _read_body(content_type: str, body: bytes) -> tuple[Any, bytes]:
    """Return a body as a plain value and as JSON bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return None, b"null"
    if kind == "application/x-www-form-urlencoded":
        form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1_000))
        return form, encode(form)
    if kind.startswith("text/") and kind != "text/json":
        text = body.decode("utf-8")
        return text, encode(text)
    return decode(body), body


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
