"""Plain values: what a node may hand to the next one, read and written as exact JSON.

A plain value is null, bool, int, Decimal, text, list or object. Integers of any size stay integers,
fractions are Decimal and keep their trailing zeros; no float ever enters a run, because vendors'
ids pass 2^53 and money must not round.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from tramo.model import limit

Value = Any
"""A plain value. Python 3.11 cannot spell a recursive alias that the checkers agree on."""

CONTEXT: Final = Context(prec=34, rounding=ROUND_HALF_EVEN)

_EXPONENTS: Final = (-2 * limit.NUMBER_EXPONENT, limit.NUMBER_EXPONENT)
"""Bounds for the exponent as written, which a zero or a long coefficient may push far."""
_SHAPE: Final = bytes(48 if 48 <= byte <= 57 else 0 for byte in range(256))
"""Turns every digit into `0` and everything else into nothing: long numbers become long runs of
`0`."""
_STRIDE: Final = 4
"""One byte in so many is looked at for a long number: a delivery has thousands, and most have
none."""
_LONG_RUN: Final = b"0" * ((limit.NUMBER_DIGITS + 1) // _STRIDE)
"""What at least is seen of a number with too many digits, wherever it begins."""


class NotExact(ValueError):
    """Text is not JSON that Tramo can hold exactly; the message says where and why."""

    offset: int | None = None
    """The byte at which reading stopped, where that is known."""


def exact_decimal(text: str) -> Decimal:
    """Return the Decimal that `text` spells; raises NotExact past 40 digits or exponent ±40."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotExact(f"{text[:50]!r} is not a number") from None
    if not number.is_finite():
        raise NotExact(f"{text[:50]!r} is not a finite number")
    if len(text) <= limit.NUMBER_DIGITS and "e" not in text and "E" not in text:
        return number  # So short and plain that no bound can be passed; most numbers are.
    if len(number.as_tuple().digits) > limit.NUMBER_DIGITS:
        raise NotExact(f"The number {text[:20]}… has more than {limit.NUMBER_DIGITS} digits")
    if number and not -limit.NUMBER_EXPONENT <= number.adjusted() <= limit.NUMBER_EXPONENT:
        raise NotExact(f"The number {text[:20]}… is outside 10^±{limit.NUMBER_EXPONENT}")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not _EXPONENTS[0] <= exponent <= _EXPONENTS[1]:
        raise NotExact(f"The number {text[:20]}… is outside 10^±{limit.NUMBER_EXPONENT}")
    return number


_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_PATH: Final = re.compile(r" - at `.*", re.DOTALL)
_decoder = msgspec.json.Decoder(float_hook=exact_decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def decode(data: bytes | str) -> Any:
    """Read JSON into a plain value.

    Raises NotExact for anything that is not JSON, is nested too deeply or holds a number out of
    range.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        value = _decoder.decode(raw)
    except RecursionError:
        raise NotExact("The JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(raw, error) from None
    if _LONG_RUN in raw[::_STRIDE].translate(_SHAPE):
        _refuse_long_integers(value)
    return value


def _unreadable(raw: bytes, error: Exception) -> NotExact:
    """Say in plain words why the reader stopped, and where."""
    reason = str(error)
    if isinstance(error, UnicodeDecodeError):
        return NotExact("This is not JSON: it is not UTF-8 text")
    if "truncated" in reason:
        return NotExact("This is not JSON: it ends too early")
    if "out of range" in reason:
        return NotExact(f"A number has more than {limit.NUMBER_DIGITS} digits")
    if "The number" in reason:
        return NotExact(_PATH.sub("", reason))
    found = _BYTE.search(reason)
    offset = int(found[1]) if found else 0
    before = raw[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    refused = NotExact(f"This is not JSON: line {line}, column {column} cannot be read")
    refused.offset = offset
    return refused


def _refuse_long_integers(value: Any) -> None:
    open_values = [value]
    bound = 10**limit.NUMBER_DIGITS
    while open_values:
        item = open_values.pop()
        if isinstance(item, dict):
            open_values.extend(item.values())
        elif isinstance(item, list):
            open_values.extend(item)
        elif isinstance(item, int) and not -bound < item < bound:
            raise NotExact(f"A number has more than {limit.NUMBER_DIGITS} digits")


def encode(value: Any) -> bytes:
    """Write a plain value, or Structs of plain values, as JSON with exact numbers."""
    return _encoder.encode(value)


def encode_sorted(value: Any) -> bytes:
    """Write a plain value with object keys sorted: equal values give equal bytes."""
    return _sorted_encoder.encode(value)


def plain(value: Any) -> Any:
    """Return the plain form of an output: Structs become objects, instants become text.

    Raises TypeError for what JSON cannot hold.
    """
    return decode(_encoder.encode(value))
