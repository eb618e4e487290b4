"""Filters on objects, on JSON, and on values that may be absent."""

# ruff: noqa: ARG001 - every filter takes the frame, whether or not it pays
from __future__ import annotations

from decimal import Decimal
from typing import Any

from tramo.expression.budget import Frame
from tramo.expression.filter.registry import register
from tramo.expression.problem import EvaluationError
from tramo.expression.value import MISSING, write_json
from tramo.model.value import NotExact, decode


@register(
    "default",
    "value",
    ('none | default("friend")', "friend"),
    ('"" | default("none", empty=true)', "none"),
)
def needs_default(frame: Frame, value: Any, fallback: Any, empty: bool = False) -> bool:
    """Gives a fallback in place of null or of a field, item or output that is not there;
    with `empty=true` in place of an empty text, list or object too.
    """
    if value is MISSING or value is None:
        return True
    return empty and type(value) in (str, list, dict) and not value


@register(
    "json",
    "value",
    (
        '{"id": 820982911946154508, "total": 10.10} | json',
        '{"id":820982911946154508,"total":10.10}',
    ),
)
def to_json(frame: Frame, value: Any) -> str:
    """Writes a value as JSON, with every digit of its numbers."""
    return write_json(frame, value)


@register("from_json", "value", ('"[1, 2.50]" | from_json', [1, Decimal("2.50")]))
def from_json(frame: Frame, value: str) -> Any:
    """Reads JSON; its numbers stay exact."""
    # Each mark below opens or separates an item, so counting them bounds what will be built.
    frame.scan(len(value) * 4)
    frame.items(sum(value.count(mark) for mark in ",:[{") + 1, 16)
    frame.take(len(value))
    try:
        return decode(value)
    except NotExact as error:
        raise EvaluationError("expression.json", reason=str(error)) from None


@register("keys", "object", ('{"a": 1, "b": 2} | keys', ["a", "b"]))
def keys(frame: Frame, value: dict[str, Any]) -> list[str]:
    """Gives the names of an object's fields."""
    frame.items(len(value))
    return list(value)


@register("values", "object", ('{"a": 1, "b": 2} | values', [1, 2]))
def values(frame: Frame, value: dict[str, Any]) -> list[Any]:
    """Gives the values of an object's fields."""
    frame.items(len(value))
    return list(value.values())


@register("entries", "object", ('{"a": 1} | entries', [{"key": "a", "value": 1}]))
def entries(frame: Frame, value: dict[str, Any]) -> list[Any]:
    """Gives an object's fields as a list of {key, value}, for loops."""
    frame.items(len(value), 60)
    return [{"key": name, "value": each} for name, each in value.items()]


@register("merge", "object", ('{"a": 1, "b": 2} | merge({"b": 3})', {"a": 1, "b": 3}))
def merge(frame: Frame, value: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Joins two objects; where both have a field, the second's counts."""
    frame.items(len(value) + len(other), 30)
    return {**value, **other}


@register("pick", "object", ('{"a": 1, "b": 2} | pick(["a"])', {"a": 1}))
def pick(frame: Frame, value: dict[str, Any], fields: list[Any]) -> dict[str, Any]:
    """Keeps only the named fields of an object, those that it has."""
    frame.items(len(fields), 30)
    return {name: value[name] for name in fields if type(name) is str and name in value}


@register("omit", "object", ('{"a": 1, "b": 2} | omit(["a"])', {"b": 2}))
def omit(frame: Frame, value: dict[str, Any], fields: list[Any]) -> dict[str, Any]:
    """Leaves out the named fields of an object."""
    frame.items(len(value) + len(fields), 30)
    unwanted = {name for name in fields if type(name) is str}
    return {name: each for name, each in value.items() if name not in unwanted}
