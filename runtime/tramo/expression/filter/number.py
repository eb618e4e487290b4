"""Filters on numbers and money; exact throughout, localized only when a person is to read it."""

# ruff: noqa: ARG001 - every filter takes the frame, whether or not it pays
from __future__ import annotations

import re
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from functools import lru_cache
from typing import Any, Literal

from tramo.expression.budget import Frame
from tramo.expression.filter.registry import Number, register
from tramo.expression.problem import EvaluationError
from tramo.expression.value import settle

RoundingMode = Literal["half_even", "half_up", "up", "down"]
_ROUNDING = {
    "half_even": ROUND_HALF_EVEN,
    "half_up": ROUND_HALF_UP,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}
_WIDE = Context(prec=90)
_PLAIN = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,3}")


@register(
    "number",
    "number",
    ('"10.10" | number', Decimal("10.10")),
    ('"1.234,5" | number(decimal=",")', Decimal("1234.5")),
)
def read_number(frame: Frame, value: str | Number, decimal: str = "") -> Number:
    """Reads a text as an exact number; `decimal` names the decimal mark where it is in doubt."""
    if not isinstance(value, str):
        return value
    if not decimal and _PLAIN.fullmatch(value):  # As nearly every vendor writes it.
        return Decimal(value) if "." in value else int(value)
    if len(value) > 200:
        raise EvaluationError("expression.number_text", found=value[:40])
    text = value.strip().replace("\u00a0", "").replace("\u202f", "").replace("\u2212", "-")
    plain = text if _EXPONENT.fullmatch(text) else _plain(text, decimal, value)
    number = Decimal(plain) if "." in plain or "e" in plain.lower() else int(plain)
    return settle(number)


