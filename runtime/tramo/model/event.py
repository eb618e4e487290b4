"""An event: something that happened outside, stored once, in the form that its trigger outputs."""

from __future__ import annotations

import msgspec


class Key(msgspec.Struct, frozen=True, array_like=True):
    """A business key: which order, customer or product an event or run is about."""

    kind: str
    value: str
    connection_id: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted delivery. `payload` is JSON: the trigger's output, once for all its runs."""

    id: str
    type: str
    """The node type of the trigger it is for, such as `shopify.order_created`."""
    source: str
    """Where it came in: a connection, address or schedule. Delivery ids are unique inside it."""
    delivery_id: str
    received_at: int
    """Milliseconds since the epoch."""
    payload: bytes
    keys: tuple[Key, ...] = ()


class RejectedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine delivery that could not be read; kept so that a person can see it."""

    id: str
    source: str
    received_at: int
    reason: str
    body: bytes
