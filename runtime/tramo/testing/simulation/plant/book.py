"""The book that plants are entered in, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tramo.testing.simulation.patch import Patch

Make = Callable[[Patch], None]
PLANTS: Final[dict[str, Make]] = {}


def plant(make: Make) -> Make:
    """Enter a mistake under the name of the function that makes it."""
    PLANTS[make.__name__.strip("_")] = make
    return make
