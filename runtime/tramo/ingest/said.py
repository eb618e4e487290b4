"""A request to the door as it came in, and what can be told of it by itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from tramo.model.value import decode, encode
from tramo.sdk.webhook import Delivery

_PRIVATE_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-tramo-secret"}
)


class Said(msgspec.Struct, frozen=True, array_like=True):
    """A request as it came in, with lower-case header names."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def delivery(self) -> Delivery:
        return Delivery(headers=self.headers, body=self.body, query=self.query)

    def without_secrets(self, parameter: str | None) -> Said:
        """Return it without the headers, and the parameter, that prove who sent it."""
        query = self.query
        if parameter is not None:
            query = {name: text for name, text in query.items() if name != parameter}
        return Said(self.method, shown_headers(self.headers), query, self.body)


write_said: Final = msgspec.msgpack.Encoder().encode
read_said: Final = msgspec.msgpack.Decoder(Said).decode


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without those that prove who sent them."""
    return {name: text for name, text in headers.items() if name not in _PRIVATE_HEADERS}


def knows_secret(secret: Any, headers: Mapping[str, str], body: bytes) -> bool:
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


def read_body(content_type: str, body: bytes) -> tuple[Any, bytes]:
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
