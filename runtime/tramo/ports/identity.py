"""Ids and randomness."""

from __future__ import annotations

from typing import Protocol

from tramo.model.id import Prefix


class Ids(Protocol):
    def new(self, prefix: Prefix) -> str:
        """Return a fresh id that sorts roughly by the time it was made, such as `run_…`."""
        ...

    def token(self) -> str:
        """Return 32 random bytes as URL-safe text: addresses, sessions, one-time links."""
        ...

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter."""
        ...
