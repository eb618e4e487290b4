"""The values of the expression language and how they are named, counted, compared and written.

Values are null, true/false, int, Decimal, text, list and object. Numbers are exact: whole results
are ints, fractions Decimals that keep their trailing zeros. Knows no syntax and no variables.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

from tramo.expression.budget import NESTING, Frame
from tramo.expression.problem import EvaluationError
from tramo.model import limit

_LARGEST = 10**limit.NUMBER_DIGITS
_PER_ITEM = 3  # steps that comparing one item takes

NUMBER: Final = "a number"
TEXT: Final = "a text"
BOOLEAN: Final = "true or false"
NULL: Final = "empty (null)"
LIST: Final = "a list"
OBJECT: Final = "an object"
_KINDS: dict[type, str] = {
    int: NUMBER,
    Decimal: NUMBER,
    str: TEXT,
    bool: BOOLEAN,
    type(None): NULL,
    list: LIST,
    dict: OBJECT,
}
_NUMERAL = re.compile(r"\s*[-+]?[0-9]+(\.[0-9]+)?\s*")


class Missing:
    """What stands for a skipped variable or an absent field under `is defined` and `default`."""


MISSING: Final = Missing()


def kind_of(value: Any) -> str:
    """Return the name people know a value's kind by."""
    return _KINDS.get(type(value), "a value that expressions cannot read")


def looks_numeric(value: str) -> bool:
    return len(value) <= 2 * limit.NUMBER_DIGITS and _NUMERAL.fullmatch(value) is not None


# Numbers


def is_in_range(number: int | Decimal) -> bool:
    """Tell whether a number stays within the digits and the exponent that may enter a run."""
    if not isinstance(number, Decimal):
        return -_LARGEST < number < _LARGEST
    if not number.is_finite():
        return False
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) > limit.NUMBER_DIGITS or exponent < -2 * limit.NUMBER_EXPONENT:
        return False
    return not number or abs(number.adjusted()) <= limit.NUMBER_EXPONENT


def integral(number: Decimal) -> int | Decimal:
    """Return a Decimal without fraction digits as an int, as a JSON number would come back."""
    exponent = number.as_tuple().exponent
    return int(number) if isinstance(exponent, int) and exponent >= 0 else number


def settle(number: int | Decimal) -> int | Decimal:
    """Return the result of a calculation in its one exact form, or refuse it."""
    if isinstance(number, Decimal):
        text = str(number)
        if len(text) <= limit.NUMBER_DIGITS and "." in text and "E" not in text:
            return number if number else number.copy_abs()  # No bound can be passed so shortly.
    if not is_in_range(number):
        raise EvaluationError("expression.number_range")
    if not isinstance(number, Decimal):
        return number
    return integral(number if number else number.copy_abs())


def write_number(number: int | Decimal) -> str:
    """Return a number exactly as it is, without an exponent."""
    text = str(number)
    if "E" not in text:
        return text
    # A zero may have any exponent; as an int it has no million zeros to write.
    whole = integral(Decimal(number))
    return format(whole, "f") if isinstance(whole, Decimal) else str(whole)


# Equality


def equals(frame: Frame, left: Any, right: Any, depth: int = 0) -> bool:
    """Tell whether two values are the same; values of different kinds never are."""
    a, b = type(left), type(right)
    if a is b:
        if a is list:
            return _equal_lists(frame, left, right, depth)
        if a is dict:
            return _equal_objects(frame, left, right, depth)
        return left == right
    if (a is int and b is Decimal) or (a is Decimal and b is int):
        return left == right
    return False


def _equal_lists(frame: Frame, left: list[Any], right: list[Any], depth: int) -> bool:
    if len(left) != len(right):
        return False
    frame.tick(_PER_ITEM * (len(left) + 1))
    _check_depth(depth)
    return all(equals(frame, a, b, depth + 1) for a, b in zip(left, right, strict=True))


def _equal_objects(frame: Frame, left: dict[str, Any], right: dict[str, Any], depth: int) -> bool:
    if left.keys() != right.keys():
        return False
    frame.tick(_PER_ITEM * (len(left) + 1))
    _check_depth(depth)
    return all(equals(frame, value, right[name], depth + 1) for name, value in left.items())


def contains(frame: Frame, items: list[Any], wanted: Any) -> bool:
    """Tell whether a list holds a value; text looked for among numbers only is an error."""
    frame.tick(_PER_ITEM * (len(items) + 1))
    for item in items:
        if equals(frame, item, wanted):
            return True
    kinds = {kind_of(item) for item in items} - {NULL}
    if len(kinds) == 1 and {kind_of(wanted), *kinds} == {TEXT, NUMBER}:
        raise EvaluationError("expression.text_number", operator="in")
    return False


def _check_depth(depth: int) -> None:
    if depth > NESTING:
        raise EvaluationError("expression.too_deep")


# Text


def write_text(frame: Frame, value: Any) -> str:
    """Return a value as people read it: null is empty, lists and objects are JSON."""
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        return str(value)
    if kind is Decimal:
        return write_number(value)
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    return write_json(frame, value)


def write_json(frame: Frame, value: Any) -> str:
    """Return exact JSON: numbers with all their digits, texts unescaped beyond what JSON asks."""
    parts: list[str] = []
    _add_json(frame, value, parts, 0)
    frame.text(sum(map(len, parts)))
    return "".join(parts)


def _add_json(frame: Frame, value: Any, parts: list[str], depth: int) -> None:
    kind = type(value)
    if kind is dict or kind is list:
        _check_depth(depth)
        opening, closing = "{}" if kind is dict else "[]"
        parts.append(opening)
        for position, item in enumerate(value):
            frame.tick(4)
            frame.take(16 if kind is list else 32)
            if position:
                parts.append(",")
            if kind is dict:
                _add_json(frame, item, parts, depth + 1)
                parts.append(":")
                item = value[item]
            _add_json(frame, item, parts, depth + 1)
        parts.append(closing)
    elif kind is str:
        frame.text(len(value))
        encoded = encode_basestring(value)
        frame.take(len(encoded) - len(value))
        parts.append(encoded)
    elif kind is bool or value is None:
        parts.append("null" if value is None else "true" if value else "false")
    elif kind is int or kind is Decimal:
        parts.append(write_number(value))
    else:
        raise EvaluationError(
            "expression.value_kind",
            filter="json",
            wanted="a plain value",
            kind=kind_of(value),
            cure="",
        )
