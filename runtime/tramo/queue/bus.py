"""What processes tell each other over Redis, at best: live news, ended runs, what has changed.

Whoever listens looks into the database anyway, every second or so; the bus lets them look now. So
it is bounded at both ends, drops what is too much, and what it hears counts as a stranger's word:
it is read strictly, and what cannot be read is passed over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import ConnectionError as Disconnected

from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.queue.line import Line, end

CHANNEL: Final = "tramo:bus"
WAITING_MOST: Final = 5_000
WORD_BYTES: Final = 64 * 1024
BUNDLE: Final = 100
BUNDLE_BYTES: Final = 8 * 1024 * 1024
LINGER_S: Final = 0.02
"""Between two bundles; the first word after a silence goes at once."""
BEAT_S: Final = 5.0
DEAF_S: Final = 15.0
"""Every process says something each few seconds; a line that stays silent is cut."""

_log = logging.getLogger("tramo.queue")


class _Word(msgspec.Struct, array_like=True):
    kind: Annotated[str, Meta(max_length=20)]
    body: msgspec.Raw


class _Bundle(msgspec.Struct, array_like=True):
    sender: Annotated[str, Meta(max_length=80)]
    words: Annotated[list[_Word], Meta(max_length=BUNDLE)]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Bundle)
Heard = Callable[[Any], None]


class Bus:
    """One process's ear and voice. Without a line it says and hears nothing."""

    def __init__(self, line: Line | None, *, own: str, clock: Clock, spawn: Spawn) -> None:
        self._line = line
        self._own = own
        self._clock = clock
        self._spawn = spawn
        self._ears: dict[str, tuple[msgspec.msgpack.Decoder[Any], Heard]] = {}
        self._words: deque[_Word] = deque(maxlen=WAITING_MOST)
        self._bell = asyncio.Event()
        self._speaking = False
        self._loops: list[asyncio.Task[None]] = []

    def on(self, kind: str, form: Any, heard: Heard) -> None:
        """Call `heard` with what others say of a kind, when it has the form (a type)."""
        self._ears[kind] = (msgspec.msgpack.Decoder(form), heard)

    def say(self, kind: str, body: Any) -> None:
        """Tell the other processes. Never waits, never fails; nobody may hear it."""
        if not self._speaking:
            return
        raw = _encoder.encode(body)
        if len(raw) <= WORD_BYTES:
            self._words.append(_Word(kind, msgspec.Raw(raw)))
            self._bell.set()

    def start(self) -> None:
        """Begin to speak and to listen."""
        if self._line is not None:
            self._loops = [
                self._spawn.start(self._line.keep("speak", self._speak), name="bus out"),
                self._spawn.start(self._line.keep("listen", self._listen), name="bus in"),
            ]

    async def close(self) -> None:
        """Say what was said last, then fall silent."""
        if self._speaking and self._words:
            self._bell.set()
            await self._clock.sleep(2 * LINGER_S)
        await end(self._loops)
        self._loops = []

    async def _speak(self, pool: ConnectionPool) -> None:
        redis = Redis(connection_pool=pool)
        try:
            while True:
                words = [self._words.popleft() for _ in range(min(BUNDLE, len(self._words)))]
                await redis.publish(CHANNEL, _encoder.encode(_Bundle(self._own, words)))
                assert self._line is not None
                self._line.reached("speak")
                self._speaking = True
                await self._clock.sleep(LINGER_S)
                if not self._words:
                    await self._silence()
        finally:
            self._speaking = False
            self._words.clear()  # News of a minute ago are none.

    async def _silence(self) -> None:
        """Wait for something to say, or until it is time to say that somebody is there."""
        self._bell.clear()
        try:
            async with asyncio.timeout(BEAT_S):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _listen(self, pool: ConnectionPool) -> None:
        assert self._line is not None
        async with Redis(connection_pool=pool).pubsub() as ear:
            await ear.subscribe(CHANNEL)
            heard_at = self._clock.monotonic_s()
            while True:
                message = await ear.get_message(ignore_subscribe_messages=True, timeout=1.0)
                now = self._clock.monotonic_s()
                if message is not None:
                    heard_at = now
                    self._line.reached("listen")
                    self._hear(message["data"])
                elif now - heard_at > DEAF_S:
                    raise Disconnected("nothing was heard for a while")

    def _hear(self, raw: Any) -> None:
        if not isinstance(raw, bytes) or len(raw) > BUNDLE_BYTES:
            return
        try:
            bundle = _decoder.decode(raw)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return
        if bundle.sender == self._own:
            return
        for word in bundle.words:
            self._hear_word(word)

    def _hear_word(self, word: _Word) -> None:
        known = self._ears.get(word.kind)
        if known is None:
            return
        decoder, heard = known
        try:
            heard(decoder.decode(word.body))
        except (msgspec.DecodeError, RecursionError, ValueError):
            return
        except Exception:  # noqa: BLE001 - what one listener cannot take must not deafen the others
            _log.exception("What another process said could not be taken in")
