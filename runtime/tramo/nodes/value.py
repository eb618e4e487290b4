"""What an expression gave for a param: the right kind, or an error that says what to change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final

from msgspec import UNSET

from tramo import sdk

KEY_LENGTH: Final = 300
EXACT: Final = Context(prec=90)
"""Wide enough that adding or subtracting numbers of 40 digits rounds none."""
_KEPT: Final = Context(prec=34)
_LARGEST: Final = 10**40


def describe(value: Any) -> str:
    """Return the kind of a value in words."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true or false"
        case int() | Decimal():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def text(value: Any, field: str) -> str:
    """Return a text; raises BadParams for anything else."""
    if isinstance(value, str):
        return value
    raise sdk.BadParams(
        f"“{field}” must be a text, but it is {describe(value)}; "
        'write it with {"$text": …}, or add | json to the expression.',
        params={"why": "kind", "field": field, "wanted": "a text", "kind": describe(value)},
    )


def choice(value: Any, field: str, choices: Sequence[str]) -> str:
    """Return one of the given words; raises BadParams for anything else."""
    if isinstance(value, str) and value in choices:
        return value
    raise sdk.BadParams(
        f"“{field}” must be one of {', '.join(choices)}.",
        params={"why": "choice", "field": field, "choices": ", ".join(choices)},
    )


def whole_number(value: Any, field: str, low: int, high: int) -> int:
    """Return a whole number within bounds; raises BadParams for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise sdk.BadParams(
        f"“{field}” must be a whole number from {low} to {high}; correct the expression.",
        params={"why": "whole_number", "field": field, "low": low, "high": high},
    )


def number(value: Any, field: str, low: int, high: int) -> int | Decimal:
    """Return a number within bounds; raises BadParams for anything else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and low <= value <= high:
        return value
    found = f"it is {describe(value)}" if not is_number(value) else f"it is {value}"
    cure = "add | number to the expression" if isinstance(value, str) else "correct it"
    shown = describe(value) if not is_number(value) else str(value)
    raise sdk.BadParams(
        f"“{field}” must be a number from {low} to {high}, but {found}; {cure}.",
        params={"why": "number", "field": field, "low": low, "high": high, "kind": shown},
    )


def spelled(value: Any) -> Any:
    """Return the number of an amount that is written as a text, as typed params may be."""
    try:
        return Decimal(value) if isinstance(value, str) else value
    except InvalidOperation:
        return value


def kept(number: int | Decimal, field: str) -> int | Decimal:
    """Return a calculated number as a run keeps it: fractions in 34 digits, whole ones as integers.

    Raises BadParams for one that is too large or too small to be kept.
    """
    if isinstance(number, Decimal):
        number = _KEPT.plus(number)
        exponent = number.as_tuple().exponent
        number = int(number) if isinstance(exponent, int) and exponent >= 0 else number
    if number and not 1 <= abs(number) * _LARGEST < _LARGEST**2:
        raise sdk.BadParams(
            f"“{field}” would be a number of more than 40 digits; use smaller ones.",
            params={"why": "digits", "field": field},
        )
    return number


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def items(value: Any, field: str) -> list[Any]:
    """Return a list; raises BadParams, with a way to make one, for anything else."""
    if isinstance(value, list):
        return value
    match value:
        case None:
            cure = "add | default([]) if it may be missing"
        case str():
            cure = 'cut it with | split(","), or add | from_json if it holds JSON'
        case dict():
            cure = "name the field that holds the list, or add | values"
        case _:
            cure = "name a field that holds a list"
    raise sdk.BadParams(
        f"“{field}” must be a list, but it is {describe(value)}; {cure}.",
        params={"why": "kind", "field": field, "wanted": "a list", "kind": describe(value)},
    )


def key(value: Any, field: str) -> str:
    """Return the text by which a value is known: 1001 and "1001" are one key.

    A list is one key made of several. Long ones are known by their SHA-256. Raises BadParams for
    what is empty or has no one way to be written.
    """
    if isinstance(value, list) and value:
        text = sdk.encode([key(item, field) for item in value]).decode()
    else:
        text = scalar(value, field) or ""
    if not text.strip():
        raise sdk.BadParams(
            f"“{field}” is empty here; name a value that every run has, or branch before.",
            params={"why": "empty", "field": field},
        )
    return text if len(text) <= KEY_LENGTH else f"sha256:{sha256(text.encode()).hexdigest()}"


def scope(store: sdk.Store, of: Any) -> str:
    """Return what a node of a flow keeps its state under, for one value of its key or for all."""
    place = f"{store.flow_id}/{store.node_id}"
    return place if of is UNSET else f"{place}/{key(of, 'key')}"


def scalar(value: Any, field: str) -> str | None:
    """Return how a value is written in a query or header; null is left out.

    Raises BadParams for lists and objects, which have no one way to be written.
    """
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case _:
            raise sdk.BadParams(
                f"“{field}” must be a text or a number, but it is {describe(value)}; "
                "add | json or | join to the expression.",
                params={
                    "why": "kind",
                    "field": field,
                    "wanted": "a text or a number",
                    "kind": describe(value),
                },
            )
