"""The tests that follow `is`: what kind a value has, whether it is empty or there at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tramo.expression.budget import Frame
from tramo.expression.path import Closure
from tramo.expression.value import MISSING

DEFINED = {"defined": True, "undefined": False}


def _is_empty(value: Any) -> bool:
    return value is None or (type(value) in (str, list, dict) and not value)


def _is_blank(value: Any) -> bool:
    return _is_empty(value) or (type(value) is str and value.isspace())


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is Decimal


def _is_even(value: Any) -> bool:
    return type(value) is int and value % 2 == 0


def _is_odd(value: Any) -> bool:
    return type(value) is int and value % 2 == 1


PREDICATES: dict[str, Callable[[Any], bool]] = {
    "none": lambda value: value is None,
    "empty": _is_empty,
    "blank": _is_blank,
    "number": _is_number,
    "integer": lambda value: type(value) is int,
    "text": lambda value: type(value) is str,
    "string": lambda value: type(value) is str,
    "boolean": lambda value: type(value) is bool,
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "list": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
    "mapping": lambda value: type(value) is dict,
    "even": _is_even,
    "odd": _is_odd,
}


def ask(operand: Closure, predicate: Callable[[Any], bool]) -> Closure:
    return lambda frame: predicate(operand(frame))


def ask_defined(operand: Closure, expected: bool) -> Closure:
    def evaluate(frame: Frame) -> bool:
        return (operand(frame) is not MISSING) is expected

    return evaluate
