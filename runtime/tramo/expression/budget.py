"""What one evaluation may use, and the frame that carries what is left of it.

Straight-line work is bounded by the length of the source, so only what multiplies work pays: a turn
of a loop pays for its whole body, a filter for each element or character it touches, a grown result
for its size. Nothing here knows what an expression means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tramo.expression.problem import EvaluationError

EXPRESSION_LENGTH = 10_000  # characters of a typed expression's source
TEXT_LENGTH = 100_000  # characters of a text's source
NESTING = 100  # depth of an expression's tree, and of data that is compared or written
BRACKETS = 32  # open brackets at one place; each costs the parser 14 Python frames
BLOCKS = 16  # if and for blocks inside one another

STEPS = 1_000_000  # of one evaluation; a step is about 0.1 µs of work
ALL_STEPS = 5_000_000  # of one formula over all items of a list
ROOM = 2_500_000  # characters' worth of new values (a character takes at most four bytes)
TEXT_SIZE = 1_000_000  # characters of one text
LIST_SIZE = 100_000  # items of one new list or object


class Place(msgspec.Struct, frozen=True):
    """Where a flow is at home: decides how filters read and write dates, numbers and money."""

    timezone: str
    language: str


class Frame(msgspec.Struct, gc=False):
    """One evaluation: its variables and what is left of its budget."""

    env: Mapping[str, Any]
    place: Place
    slots: Any = None
    steps: int = STEPS
    room: int = ROOM

    def tick(self, steps: int) -> None:
        """Pay for so many steps."""
        self.steps -= steps
        if self.steps < 0:
            raise EvaluationError("expression.budget", limit=f"{STEPS} steps")

    def scan(self, length: int) -> None:
        """Pay for one pass over a text of `length` characters."""
        self.tick((length >> 3) + 1)

    def search(self, text: str, wanted: str) -> None:
        """Pay for looking for one text in another: at worst each character is met many times."""
        self.scan(len(text) * (1 + min(len(wanted), 64) // 8))

    def text(self, length: int) -> None:
        """Pay for a new text before it is built."""
        if length > TEXT_SIZE:
            raise EvaluationError("expression.budget", limit=f"{TEXT_SIZE} characters")
        self.take(length)
        self.scan(length)

    def items(self, count: int, each: int = 2) -> None:
        """Pay for a new list of `count` items; `each` is an item's size in characters' worth."""
        if count > LIST_SIZE:
            raise EvaluationError("expression.budget", limit=f"{LIST_SIZE} items")
        self.take(count * each)
        self.tick(count)

    def take(self, room: int) -> None:
        """Pay for `room` characters' worth of memory."""
        self.room -= room
        if self.room < 0:
            raise EvaluationError("expression.budget", limit=f"{ROOM} characters in all")
