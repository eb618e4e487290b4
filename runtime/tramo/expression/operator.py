"""What the operators do to values: compare, calculate, join, slice, and refuse what has no sense.

Numbers are compared with numbers and texts with texts; whatever a reader could take for two things
is an error with a cure. Knows values and budgets, no syntax tree.
"""

# ruff: noqa: ARG001 - operators share one signature, whether or not they pay
from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any, Final

from tramo.expression.budget import Frame
from tramo.expression.problem import EvaluationError
from tramo.expression.value import (
    BOOLEAN,
    LIST,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    contains,
    equals,
    kind_of,
    looks_numeric,
    settle,
)
from tramo.model.value import CONTEXT

Comparison = Callable[[Frame, Any, Any], bool]
Calculation = Callable[[Frame, Any, Any], Any]
Sum = Callable[[Any, Any], Any]

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


# Comparing


def equal(frame: Frame, left: Any, right: Any) -> bool:
    _refuse_mismatch(left, right, "==")
    return equals(frame, left, right)


def unequal(frame: Frame, left: Any, right: Any) -> bool:
    _refuse_mismatch(left, right, "!=")
    return not equals(frame, left, right)


def ordering(sign: str) -> Comparison:
    """Return the comparison that stands for one of > >= < <=."""
    compare = ORDERINGS[sign]

    def order(frame: Frame, left: Any, right: Any) -> bool:
        a, b = kind_of(left), kind_of(right)
        if a == b == NUMBER:
            return compare(left, right)
        if a == b == TEXT:
            return compare(*_comparable_texts(left, right, sign))
        if NULL in (a, b):
            raise EvaluationError("expression.null_order", operator=sign)
        if a != b:
            _refuse_mismatch(left, right, sign)
        raise EvaluationError("expression.kind_mismatch", left=a, right=b, operator=sign)

    return order


def is_in(frame: Frame, wanted: Any, container: Any) -> bool:
    kind = kind_of(container)
    if kind == LIST:
        return contains(frame, container, wanted)
    if kind in (OBJECT, TEXT):
        if type(wanted) is not str:
            raise EvaluationError(
                "expression.kind_mismatch", left=kind_of(wanted), right=kind, operator="in"
            )
        if isinstance(container, str):
            frame.search(container, wanted)
        return wanted in container
    if kind == NULL:
        raise EvaluationError("expression.null_order", operator="in")
    raise EvaluationError(
        "expression.kind_mismatch", left=kind_of(wanted), right=kind, operator="in"
    )


def is_not_in(frame: Frame, wanted: Any, container: Any) -> bool:
    return not is_in(frame, wanted, container)


COMPARISONS: dict[str, Comparison] = {
    "==": equal,
    "!=": unequal,
    "in": is_in,
    "not in": is_not_in,
    **{sign: ordering(sign) for sign in ORDERINGS},
}


def read_instant(text: str) -> datetime | None:
    """Return the moment that an RFC 3339 text with an offset names, None for any other text."""
    if (
        not 20 <= len(text) <= 40
        or text[4] != "-"
        or text[10] not in "T "
        or not text[:4].isdigit()
    ):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _comparable_texts(left: str, right: str, sign: str) -> tuple[Any, Any]:
    """Return two texts, or the two moments they name, so that they order as a reader expects."""
    if looks_numeric(left) and looks_numeric(right):
        raise EvaluationError("expression.text_numbers", operator=sign)
    first, second = read_instant(left), read_instant(right)
    return (first, second) if first and second else (left, right)


def _refuse_mismatch(left: Any, right: Any, sign: str) -> None:
    a, b = kind_of(left), kind_of(right)
    if a == b or NULL in (a, b):
        return
    if {a, b} == {TEXT, NUMBER}:
        raise EvaluationError("expression.text_number", operator=sign)
    raise EvaluationError("expression.kind_mismatch", left=a, right=b, operator=sign)


# Calculating


def _exactly(sign: str, whole: Sum, exact: Sum) -> Calculation:
    """Return an operator on numbers that most often meets two ints, or a fraction and a number."""

    def operate(frame: Frame, left: Any, right: Any) -> Any:
        a, b = type(left), type(right)
        if a is int and b is int:
            return settle(whole(left, right))
        if (a is Decimal or a is int) and (b is Decimal or b is int):
            return settle(exact(left, right))
        raise _not_number(left if a is not Decimal and a is not int else right, sign)

    return operate


