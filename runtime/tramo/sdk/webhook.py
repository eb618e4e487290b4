"""How a vendor's deliveries are recognised, as data and pure functions; the door checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec


class HmacSignature(msgspec.Struct, frozen=True, kw_only=True):
    """An HMAC over the raw body, or over `base` with `{timestamp}` and `{body}` filled in.

    `secret` names the credential field that holds the key. With `timestamp_header`, a delivery
    further than `tolerance_s` from now is refused.
    """

    header: str
    secret: str
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    base: str = "{body}"
    timestamp_header: str | None = None
    tolerance_s: int = 300
    other_headers: tuple[str, ...] = ()
    """Further names under which the vendor sends the same signature."""


class QuerySecret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret in the delivery's address, for vendors that sign nothing.

    `secret` names the credential field that holds it, `name` the parameter of the address that
    carries it. It proves who sent a delivery and not what was sent: say HmacSignature if you can.
    """

    secret: str
    name: str = "secret"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it came in: lower-case header names, raw body."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = {}


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a delivery tells: its topic, its id at the vendor, its payload."""

    topic: str
    delivery_id: str | None
    """None: the door takes a digest of topic and body."""
    payload: Any
    """The vendor's own payload, plain."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer the vendor wants at once, such as a challenge; nothing is stored."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class WebhookDoor(msgspec.Struct, frozen=True, kw_only=True):
    """How deliveries to a connection's address are checked and read.

    `read` gets a delivery whose signature holds and returns what it tells, or a Reply. It raises
    ValueError for a body it cannot read: the delivery is kept as rejected and answered 2xx.
    """

    signature: HmacSignature | QuerySecret
    read: Callable[[Delivery], list[Incoming] | Reply]
    belongs: Callable[[Delivery, Mapping[str, Any]], bool] | None = None
    """Tells from the credential's public fields whether a genuine delivery is for this connection.

    For vendors that sign with one secret for several accounts: a delivery of another account is
    refused like a wrong signature. None: the signature says enough.
    """
    checked_by: tuple[str, ...] = ()
    """Methods by which the vendor looks whether the address answers, such as `GET`.

    They are answered 200 without a signature, and nothing is read or stored.
    """
    only_tells: bool = False
    """`read` never returns a Reply, so that a delivery may be read after its answer: when many come
    at once, they are stored as they came, answered 2xx, and read in their turn."""
