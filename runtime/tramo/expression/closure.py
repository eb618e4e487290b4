"""Closures for operators, conditions and literals: what the compiler puts together.

Each factory takes the closures of its operands and returns one that evaluates them. The shapes that
flows use most (a field against a constant, two conditions) have a fast form of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tramo.expression.budget import TEXT_SIZE, Frame
from tramo.expression.operator import (
    COMPARISONS,
    ORDERINGS,
    UNCALCULATED,
    Calculation,
    Comparison,
    negate,
    not_boolean,
    placed,
    slice_value,
)
from tramo.expression.path import SURPRISES, Closure, find_item, get_item
from tramo.expression.problem import EvaluationError
from tramo.expression.value import MISSING, TEXT, kind_of, write_text

Places = tuple[int, int]  # the offsets of both operands
Field = tuple[str, str]  # a variable's name and one field of it


def constant(value: Any) -> Closure:
    return lambda _: value


# Comparing


def compare(sign: str, left: Closure, right: Closure, places: Places) -> Closure:
    comparison = COMPARISONS[sign]

    def evaluate(frame: Frame) -> bool:
        return _compare(frame, comparison, left(frame), right(frame), places)

    return evaluate


def compare_constant(
    sign: str, left: Closure, value: Any, places: Places, field: Field | None = None
) -> Closure:
    """Compare with a constant that stands on the right.

    `field` says that `left` is a plain field of a variable: the two most common conditions, a text
    equal to a constant and a number ordered against one, then read it without a call in between.
    """
    if isinstance(value, str) and sign == "==":
        return _equals_text(left, value, places, field)
    if isinstance(value, (int, Decimal)) and type(value) is not bool and sign in ORDERINGS:
        return _orders_number(sign, left, value, places, field)
    return compare(sign, left, constant(value), places)


def _equals_text(left: Closure, value: str, places: Places, field: Field | None) -> Closure:
    comparison = COMPARISONS["=="]
    if field is None:

        def evaluate(frame: Frame) -> bool:
            found = left(frame)
            if type(found) is str:
                return found == value
            return _compare(frame, comparison, found, value, places)

        return evaluate

    root, name = field

    def evaluate_field(frame: Frame) -> bool:
        try:
            found = frame.env[root][name]
        except SURPRISES:
            found = left(frame)
        if type(found) is str:
            return found == value
        return _compare(frame, comparison, found, value, places)

    return evaluate_field


def _orders_number(
    sign: str, left: Closure, value: int | Decimal, places: Places, field: Field | None
) -> Closure:
    comparison, order, decimal = COMPARISONS[sign], ORDERINGS[sign], Decimal(value)
    if field is None:

        def evaluate(frame: Frame) -> bool:
            found = left(frame)
            kind = type(found)
            if kind is Decimal:
                return order(found, decimal)
            if kind is int:
                return order(found, value)
            return _compare(frame, comparison, found, value, places)

        return evaluate

    root, name = field

    def evaluate_field(frame: Frame) -> bool:
        try:
            found = frame.env[root][name]
        except SURPRISES:
            found = left(frame)
        kind = type(found)
        if kind is Decimal:
            return order(found, decimal)
        if kind is int:
            return order(found, value)
        return _compare(frame, comparison, found, value, places)

    return evaluate_field


def compare_chain(first: Closure, links: list[tuple[str, Closure, Places]]) -> Closure:
    """Compare neighbours, as in `1 < x <= 5`; each operand is evaluated once."""

    def evaluate(frame: Frame) -> bool:
        left = first(frame)
        for sign, operand, places in links:
            right = operand(frame)
            if not _compare(frame, COMPARISONS[sign], left, right, places):
                return False
            left = right
        return True

    return evaluate


def _compare(frame: Frame, comparison: Comparison, left: Any, right: Any, places: Places) -> bool:
    try:
        return comparison(frame, left, right)
    except EvaluationError as error:
        left_is_wrong = kind_of(left) == TEXT or left is None
        error.move(places[0] if left_is_wrong else places[1])
        raise


# Deciding


def both(left: Closure, right: Closure, places: Places) -> Closure:
    def evaluate(frame: Frame) -> bool:
        value = left(frame)
        if value is False:
            return False
        if value is True:
            value = right(frame)
            if value is True or value is False:
                return value
            raise not_boolean(value, "“and”", places[1])
        raise not_boolean(value, "“and”", places[0])

    return evaluate


def any_or_all(word: str, operands: list[Closure], places: list[int]) -> Closure:
    """Evaluate a row of `and` or `or` from left to right until one decides."""
    decides = word == "or"

    def evaluate(frame: Frame) -> bool:
        for operand, place in zip(operands, places, strict=True):
            value = operand(frame)
            if value is decides:
                return decides
            if type(value) is not bool:
                raise not_boolean(value, f"“{word}”", place)
        return not decides

    return evaluate


def invert(operand: Closure, place: int) -> Closure:
    def evaluate(frame: Frame) -> bool:
        value = operand(frame)
        if type(value) is bool:
            return not value
        raise not_boolean(value, "“not”", place)

    return evaluate


def choose(condition: Closure, then: Closure, otherwise: Closure, place: int) -> Closure:
    def evaluate(frame: Frame) -> Any:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return otherwise(frame)
        raise not_boolean(value, "“if”", place)

    return evaluate


# Calculating


def arithmetic(calculation: Calculation, left: Closure, right: Closure, places: Places) -> Closure:
    def evaluate(frame: Frame) -> Any:
        value, operand = left(frame), right(frame)
        try:
            return calculation(frame, value, operand)
        except UNCALCULATED as error:
            raise placed(error, value, places) from None

    return evaluate


def arithmetic_row(first: Closure, links: list[tuple[Calculation, Closure, Places]]) -> Closure:
    """Calculate from left to right without nesting, however long the row is."""

    def evaluate(frame: Frame) -> Any:
        value = first(frame)
        for calculation, link, places in links:
            operand = link(frame)
            try:
                value = calculation(frame, value, operand)
            except UNCALCULATED as error:
                raise placed(error, value, places) from None
        return value

    return evaluate


def minus(operand: Closure, place: int) -> Closure:
    def evaluate(frame: Frame) -> Any:
        value = operand(frame)
        try:
            return negate(value)
        except EvaluationError as error:
            error.move(place)
            raise

    return evaluate


# Building


def concatenate(operands: list[Closure], place: int) -> Closure:
    def evaluate(frame: Frame) -> str:
        try:
            parts = [write_text(frame, operand(frame)) for operand in operands]
            frame.text(sum(map(len, parts)))
        except EvaluationError as error:
            error.move(place)
            raise
        return "".join(parts)

    return evaluate


def build_list(operands: list[Closure]) -> Closure:
    return lambda frame: [operand(frame) for operand in operands]


def build_object(pairs: list[tuple[Closure, Closure, int]]) -> Closure:
    def evaluate(frame: Frame) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for name, operand, place in pairs:
            key = name(frame)
            if type(key) is not str:
                raise EvaluationError("expression.key_kind", place, kind=kind_of(key))
            built[key] = operand(frame)
        return built

    return evaluate


def take_item(base: Closure, key: Closure, owner: str, place: int) -> Closure:
    return lambda frame: get_item(base(frame), key(frame), owner, place)


def take_optional_item(base: Closure, key: Closure) -> Closure:
    def evaluate(frame: Frame) -> Any:
        value = base(frame)
        return MISSING if value is MISSING else find_item(value, key(frame))

    return evaluate


def take_slice(base: Closure, bounds: list[Closure], place: int) -> Closure:
    start, stop, step = bounds

    def evaluate(frame: Frame) -> Any:
        try:
            return slice_value(frame, base(frame), start(frame), stop(frame), step(frame))
        except EvaluationError as error:
            error.move(place)
            raise

    return evaluate


# Text


def write_slot(operand: Closure, place: int) -> Closure:
    """Return a closure that gives the operand's value as text."""

    def evaluate(frame: Frame) -> str:
        value = operand(frame)
        if type(value) is str:
            return value
        try:
            return write_text(frame, value)
        except EvaluationError as error:
            error.move(place)
            raise

    return evaluate


def join_parts(parts: list[str | Callable[[Frame], str]], place: int) -> Closure:
    """Join fixed text and slots into one text of bounded size."""

    def evaluate(frame: Frame) -> str:
        texts = [part if isinstance(part, str) else part(frame) for part in parts]
        size = sum(map(len, texts))
        frame.room -= size
        if size > TEXT_SIZE or frame.room < 0:
            raise EvaluationError("expression.budget", place, limit=f"{TEXT_SIZE} characters")
        return "".join(texts)

    return evaluate


def decide(branches: list[tuple[Closure, Closure, int]], otherwise: Closure) -> Closure:
    """Render the first branch of an `if` block whose condition is true."""

    def evaluate(frame: Frame) -> str:
        for condition, body, place in branches:
            value = condition(frame)
            if value is True:
                return body(frame)
            if value is not False:
                raise not_boolean(value, "“if”", place)
        return otherwise(frame)

    return evaluate
