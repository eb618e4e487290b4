"""Bodies on their way in: bounded in size and time. Knows nothing of what they say."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any, Final

from tramo.model.problem import TramoError

Receive = Callable[[], Awaitable[Any]]

BODY_WITHIN_S: Final = 20.0
LOOK_S: Final = 0.25


class Gone(Exception):
    """The client left before it had said everything."""


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

    async def read_bytes(
        self, receive: Receive, *, most: int, declared: str | None, arrived: bool = False
    ) -> bytes:
        """Read a body as `read_bytes` does; that it is late is seen at the next look.

        One that has `arrived` is here as a whole: it is not waited for.
        """
        if arrived:
            return await _collect(receive, most, declared)
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
