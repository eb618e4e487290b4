"""Passwords: hashed with argon2id in a thread, one at a time, with a short queue.

One hash takes a fifth of a second and 64 MiB on purpose. Without the queue's bound, a crowd of
guesses would hold up the people who mean it.
"""

from __future__ import annotations

import asyncio
import base64
import unicodedata
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tramo.model.problem import TramoError

T = TypeVar("T")

TIME_COST: Final = 2
MEMORY_KIB: Final = 64 * 1024
WAITING: Final = 16
SHORTEST: Final = 10
LONGEST: Final = 200

UNUSABLE: Final = "!"
"""Stands for the password of an account that is entered by links only."""


def slow_down(retry_after_s: int) -> TramoError:
    """Make the error for somebody who tries too often."""
    return TramoError(
        "session.slow_down",
        f"Too many attempts. Wait {retry_after_s} seconds, then try again.",
        status=429,
        params={"retry_after_s": retry_after_s},
    )


def check_password(password: str) -> None:
    """Raise TramoError unless a new password is long enough and not too long."""
    if len(password) < SHORTEST:
        raise TramoError(
            "account.password_short",
            f"Use at least {SHORTEST} characters for the password.",
            status=422,
            path="/password",
            params={"shortest": SHORTEST},
        )
    if len(password) > LONGEST:
        raise TramoError(
            "account.password_long",
            f"Use at most {LONGEST} characters for the password.",
            status=422,
            path="/password",
            params={"longest": LONGEST},
        )


class Passwords:
    """Hashes and compares passwords."""

    def __init__(self, *, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        # Never matches, costs what a real one costs: an unknown e-mail takes the same time.
        zeros = (base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        self._decoy = "$".join(
            ("", "argon2id", "v=19", f"m={memory_kib},t={time_cost},p=1", *zeros)
        )

    async def hash(self, password: str) -> str:
        """Return the text to store for a password."""
        plain = _normal(password)
        return await self._alone(lambda: self._hasher.hash(plain))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one, in the same time where nothing is stored."""
        known = stored if stored is not None and stored != UNUSABLE else self._decoy
        plain = _normal(password[:LONGEST])

        def compare() -> bool:
            try:
                return self._hasher.verify(known, plain)
            except (VerificationError, InvalidHashError):
                return False

        return await self._alone(compare) and known is not self._decoy

    def is_dated(self, stored: str) -> bool:
        """Tell whether a stored hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def _alone(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise slow_down(5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _normal(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()
