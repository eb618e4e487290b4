"""Filters on lists. A field is named by a path (`variant.sku`); an item without it is an error."""

# ruff: noqa: ARG001 - every filter takes the frame, whether or not it pays
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal

from tramo.expression.budget import Frame
from tramo.expression.filter.registry import Number, register
from tramo.expression.operator import COMPARISONS, add, read_instant
from tramo.expression.path import find_item
from tramo.expression.problem import EvaluationError
from tramo.expression.value import (
    LIST,
    MISSING,
    NUMBER,
    OBJECT,
    TEXT,
    equals,
    kind_of,
    settle,
    write_json,
    write_text,
)
from tramo.model.value import CONTEXT

Operator = Literal["==", "!=", ">", ">=", "<", "<=", "in", "not in"]

_LINES = '[{"sku": "A", "n": 2}, {"sku": "B", "n": 1}]'


def _fields_of(frame: Frame, items: list[Any], path: str) -> list[Any]:
    """Return every item's field, or the items themselves for an empty path."""
    frame.items(len(items))
    return list(_each_field(frame, items, path)) if path else list(items)


def _each_field(frame: Frame, items: list[Any], path: str) -> Iterator[Any]:
    names = path.split(".")
    for index, value in enumerate(items):
        frame.tick(len(names))
        for name in names:
            value = find_item(value, name)
            if value is MISSING:
                raise EvaluationError("expression.item_field", index=index, field=path[:60])
        yield value


def _check_kind(items: Iterable[Any], wanted: str, name: str) -> None:
    for index, item in enumerate(items):
        if kind_of(item) != wanted:
            raise EvaluationError(
                "expression.item_kind", index=index, kind=kind_of(item), filter=name, wanted=wanted
            )


def _sort_keys(frame: Frame, values: list[Any]) -> list[Any]:
    """Return keys that order numbers by size, moments by time and other texts by letters."""
    frame.tick(len(values) * max(1, len(values).bit_length()))
    kinds = {kind_of(value) for value in values}
    if kinds <= {NUMBER}:
        return values
    if kinds == {TEXT}:
        moments = [read_instant(value) for value in values]
        return values if None in moments else moments
    left, right = (sorted(kinds) * 2)[:2]
    raise EvaluationError("expression.mixed_order", left=left, right=right)


def _need_items(items: list[Any], name: str) -> None:
    if not items:
        raise EvaluationError("expression.empty_list", filter=name)


@register("length", "list", ("[3, 4] | length", 2), ('"abc" | length', 3))
def length(frame: Frame, value: str | list[Any] | dict[str, Any]) -> int:
    """Counts the items of a list, the fields of an object or the characters of a text."""
    return len(value)


@register("first", "list", ("[3, 4] | first", 3), ('[] | first | default("none")', "none"))
def first(frame: Frame, value: str | list[Any]) -> Any:
    """Gives the first item or character, null where there is none."""
    return value[0] if value else None


@register("last", "list", ("[3, 4] | last", 4))
def last(frame: Frame, value: str | list[Any]) -> Any:
    """Gives the last item or character, null where there is none."""
    return value[-1] if value else None


@register(
    "join", "list", ('["a", "b"] | join(", ")', "a, b"), (f'{_LINES} | join("+", "sku")', "A+B")
)
def join(frame: Frame, value: list[Any], separator: str = "", field: str = "") -> str:
    """Joins the items, or one field of each, into a text."""
    parts: list[str] = []
    total = 0
    for item in _fields_of(frame, value, field):
        parts.append(write_text(frame, item))
        total += len(parts[-1]) + len(separator)
        frame.text(0 if total <= 1_000_000 else total)
    frame.text(total)
    return separator.join(parts)


@register("map", "list", (f'{_LINES} | map("sku")', ["A", "B"]))
def map_field(frame: Frame, value: list[Any], field: str) -> list[Any]:
    """Gives one field of every item."""
    return _fields_of(frame, value, field)


