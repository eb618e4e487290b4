"""Sanity of methods and headers: each says what it says on one line; framing is not for callers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tramo.outbound.failure import BadHeader

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_FRAMING: Final = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "accept-encoding",
        "proxy-authorization",
        "proxy-connection",
    }
)


def check_method(method: str) -> None:
    """Raise BadHeader for a method that Tramo does not send."""
    if method not in _METHODS:
        raise BadHeader(f"“{method[:20]}” is not a method that Tramo sends.")


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise BadHeader for a header that could break out of its line or change the framing."""
    for name, value in headers.items():
        if _NAME.match(name) is None:
            raise BadHeader(f"{name[:40]!r} is not a header name.")
        if name.lower() in _FRAMING:
            raise BadHeader(f"The header “{name}” is set by Tramo; leave it out.")
        if _VALUE.match(value) is None:
            raise BadHeader(
                f"The header “{name}” holds a line break or a character that headers cannot carry."
            )
