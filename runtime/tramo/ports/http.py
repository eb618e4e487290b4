"""The shape of a request that leaves the house and of the answer that comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from tramo.model.value import decode

_CHARSET = re.compile(r"charset=\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request with an absolute address. `timeout_s` bounds it as a whole."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    timeout_s: float = 30.0


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    url: str = ""

    @property
    def text(self) -> str:
        """The body in the character set that it names, UTF-8 where it names none that is known."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return self.body.decode(named[1] if named else "utf-8", "replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as a plain value with exact numbers; raises NotExact."""
        return decode(self.body)


class Http(Protocol):
    async def send(self, request: Request) -> Response:
        """Send one request and return its whole answer.

        Raises tramo.ports.http.NotSent when no byte of the request can have reached the vendor, and
        tramo.ports.http.Interrupted when it may have.
        """
        ...


class SendError(Exception):
    """A request brought no answer."""


class NotSent(SendError):
    """Nothing can have arrived: no such name, no such address, or nobody there."""


class Interrupted(SendError):
    """The request may have arrived: a timeout, a reset, a truncated answer."""
