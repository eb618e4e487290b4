"""Chance that a seed decides: streams of numbers by name, so that a further draw in one part of the
simulation moves nothing in the others."""

from __future__ import annotations

import random  # noqa: TID251 - this is where a simulation's chance comes from


class Chance(random.Random):
    """One stream. It is no source of secrets."""

    def __init__(self, seed: int, name: str) -> None:
        super().__init__(f"{seed}/{name}")

    def happens(self, share: float) -> bool:
        """Tell whether something that happens in this share of cases happens now."""
        return share > 0 and self.random() < share
