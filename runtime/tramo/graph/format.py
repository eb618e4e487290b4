"""Reads documents of every format ever released, by carrying older ones forward step by step.

Stored bytes never change: an upgrade is applied in memory, each time the document is read. Format 1
is the first, so there is nothing to carry yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tramo.model.flow import FORMAT

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes a document of format n + 1 of one of format n, without changing the one it is given."""

UPGRADES: Final[Mapping[int, Upgrade]] = {}
"""By the format that an upgrade reads."""


class UnknownFormat(ValueError):
    """The document's format is not one that this house reads."""


def upgrade(
    document: dict[str, Any], upgrades: Mapping[int, Upgrade] = UPGRADES, newest: int = FORMAT
) -> dict[str, Any]:
    """Return the document in the newest format; raises UnknownFormat."""
    current = document.get("format")
    if type(current) is not int or not (current == newest or current in upgrades):
        raise UnknownFormat(current)
    while current != newest:
        document = {**upgrades[current](document), "format": current + 1}
        current += 1
    return document