def _plain(text: str, decimal: str, found: str) -> str:
    """Return digits with a point, or refuse what could be read in two ways."""
    if decimal not in ("", ".", ","):
        raise EvaluationError(
            "expression.argument_choice", argument="decimal", filter="number", choices='".", ","'
        )
    match = re.fullmatch(r"([-+]?)([0-9][0-9.,' ]*)", text)
    if not match:
        raise EvaluationError("expression.number_text", found=found[:40])
    sign, digits = match[1], match[2]
    mark = decimal or _decimal_mark(digits, found)
    whole, _, fraction = digits.partition(mark) if mark else (digits, "", "")
    if re.search(r"[.,' ]", whole):
        if not re.fullmatch(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*", whole):
            raise EvaluationError("expression.number_text", found=found[:40])
        whole = re.sub(r"[.,' ]", "", whole)
    if (mark and mark in digits and not fraction.isdigit()) or not whole.isdigit():
        raise EvaluationError("expression.number_text", found=found[:40])
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _decimal_mark(digits: str, found: str) -> str:
    """Return the decimal mark of a number that shows by itself which one it is."""
    comma, point = digits.count(","), digits.count(".")
    if not comma:
        return "." if point == 1 else ""
    if point or comma == 1:
        raise EvaluationError("expression.number_ambiguous", found=found[:40])
    return ""


@register(
    "round",
    "number",
    ("2.345 | round(2)", Decimal("2.34")),
    ('2.345 | round(2, "half_up")', Decimal("2.35")),
    ("2.5 | round", 2),
)
def round_number(
    frame: Frame, value: Number, digits: int = 0, mode: RoundingMode = "half_even"
) -> Number:
    """Rounds to a number of digits after the point; halves go to the even neighbour."""
    return _quantize(value, digits, _ROUNDING[mode])


@register("floor", "number", ("2.7 | floor", 2), ("-2.1 | floor", -3))
def floor(frame: Frame, value: Number) -> Number:
    """Rounds down to a whole number."""
    return _quantize(value, 0, ROUND_FLOOR)


@register("ceil", "number", ("2.1 | ceil", 3))
def ceil(frame: Frame, value: Number) -> Number:
    """Rounds up to a whole number."""
    return _quantize(value, 0, ROUND_CEILING)


@register("abs", "number", ("(3 - 10.5) | abs", Decimal("7.5")))
def absolute(frame: Frame, value: Number) -> Number:
    """Removes the minus sign."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


@register("clamp", "number", ("120 | clamp(0, 100)", 100))
def clamp(frame: Frame, value: Number, low: Number, high: Number) -> Number:
    """Keeps a number between a lowest and a highest value."""
    return low if value < low else high if value > high else value


@register("fixed", "number", ("5 | fixed(2)", "5.00"), ("1234.5 | fixed", "1234.50"))
def fixed(frame: Frame, value: Number, digits: int = 2) -> str:
    """Writes a number with a fixed count of digits after a point, for machines to read."""
    _check_digits("fixed", digits)
    return format(_WIDE.quantize(Decimal(value), Decimal(1).scaleb(-digits)), "f")


@register(
    "minor_units", "number", ('12.34 | minor_units("EUR")', 1234), ('500 | minor_units("JPY")', 500)
)
def minor_units(frame: Frame, value: Number, currency: str) -> Number:
    """Gives an amount in the currency's smallest unit (cents), as payment services want it."""
    scaled = Decimal(value).scaleb(_currency_digits(currency), _WIDE)
    return _quantize(settle(scaled), 0, ROUND_HALF_EVEN)


@register("from_minor_units", "number", ('1234 | from_minor_units("EUR")', Decimal("12.34")))
def from_minor_units(frame: Frame, value: int, currency: str) -> Number:
    """Gives the amount that a count of the currency's smallest unit stands for."""
    return settle(Decimal(value).scaleb(-_currency_digits(currency), _WIDE))


@register(
    "money",
    "number",
    ('1234.5 | money("EUR", "en")', "€1,234.50"),
    ('1234.5 | money("EUR", "es")', "1.234,50\u00a0€"),
)
def money(frame: Frame, value: Number, currency: str, language: str = "") -> str:
    """Writes an amount with its currency the way the flow's language does."""
    from babel.numbers import format_currency

    _currency_digits(currency)
    return format_currency(Decimal(value), currency, locale=find_locale(frame, language))


@register(
    "localize",
    "number",
    ('1234567.5 | localize("es")', "1.234.567,5"),
    ('2 | localize("en", 2)', "2.00"),
)
def localize(frame: Frame, value: Number, language: str = "", digits: int = -1) -> str:
    """Writes a number with the separators of the flow's language; `digits` fixes the decimals."""
    from babel.numbers import format_decimal

    locale = find_locale(frame, language)
    if digits < 0:
        return format_decimal(Decimal(value), locale=locale, decimal_quantization=False)
    _check_digits("localize", digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(Decimal(value), pattern, locale)


@register(
    "percent",
    "number",
    ('0.215 | percent(1, "en")', "21.5%"),
    ('0.5 | percent(language="en")', "50%"),
)
def percent(frame: Frame, value: Number, digits: int = 0, language: str = "") -> str:
    """Writes a share as a percentage: 0.2 becomes 20%."""
    from babel.numbers import format_percent

    _check_digits("percent", digits)
    locale = find_locale(frame, language)
    pattern = locale.percent_formats[None].pattern.replace(
        "#,##0", "#,##0" + ("." + "0" * digits if digits else "")
    )
    return format_percent(Decimal(value), pattern, locale)


def find_locale(frame: Frame, language: str) -> Any:
    """Return babel's locale for a language, by default the flow's."""
    name = language or frame.place.language
    locale = _locale(name) if len(name) <= 20 else None
    if locale is None:
        raise EvaluationError("expression.language", found=name[:20])
    return locale


@lru_cache(64)
def _locale(name: str) -> Any:
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(256)
def _known_currency(currency: str) -> int | None:
    from babel.numbers import get_currency_precision, is_currency

    if not re.fullmatch(r"[A-Z]{3}", currency) or not is_currency(currency, "en"):
        return None
    return get_currency_precision(currency)


def _currency_digits(currency: str) -> int:
    digits = _known_currency(currency[:4])
    if digits is None:
        raise EvaluationError("expression.currency", found=currency[:20])
    return digits


def _check_digits(name: str, digits: int) -> None:
    if not 0 <= digits <= 30:
        raise EvaluationError(
            "expression.filter_range", argument="digits", filter=name, low=0, high=30
        )


def _quantize(value: Number, digits: int, rounding: str) -> Number:
    if not -30 <= digits <= 30:
        raise EvaluationError(
            "expression.filter_range", argument="digits", filter="round", low=-30, high=30
        )
    unit = Decimal(1).scaleb(-digits)
    try:
        number = Decimal(value).quantize(unit, rounding, _WIDE)
    except InvalidOperation:
        raise EvaluationError("expression.number_range") from None
    return settle(number)
