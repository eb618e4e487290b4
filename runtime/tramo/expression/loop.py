"""The `for` block of a text: one body, rendered once an item, within the budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tramo.expression.budget import STEPS, TEXT_SIZE, Frame
from tramo.expression.operator import not_boolean
from tramo.expression.path import Closure
from tramo.expression.problem import EvaluationError
from tramo.expression.value import NULL, OBJECT, TEXT, kind_of

_CHUNKS = 1024  # rendered turns that are kept apart before they are joined


class Loop(msgspec.Struct, frozen=True):
    """A compiled `for` block; its item, index and length live in three slots from `slot` on."""

    slot: int
    items: Closure
    condition: Closure | None
    condition_weight: int
    body: Closure
    weight: int
    otherwise: Closure
    place: int
    condition_place: int


def repeat(loop: Loop) -> Closure:
    """Return a closure that renders the block."""
    slot, body, weight, otherwise = loop.slot, loop.body, loop.weight, loop.otherwise

    def evaluate(frame: Frame) -> str:
        items = loop.items(frame)
        if type(items) is not list:
            raise _not_a_list(items, loop.place)
        if loop.condition is not None:
            items = list(_chosen(loop, frame, items))
        if not items:
            return otherwise(frame)
        slots = frame.slots
        slots[slot + 2] = len(items)
        room = frame.room
        blocks: list[str] = []
        chunks: list[str] = []
        size = 0
        for index, item in enumerate(items):
            frame.steps -= weight
            slots[slot], slots[slot + 1] = item, index
            text = body(frame)
            chunks.append(text)
            size += len(text)
            # What a turn used for itself is free again; its text is not.
            frame.room = room - size
            if size > TEXT_SIZE or frame.room < 0 or frame.steps < 0:
                raise EvaluationError("expression.budget", loop.place, limit=_limit(size))
            if len(chunks) == _CHUNKS:
                blocks.append("".join(chunks))
                chunks.clear()
        return "".join(blocks) + "".join(chunks)

    return evaluate


def _chosen(loop: Loop, frame: Frame, items: list[Any]) -> Iterator[Any]:
    condition = loop.condition
    assert condition is not None
    try:
        frame.items(len(items))
    except EvaluationError as error:
        error.move(loop.place)
        raise
    for item in items:
        frame.steps -= loop.condition_weight
        if frame.steps < 0:
            raise EvaluationError("expression.budget", loop.place, limit=_limit(0))
        frame.slots[loop.slot] = item
        value = condition(frame)
        if value is True:
            yield item
        elif value is not False:
            raise not_boolean(value, "“if”", loop.condition_place)


def _limit(size: int) -> str:
    return f"{TEXT_SIZE} characters" if size > TEXT_SIZE else f"{STEPS} steps"


def _not_a_list(value: Any, place: int) -> EvaluationError:
    kind = kind_of(value)
    cure = {
        OBJECT: "Add | entries, | keys or | values.",
        TEXT: 'Split it: | split(",").',
        NULL: "Add | default([]).",
    }.get(kind, "")
    return EvaluationError("expression.loop_list", place, kind=kind, cure=cure)
