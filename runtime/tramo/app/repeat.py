"""Calls that are made twice under one key: the second is answered as the first was.

An answer is kept once the call has been carried out. A refusal is not kept, for it changed nothing;
neither is the memory of a call that a crash cut short, which is carried out again.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.store import kept_answer as store
from tramo.store.database import Database
from tramo.store.kept_answer import KeptAnswer


class Call:
    """A call under a key. What it was for is told from the caller's secret, which nobody stores."""

    def __init__(self, secret: str, key: str, *asked: bytes) -> None:
        self.digest = _seal(secret, b"key", key.encode())
        self.request = _seal(secret, b"request", *asked)


def _seal(secret: str, *parts: bytes) -> str:
    text = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(secret.encode(), text, sha256).hexdigest()


class Repeats:
    """The memory of calls."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._going: set[str] = set()

    async def find(self, call: Call) -> KeptAnswer | None:
        """Return what a call was answered before; raises TramoError where the key was for another
        call."""
        now = self._clock.now_ms()
        kept = await self._database.read(lambda c: store.get_kept(c, call.digest, now=now))
        if kept is not None and kept.request != call.request:
            raise TramoError(
                "repeat.other",
                "This Idempotency-Key was used for another call. Give every call a key of its own.",
                status=422,
            )
        if kept is not None and kept.body is None:
            raise TramoError(
                "repeat.done",
                "This call was carried out already. Its answer was not kept, for it was large or "
                "held a secret; look at what it changed.",
                status=409,
            )
        return kept

    @contextmanager
    def going(self, call: Call) -> Iterator[None]:
        """Hold a call's key while it is carried out; raises TramoError where it is held."""
        if call.digest in self._going:
            raise TramoError(
                "repeat.going",
                "The same call is being carried out right now. Ask again in a moment.",
                status=409,
                params={"retry_after_s": 1},
            )
        self._going.add(call.digest)
        try:
            yield
        finally:
            self._going.discard(call.digest)

    async def keep(self, call: Call, status: int, headers: bytes, body: bytes | None) -> None:
        """Remember what a call was answered."""
        now = self._clock.now_ms()
        answer = KeptAnswer(request=call.request, status=status, headers=headers, body=body)
        await self._database.write(lambda c: store.keep_answer(c, call.digest, answer, now=now))
