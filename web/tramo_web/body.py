"""Bodies in and out: bounded in size and time, exact numbers, no field that nobody asked for."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.serialization import default_serializer
from tramo.model import limit
from tramo.model.problem import TramoError, pointer
from tramo.model.value import NotExact, decode, encode

T = TypeVar("T")
Receive = Callable[[], Awaitable[Any]]

BODY_BYTES: Final = 1024 * 1024
BODY_WITHIN_S: Final = 20.0
LOOK_S: Final = 0.25
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_PLACE = re.compile(r" - at `(?:key in )?\$(.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_FIELD = re.compile(r"(unknown|missing required) field `(.*)`\Z", re.DOTALL)


class Gone(Exception):
    """The client left before it had said everything."""


class ExactResponse(Response[Any]):
    """An answer whose numbers are exact."""

    def render(self, content: Any, media_type: str, enc_hook: Any = default_serializer) -> bytes:
        if isinstance(content, bytes) or not media_type.startswith("application/"):
            return super().render(content, media_type, enc_hook)
        return encode(content)


async def read_bytes(
    receive: Receive, *, most: int, within_s: float, declared: str | None
) -> bytes:
    """Read a request's body.

    Raises TramoError for one that is longer than `most` bytes or slower than `within_s` seconds,
    and Gone when the client hung up.
    """
    try:
        async with asyncio.timeout(within_s):
            return await _collect(receive, most, declared)
    except TimeoutError:
        raise _too_slow(within_s) from None


class Patience:
    """Reads bodies that all have the same time to arrive.

    One timer looks after all of them: a timer each costs more than reading a small body does.
    """

    def __init__(self, within_s: float) -> None:
        self.within_s = within_s
        self._waiting: deque[_Waiting] = deque()
        self._looks = 0
        self._looking = False

    async def read_bytes(self, receive: Receive, *, most: int, declared: str | None) -> bytes:
        """Read a body as `read_bytes` does; that it is late is seen at the next look."""
        looks = ceil(self.within_s / LOOK_S) + 1
        waiting = _Waiting(self._looks + looks, asyncio.current_task())
        self._waiting.append(waiting)
        if not self._looking:
            self._look_later()
        try:
            return await _collect(receive, most, declared)
        except asyncio.CancelledError:
            if not waiting.late or waiting.reader is None or waiting.reader.uncancel():
                raise  # Somebody else wants it to end.
            raise _too_slow(self.within_s) from None
        finally:
            waiting.reader = None

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._looks += 1
        self._looking = False
        all_waiting = self._waiting
        while all_waiting and (
            all_waiting[0].reader is None or all_waiting[0].until <= self._looks
        ):
            waiting = all_waiting.popleft()
            if waiting.reader is not None:
                waiting.late = True
                waiting.reader.cancel()
        if all_waiting:
            self._look_later()


class _Waiting:
    """A body on its way: the look that finds it late, and the reader until it has come."""

    __slots__ = ("late", "reader", "until")

    def __init__(self, until: int, reader: asyncio.Task[Any] | None) -> None:
        self.until = until
        self.reader = reader
        self.late = False


async def _collect(receive: Receive, most: int, declared: str | None) -> bytes:
    if declared is not None and declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    message = await receive()
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)
        message = await receive()


async def read_value(request: Request[Any, Any, Any], *, most: int = BODY_BYTES) -> Any:
    """Read a request's body as a plain value; raises TramoError that says what is wrong."""
    declared = request.headers.get("content-length")
    raw = await read_bytes(request.receive, most=most, within_s=BODY_WITHIN_S, declared=declared)
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].strip(' "').lower()
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise TramoError(
            "request.content_type",
            "The body must be JSON, sent with Content-Type: application/json.",
            status=415,
        )
    try:
        value = decode(raw)
    except NotExact as error:
        detail = str(error).removeprefix("This is not JSON: ")
        raise TramoError(
            "request.json", f"The body is not JSON: {detail}.", params={"detail": detail}
        ) from None
    _check_depth(raw)
    return value


async def read(request: Request[Any, Any, Any], shape: type[T], *, most: int = BODY_BYTES) -> T:
    """Read a request's body into a Struct; raises TramoError with the path of what does not fit."""
    value = await read_value(request, most=most)
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise misfit(str(error)) from None


def misfit(text: str) -> TramoError:
    """Make the error for a value that does not have the shape asked for."""
    place = _PLACE.search(text)
    said = text[: place.start()] if place else text
    steps: list[str | int] = []
    for name, index in _STEP.findall(place[1] if place else ""):
        steps.append(name or int(index))
    code = "request.invalid"
    params: dict[str, Any] = {"detail": said}
    if field := _FIELD.search(said):
        code = "request.unknown_field" if field[1] == "unknown" else "request.missing_field"
        params = {"field": field[2]}
        steps.append(field[2])
    return TramoError(code, f"{said}.", path=pointer(*steps), params=params)


def _check_depth(raw: bytes) -> None:
    brackets = _TEXT.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for _ in range(limit.JSON_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise TramoError(
            "request.deep",
            f"The JSON is nested more than {limit.JSON_DEPTH} levels deep.",
            params={"most": limit.JSON_DEPTH},
        )


def _too_slow(within_s: float) -> TramoError:
    return TramoError(
        "request.slow",
        f"The body did not arrive within {within_s:g} seconds. Nothing was stored; try again.",
        status=408,
        params={"within_s": int(within_s)},
    )


def _too_large(most: int) -> TramoError:
    return TramoError(
        "request.large",
        f"The body is larger than {most // 1024} KiB, the most that is taken here.",
        status=413,
        params={"most_kib": most // 1024},
    )
