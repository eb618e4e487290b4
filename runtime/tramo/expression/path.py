"""Reading variables and their fields: `order.customer.email`, `items[0]`, `loop.index`.

A field is always a key of an object and never anything of a Python value, so `.items` and `.keys`
are fields like any other. The common short paths have a closure of their own; any surprise falls
back to one slow walk that either finds the value or says exactly what is missing and where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tramo.expression.budget import Frame
from tramo.expression.problem import EvaluationError, name_known, nearest
from tramo.expression.value import LIST, MISSING, OBJECT, TEXT, kind_of

Closure = Callable[[Frame], Any]

SURPRISES = (KeyError, TypeError, IndexError)  # what a subscript raises on unexpected data


class Path(msgspec.Struct, frozen=True):
    """A root variable and constant steps below it; `slot` is -1 or a loop variable's place."""

    root: str
    slot: int
    steps: tuple[str | int, ...]
    offsets: tuple[int, ...]  # of the root, then of each step

    def spell(self, count: int) -> str:
        """Return the path's first `count` steps as they are written."""
        words = (
            f".{step}" if isinstance(step, str) else f"[{step}]" for step in self.steps[:count]
        )
        return self.root + "".join(words)


def read_path(path: Path) -> Closure:
    """Return a closure that reads the path or raises what is wrong with it."""
    if path.slot >= 0:
        return _read_slot(path, path.slot)
    root, steps = path.root, path.steps
    match steps:
        case ():

            def read(frame: Frame) -> Any:
                try:
                    return frame.env[root]
                except KeyError:
                    return _walk(path, frame)

        case (first,):

            def read(frame: Frame) -> Any:
                try:
                    return frame.env[root][first]
                except SURPRISES:
                    return _walk(path, frame)

        case (first, second):

            def read(frame: Frame) -> Any:
                try:
                    return frame.env[root][first][second]
                except SURPRISES:
                    return _walk(path, frame)

        case _:

            def read(frame: Frame) -> Any:
                try:
                    value = frame.env[root]
                    for step in steps:
                        value = value[step]
                    return value
                except SURPRISES:
                    return _walk(path, frame)

    return read


def _read_slot(path: Path, slot: int) -> Closure:
    steps = path.steps
    match steps:
        case ():

            def read(frame: Frame) -> Any:
                return frame.slots[slot]

        case (first,):

            def read(frame: Frame) -> Any:
                try:
                    return frame.slots[slot][first]
                except SURPRISES:
                    return _walk(path, frame)

        case _:

            def read(frame: Frame) -> Any:
                try:
                    value = frame.slots[slot]
                    for step in steps:
                        value = value[step]
                    return value
                except SURPRISES:
                    return _walk(path, frame)

    return read


def read_optional(path: Path) -> Closure:
    """Return a closure that reads the path, or MISSING if any part of it is absent."""

    def read(frame: Frame) -> Any:
        value = _root(path, frame)
        for step in path.steps:
            value = find_item(value, step)
        return value

    return read


def find_item(value: Any, key: Any) -> Any:
    """Return one item of a list or object, or MISSING."""
    kind = type(value)
    if kind is dict and type(key) is str:
        return value.get(key, MISSING)
    if kind is list and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    return MISSING


def get_item(value: Any, key: Any, owner: str, offset: int) -> Any:
    """Return one item of a list, object or text, or raise what is wrong."""
    if type(value) is dict:
        if type(key) is not str:
            raise EvaluationError("expression.key_kind", offset, kind=kind_of(key))
        if key in value:
            return value[key]
        raise EvaluationError(
            "expression.unknown_field",
            offset,
            owner=owner,
            field=key,
            known=name_known(value, "Its fields are") or "It is empty.",
            near=nearest(key, value),
        )
    if type(value) is list or type(value) is str:
        if type(key) is int:
            if -len(value) <= key < len(value):
                return value[key]
            raise EvaluationError("expression.index_range", offset, length=len(value), index=key)
        if type(key) is not str:
            raise EvaluationError("expression.index_kind", offset, kind=kind_of(key))
    if value is None:
        raise EvaluationError("expression.null_field", offset, owner=owner, field=key)
    raise EvaluationError(
        "expression.no_fields",
        offset,
        owner=owner,
        field=key,
        kind=kind_of(value),
        cure=_cure_no_fields(value, key),
    )


def _root(path: Path, frame: Frame) -> Any:
    if path.slot >= 0:
        return frame.slots[path.slot]
    try:
        return frame.env[path.root]
    except KeyError:
        return MISSING


def _walk(path: Path, frame: Frame) -> Any:
    value = _root(path, frame)
    if value is MISSING:
        name = path.root
        raise EvaluationError("expression.skipped", path.offsets[0], name=name, label=name)
    for position, step in enumerate(path.steps):
        value = get_item(value, step, path.spell(position), path.offsets[position + 1])
    return value


def _cure_no_fields(value: Any, key: Any) -> str:
    if key in ("length", "size", "count"):
        return "Write | length."
    if kind_of(value) == LIST:
        return f'Read one item with [0], or every item\'s field with | map("{key}").'
    if kind_of(value) == TEXT:
        return "If the text holds JSON, add | from_json."
    return "" if kind_of(value) == OBJECT else "Remove the field."
