"""Whether a delivery is genuine: a signature over the raw bytes, or a secret in its address.

Both are compared in constant time.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from tramo.sdk.webhook import Delivery, HmacSignature, QuerySecret


def is_genuine(
    signature: HmacSignature | QuerySecret, secret: str | None, delivery: Delivery, now_ms: int
) -> bool:
    """Tell whether a delivery carries `secret`, or the signature that it gives, and is not too old.

    An empty secret makes nothing genuine.
    """
    if not secret:
        return False
    if isinstance(signature, QuerySecret):
        said = delivery.query.get(signature.name, "")
        return hmac.compare_digest(said.encode(), secret.encode())
    sent = _sent(signature, delivery.headers)
    if not sent:
        return False
    timestamp = ""
    if signature.timestamp_header is not None:
        timestamp = delivery.headers.get(signature.timestamp_header.lower(), "")
        if not timestamp.isdecimal() or len(timestamp) > 12:
            return False
        if abs(now_ms // 1_000 - int(timestamp)) > signature.tolerance_s:
            return False
    message = _message(signature.base, timestamp, delivery.body)
    # At one go: made piece by piece, it lets another thread in, and the event loop waits for it.
    digest = hmac.digest(secret.encode(), message, signature.algorithm)
    right = digest.hex() if signature.encoding == "hex" else base64.b64encode(digest).decode()
    return hmac.compare_digest(f"{signature.prefix}{right}".encode(), sent.encode())


def _sent(signature: HmacSignature, headers: Mapping[str, str]) -> str:
    for name in (signature.header, *signature.other_headers):
        value = headers.get(name.lower())
        if value is not None:
            return value.strip()
    return ""


def _message(base: str, timestamp: str, body: bytes) -> bytes:
    if base == "{body}":
        return body
    head, _, tail = base.replace("{timestamp}", timestamp).partition("{body}")
    return head.encode() + body + tail.encode()