@register(
    "where",
    "list",
    (f'{_LINES} | where("n", 1) | map("sku")', ["B"]),
    (f'{_LINES} | where("n", 1, ">") | length', 1),
)
def where(
    frame: Frame, value: list[Any], field: str, wanted: Any, operator: Operator = "=="
) -> list[Any]:
    """Keeps the items whose field equals a value, or compares with it by another operator."""
    return [item for item, fits in _compared(frame, value, field, wanted, operator) if fits]


@register("reject", "list", (f'{_LINES} | reject("n", 1) | map("sku")', ["A"]))
def reject(
    frame: Frame, value: list[Any], field: str, wanted: Any, operator: Operator = "=="
) -> list[Any]:
    """Leaves out the items whose field equals a value, or compares with it."""
    return [item for item, fits in _compared(frame, value, field, wanted, operator) if not fits]


def _compared(
    frame: Frame, items: list[Any], field: str, wanted: Any, operator: Operator
) -> list[tuple[Any, bool]]:
    compare = COMPARISONS[operator]
    found = _fields_of(frame, items, field)
    frame.items(len(items), 18)
    return [(item, compare(frame, each, wanted)) for item, each in zip(items, found, strict=True)]


@register(
    "sort",
    "list",
    ("[3, 1, 2] | sort", [1, 2, 3]),
    (f'{_LINES} | sort("n") | map("sku")', ["B", "A"]),
    ("[1, 2] | sort(descending=true)", [2, 1]),
)
def sort(frame: Frame, value: list[Any], by: str = "", descending: bool = False) -> list[Any]:
    """Orders the items, or by one field of each; equal ones keep their order."""
    keys = _sort_keys(frame, _fields_of(frame, value, by))
    frame.items(len(value), 4)
    order = sorted(range(len(value)), key=keys.__getitem__, reverse=descending)
    return [value[position] for position in order]


@register("unique", "list", ("[1, 2, 1] | unique", [1, 2]))
def unique(frame: Frame, value: list[Any], by: str = "") -> list[Any]:
    """Keeps the first of equal items, or of items with an equal field."""
    seen: set[Any] = set()
    kept: list[Any] = []
    for item, key in zip(value, _fields_of(frame, value, by), strict=True):
        mark = _identity(frame, key)
        if mark not in seen:
            seen.add(mark)
            kept.append(item)
    frame.items(len(value), 30)
    return kept


def _identity(frame: Frame, value: Any) -> Any:
    """Return a hashable stand-in that is equal for equal values only."""
    kind = kind_of(value)
    if kind in (LIST, OBJECT):
        return (kind, write_json(frame, value))
    return (kind, value)


@register("reverse", "list", ("[1, 2] | reverse", [2, 1]), ('"abc" | reverse', "cba"))
def reverse(frame: Frame, value: str | list[Any]) -> Any:
    """Turns the order around."""
    if isinstance(value, str):
        frame.text(len(value))
    else:
        frame.items(len(value))
    return value[::-1]


@register("flatten", "list", ("[[1], [2, 3]] | flatten", [1, 2, 3]))
def flatten(frame: Frame, value: list[Any]) -> list[Any]:
    """Joins a list of lists into one list; items that are no lists stay."""
    count = sum(len(item) if isinstance(item, list) else 1 for item in value)
    frame.tick(len(value))
    frame.items(count)
    flat: list[Any] = []
    for item in value:
        if isinstance(item, list):
            flat.extend(item)
        else:
            flat.append(item)
    return flat


@register("compact", "list", ('[1, none, ""] | compact', [1, ""]))
def compact(frame: Frame, value: list[Any]) -> list[Any]:
    """Leaves out null items."""
    frame.items(len(value))
    return [item for item in value if item is not None]


