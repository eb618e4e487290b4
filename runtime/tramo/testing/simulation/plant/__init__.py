"""Mistakes to make on purpose: a simulator that does not notice them proves nothing.

Each is one that somebody could make, put into the running code only. What it breaks is named in its
words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tramo.testing.simulation.patch import patching
from tramo.testing.simulation.plant import (
    course,
    delivery,
    family,
    home,
    journal,
    keep,
    lease,
    send,
    share,
    step,
    value,
    writer,
)
from tramo.testing.simulation.plant.book import PLANTS
from tramo.testing.simulation.worker import forget_plans

__all__ = ["PLANTS", "planted"]
_ = (
    course,
    delivery,
    family,
    home,
    journal,
    keep,
    lease,
    send,
    share,
    step,
    value,
    writer,
)  # They enter plants.


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Make a mistake for a while; raises Uprooted where it cannot be made any more."""
    forget_plans()  # A mistake may be in how they are compiled.
    try:
        with patching(name, PLANTS[name]):
            yield
    finally:
        forget_plans()