_add_numbers = _exactly("+", operator.add, CONTEXT.add)
subtract = _exactly("-", operator.sub, CONTEXT.subtract)
multiply = _exactly("*", operator.mul, CONTEXT.multiply)


def add(frame: Frame, left: Any, right: Any) -> Any:
    if type(left) is list and type(right) is list:
        frame.items(len(left) + len(right))
        return left + right
    return _add_numbers(frame, left, right)


def divide(frame: Frame, left: Any, right: Any) -> Any:
    whole = _are_whole(left, right, "/")
    if not right:
        raise EvaluationError("expression.division_by_zero")
    if whole and left % right == 0:
        return left // right
    return settle(CONTEXT.divide(left, right))


def divide_whole(frame: Frame, left: Any, right: Any) -> Any:
    """Divide and round towards minus infinity, for ints and Decimals alike."""
    whole = _are_whole(left, right, "//")
    if not right:
        raise EvaluationError("expression.division_by_zero")
    if whole:
        return left // right
    quotient = CONTEXT.divide_int(left, right)
    rest = CONTEXT.remainder(left, right)
    return settle(CONTEXT.subtract(quotient, 1) if rest and (rest < 0) != (right < 0) else quotient)


def remainder(frame: Frame, left: Any, right: Any) -> Any:
    """Return the rest that belongs to `//`; it has the sign of the divisor."""
    whole = _are_whole(left, right, "%")
    if not right:
        raise EvaluationError("expression.division_by_zero")
    if whole:
        return left % right
    rest = CONTEXT.remainder(left, right)
    return settle(CONTEXT.add(rest, right) if rest and (rest < 0) != (right < 0) else rest)


def negate(value: Any) -> Any:
    if type(value) is int:
        return -value
    if type(value) is Decimal:
        return value.copy_negate() if value else value
    raise _not_number(value, "-")


UNCALCULATED: Final = (InvalidOperation, Overflow, EvaluationError)


def placed(error: Exception, left: Any, places: tuple[int, int]) -> EvaluationError:
    """Return why an operator gave nothing, placed at the operand that is wrong."""
    if not isinstance(error, EvaluationError):
        return EvaluationError("expression.number_range", places[0])
    if not error.placed:
        left_is_wrong = kind_of(left) != NUMBER or error.code == "expression.number_range"
        error.move(places[0] if left_is_wrong else places[1])
    return error


def _are_whole(left: Any, right: Any, sign: str) -> bool:
    """Tell whether both are ints; raise unless both are numbers."""
    if type(left) is int and type(right) is int:
        return True
    for value in (left, right):
        if type(value) is not int and type(value) is not Decimal:
            raise _not_number(value, sign)
    return False


def _not_number(value: Any, sign: str) -> EvaluationError:
    kind = kind_of(value)
    cure = ""
    if kind == TEXT:
        cure = "Add | number after it" + (", or join texts with ~." if sign == "+" else ".")
    elif kind == NULL:
        cure = "Add | default(0) after it."
    elif kind == LIST:
        cure = "Add | length or | sum after it."
    return EvaluationError("expression.not_number", operator=sign, kind=kind, cure=cure)


# Deciding


def not_boolean(value: Any, place: str, offset: int) -> EvaluationError:
    """Return the error for a value that stands where true or false is needed."""
    kind = kind_of(value)
    cure = {
        TEXT: 'Compare it, as in … == "yes" or … is not empty.',
        NUMBER: "Compare it, as in … > 0.",
        NULL: "Write … is not none, or add | default(false).",
        LIST: "Write … is not empty.",
        OBJECT: "Write … is not empty.",
    }.get(kind, "")
    return EvaluationError(
        "expression.not_boolean", offset, place=place, kind=kind, cure=cure, wanted=BOOLEAN
    )


# Slicing


def slice_value(frame: Frame, value: Any, start: Any, stop: Any, step: Any) -> Any:
    for bound in (start, stop, step):
        if bound is not None and type(bound) is not int:
            raise EvaluationError("expression.slice_kind", kind=kind_of(bound))
    if step == 0:
        raise EvaluationError("expression.slice_step")
    cut = slice(start, stop, step)
    if type(value) is str:
        frame.text(len(range(*cut.indices(len(value)))))
        return value[cut]
    if type(value) is list:
        frame.items(len(range(*cut.indices(len(value)))))
        return value[cut]
    raise EvaluationError(
        "expression.value_kind",
        filter="[:]",
        wanted="a list or a text",
        kind=kind_of(value),
        cure="Add | default([]) first." if value is None else "",
    )
