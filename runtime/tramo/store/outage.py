"""Tells whoever reads the log, once, that nothing can be stored, and once that it can again."""

from __future__ import annotations

import logging
from typing import Final

CALM_S: Final = 5.0
"""How long nothing must have failed: on a disk that is almost full, small things still fit."""

_log = logging.getLogger("tramo")


class Outage:
    """A time in which the database cannot be written: it is full, damaged or away."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._last_s = 0.0

    @property
    def on(self) -> bool:
        return self._since_s is not None

    def failed(self, now_s: float, why: str) -> None:
        """Note that something could not be stored."""
        self._last_s = now_s
        if self._since_s is None:
            self._since_s = now_s
            _log.error(
                "%s Deliveries and changes are answered 503 and runs wait until it can be; then "
                "all of it goes on by itself. tramo doctor tells more.",
                why,
            )

    def stored(self, now_s: float) -> None:
        """Note that something was stored."""
        if self._since_s is not None and now_s - self._last_s > CALM_S:
            _log.warning("The database can be written again, after %d s.", now_s - self._since_s)
            self._since_s = None
