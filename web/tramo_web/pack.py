"""Answers made smaller: JSON of some length is sent compressed to whoever takes it so.

No answer holds a secret of ours beside words of a stranger: what a session or a link is worth is
told in short answers, and those go out as they are.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Final

from tramo_web.header import Headers

PACKED_FROM: Final = 4_096
_LEVEL: Final = 4
_CHANGED: Final = frozenset({b"content-length", b"vary"})


def takes_packed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request's headers take gzip."""
    for name, value in headers:
        if name.lower() == b"accept-encoding":
            asked = [part.replace(b" ", b"") for part in value.lower().split(b",")]
            return any(it.startswith(b"gzip") and not it.endswith(b";q=0") for it in asked)
    return False


def pack(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Return a whole answer's headers and body, compressed where that is worth it."""
    named = {name.lower(): value for name, value in headers}
    kind = named.get(b"content-type", b"")
    if len(body) < PACKED_FROM or b"content-encoding" in named or b"json" not in kind:
        return headers, body
    packed = squeeze(body)
    kept = [it for it in headers if it[0].lower() not in _CHANGED]
    varies = b", ".join(filter(None, [named.get(b"vary"), b"Accept-Encoding"]))
    about = [
        (b"vary", varies),
        (b"content-encoding", b"gzip"),
        (b"content-length", b"%d" % len(packed)),
    ]
    return [*kept, *about], packed


def squeeze(body: bytes, level: int = _LEVEL) -> bytes:
    """Return bytes compressed, the same for the same bytes."""
    return gzip.compress(body, level, mtime=0)
