"""How many live lines are open, and how many there may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tramo.model.problem import TramoError

PING_S: Final = 15.0
LINES_PER_CALLER: Final = 12
LINES: Final = 500


class Lines:
    """Counts the open lines, so that no session takes them all."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def check(self, secret: str) -> None:
        """Raise TramoError when a caller, or everybody together, has too many lines."""
        if self._open[secret] >= LINES_PER_CALLER or self.count >= LINES:
            raise TramoError(
                "live.too_many",
                "Too many pages follow live events. Close some of them.",
                status=429,
                params={"retry_after_s": 15},
            )

    @contextmanager
    def hold(self, secret: str) -> Iterator[None]:
        """Count a line as open."""
        self._open[secret] += 1
        try:
            yield
        finally:
            self._open[secret] -= 1
            if not self._open[secret]:
                del self._open[secret]

    @property
    def count(self) -> int:
        return self._open.total()