@register("chunk", "list", ("[1, 2, 3] | chunk(2)", [[1, 2], [3]]))
def chunk(frame: Frame, value: list[Any], size: int) -> list[Any]:
    """Cuts a list into lists of at most `size` items, as for services that take so many at once."""
    if size < 1:
        raise EvaluationError(
            "expression.filter_range", argument="size", filter="chunk", low=1, high=100_000
        )
    frame.items(len(value), 2)
    frame.items(len(value) // size + 1, 18)
    return [value[at : at + size] for at in range(0, len(value), size)]


@register("group_by", "list", (f'{_LINES} | group_by("n") | map("key")', [2, 1]))
def group_by(frame: Frame, value: list[Any], field: str) -> list[Any]:
    """Makes one {key, items} of the items with an equal field, in order of appearance."""
    groups: dict[Any, dict[str, Any]] = {}
    for item, key in zip(value, _fields_of(frame, value, field), strict=True):
        mark = _identity(frame, key)
        if mark not in groups:
            frame.take(120)
            groups[mark] = {"key": key, "items": []}
        groups[mark]["items"].append(item)
    frame.items(len(value))
    return list(groups.values())


@register(
    "sum",
    "list",
    ("[1, 2.50] | sum", Decimal("3.50")),
    (f'{_LINES} | sum("n")', 3),
    ("[] | sum", 0),
)
def total(frame: Frame, value: list[Any], field: str = "") -> Number:
    """Adds up the numbers, or one field of every item."""
    result: Number = 0
    numbers = _fields_of(frame, value, field)
    frame.tick(4 * len(numbers))
    if {*map(type, numbers)} == {int}:
        return settle(sum(numbers))
    _check_kind(numbers, NUMBER, "sum")
    for number in numbers:
        result = add(frame, result, number)
    return result


@register("average", "list", ("[1, 2] | average", Decimal("1.5")))
def average(frame: Frame, value: list[Any], field: str = "") -> Number:
    """Gives the mean of the numbers, or of one field of every item."""
    _need_items(value, "average")
    return settle(CONTEXT.divide(total(frame, value, field), len(value)))


@register("min", "list", ("[3, 1.5] | min", Decimal("1.5")), (f'{_LINES} | min("n")', 1))
def smallest(frame: Frame, value: list[Any], field: str = "") -> Any:
    """Gives the smallest number or text, or the smallest of one field."""
    return _extreme(frame, value, field, "min", min)


@register("max", "list", ("[3, 1.5] | max", 3))
def largest(frame: Frame, value: list[Any], field: str = "") -> Any:
    """Gives the largest number or text, or the largest of one field."""
    return _extreme(frame, value, field, "max", max)


def _extreme(
    frame: Frame, value: list[Any], field: str, name: str, choose: Callable[..., int]
) -> Any:
    _need_items(value, name)
    found = _fields_of(frame, value, field)
    keys = _sort_keys(frame, found)
    return found[choose(range(len(found)), key=keys.__getitem__)]


@register("any", "list", (f'{_LINES} | any("n", 2)', True), (f'{_LINES} | any("n", 5, ">")', False))
def any_item(
    frame: Frame, value: list[Any], field: str, wanted: Any, operator: Operator = "=="
) -> bool:
    """Tells whether the field of at least one item equals a value, or compares with it."""
    return any(fits for _, fits in _compared(frame, value, field, wanted, operator))


@register("all", "list", (f'{_LINES} | all("n", 0, ">")', True))
def all_items(
    frame: Frame, value: list[Any], field: str, wanted: Any, operator: Operator = "=="
) -> bool:
    """Tells whether the field of every item equals a value, or compares with it."""
    return all(fits for _, fits in _compared(frame, value, field, wanted, operator))


@register("find", "list", (f'({_LINES} | find("sku", "B")).n', 1))
def find(frame: Frame, value: list[Any], field: str, wanted: Any) -> Any:
    """Gives the first item whose field equals a value, null where there is none."""
    for item, found in zip(value, _each_field(frame, value, field), strict=True):
        frame.tick(5)
        if equals(frame, found, wanted):
            return item
    return None


@register("without", "list", ('["a", "b"] | without("a")', ["b"]))
def without(frame: Frame, value: list[Any], unwanted: Any) -> list[Any]:
    """Leaves out the items that equal a value, or any value of a list."""
    frame.items(len(value))
    excluded = unwanted if isinstance(unwanted, list) else [unwanted]
    marks = {_identity(frame, each) for each in excluded}
    frame.items(len(excluded), 30)
    return [item for item in value if _identity(frame, item) not in marks]
