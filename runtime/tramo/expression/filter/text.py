"""Filters on text; whatever can grow is paid for before it is built."""

# ruff: noqa: ARG001 - every filter takes the frame, whether or not it pays
from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import unicodedata
from typing import Any, Literal
from urllib.parse import quote

from tramo.expression.budget import Frame
from tramo.expression.filter.registry import register
from tramo.expression.problem import EvaluationError
from tramo.expression.value import contains, write_text

_GROWTH = 3  # the most characters that one can become in another case, as ŉ and ΐ do
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"\s+")


@register(
    "text", "text", ("820982911946154508 | text", "820982911946154508"), ("true | text", "true")
)
def as_text(frame: Frame, value: Any) -> str:
    """Writes any value as text, numbers exactly as they are."""
    return write_text(frame, value)


@register("upper", "text", ('"straße" | upper', "STRASSE"))
def upper(frame: Frame, value: str) -> str:
    """Writes a text in capitals."""
    frame.text(len(value) * _GROWTH if not value.isascii() else len(value))
    return value.upper()


@register("lower", "text", ('"VIP" | lower', "vip"))
def lower(frame: Frame, value: str) -> str:
    """Writes a text in small letters."""
    frame.text(len(value) * _GROWTH if not value.isascii() else len(value))
    return value.lower()


@register("title", "text", ('"maría del mar" | title', "María Del Mar"))
def title(frame: Frame, value: str) -> str:
    """Begins every word with a capital and writes the rest small."""
    frame.text(len(value) * _GROWTH)
    return re.sub(r"\S+", lambda word: word.group().capitalize(), value)


@register("capitalize", "text", ('"new order" | capitalize', "New order"))
def capitalize(frame: Frame, value: str) -> str:
    """Begins a text with a capital and leaves the rest as it is."""
    frame.text(len(value) + _GROWTH)
    return value[:1].upper() + value[1:]


@register("trim", "text", ('"  a b  " | trim', "a b"))
def trim(frame: Frame, value: str) -> str:
    """Removes white space at both ends."""
    frame.text(len(value))
    return value.strip()


@register("squeeze", "text", ('" a   b\n c " | squeeze', "a b c"))
def squeeze(frame: Frame, value: str) -> str:
    """Makes every run of white space one space, and trims."""
    frame.text(len(value))
    return _SPACES.sub(" ", value).strip()


@register(
    "replace",
    "text",
    ('"a-b-c" | replace("-", "+")', "a+b+c"),
    ('"a-b-c" | replace("-", "", 1)', "ab-c"),
)
def replace(frame: Frame, value: str, old: str, new: str, count: int = -1) -> str:
    """Puts another text in place of every occurrence, or of the first `count`."""
    _need(old, "replace")
    frame.search(value, old)
    found = value.count(old)
    if count >= 0:
        found = min(found, count)
    frame.text(len(value) + max(0, found * (len(new) - len(old))))
    return value.replace(old, new, found)


@register(
    "split",
    "text",
    ('"a, b,c" | split(",")', ["a", "b", "c"]),
    ('"Ana  Pop" | split', ["Ana", "Pop"]),
)
def split(frame: Frame, value: str, separator: str = "") -> list[str]:
    """Cuts a text into a list of trimmed parts, at white space where no separator is given."""
    frame.search(value, separator)
    count = value.count(separator) + 1 if separator else len(value) // 2 + 1
    if not separator and count > 1000:
        count = len(_SPACES.findall(value)) + 1
    frame.items(count, 16)
    frame.take(len(value))
    return [part.strip() for part in value.split(separator)] if separator else value.split()


@register("lines", "text", ('"a\nb" | lines', ["a", "b"]))
def lines(frame: Frame, value: str) -> list[str]:
    """Cuts a text into its lines."""
    frame.search(value, "\n")
    frame.items(value.count("\n") + 1, 16)
    frame.take(len(value))
    return [line.removesuffix("\r") for line in value.split("\n")]


@register(
    "truncate",
    "text",
    ('"A long sentence" | truncate(8)', "A long…"),
    ('"short" | truncate(8)', "short"),
)
def truncate(frame: Frame, value: str, length: int, end: str = "…") -> str:
    """Shortens a text to at most `length` characters, at a word's end where there is one."""
    if len(value) <= length:
        return value
    room = length - len(end)
    if room < 0:
        raise _range("length", "truncate", len(end), 1_000_000)
    frame.text(length)
    cut = value[:room]
    if not value[room].isspace() and _SPACES.search(cut):
        cut = re.split(r"\s+\S*$", cut, maxsplit=1)[0]
    return cut.rstrip() + end


@register("slug", "text", ('"Camiseta Niño, 100% Algodón" | slug', "camiseta-nino-100-algodon"))
def slug(frame: Frame, value: str) -> str:
    """Makes a text fit for an address: small letters, digits and hyphens."""
    frame.text(len(value) * _GROWTH)
    plain = unicodedata.normalize("NFKD", value[:10_000]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@register("pad", "text", ('"7" | pad(3, "0")', "007"), ('"ab" | pad(4, ".", "right")', "ab.."))
def pad(
    frame: Frame,
    value: str,
    length: int,
    fill: str = " ",
    side: Literal["left", "right"] = "left",
) -> str:
    """Fills a text up to a length."""
    if len(fill) != 1:
        raise EvaluationError(
            "expression.argument_choice", argument="fill", filter="pad", choices="one character"
        )
    frame.text(max(length, len(value)))
    return value.rjust(length, fill) if side == "left" else value.ljust(length, fill)


@register("starts_with", "text", ('"SKU-1" | starts_with("SKU")', True))
def starts_with(frame: Frame, value: str, beginning: str) -> bool:
    """Tells whether a text begins with another."""
    return value.startswith(beginning)


@register("ends_with", "text", ('"a@shop.es" | ends_with(".es")', True))
def ends_with(frame: Frame, value: str, ending: str) -> bool:
    """Tells whether a text ends with another."""
    return value.endswith(ending)


@register(
    "contains", "text", ('"VIP, wholesale" | contains("VIP")', True), ("[1, 2] | contains(2)", True)
)
def contains_value(frame: Frame, value: str | list[Any], wanted: Any) -> bool:
    """Tells whether a text holds another, or a list a value."""
    if isinstance(value, list):
        return contains(frame, value, wanted)
    if type(wanted) is not str:
        raise EvaluationError("expression.text_number", operator="contains")
    frame.search(value, wanted)
    return wanted in value


@register("like", "text", ('"SKU-100-XL" | like("SKU-*-XL")', True), ('"A1" | like("A??")', False))
def like(frame: Frame, value: str, pattern: str) -> bool:
    """Tells whether a whole text fits a pattern: * is any text, ? any one character."""
    at = step = retry = 0
    star = -1
    while at < len(value):
        frame.tick(8)
        if step < len(pattern) and pattern[step] == "*":
            star, retry = step, at
            step += 1
        elif step < len(pattern) and pattern[step] in ("?", value[at]):
            at, step = at + 1, step + 1
        elif star >= 0:
            retry += 1
            at, step = retry, star + 1
        else:
            return False
    return not pattern[step:].strip("*")


@register("remove_prefix", "text", ('"#1001" | remove_prefix("#")', "1001"))
def remove_prefix(frame: Frame, value: str, beginning: str) -> str:
    """Removes a beginning, where the text has it."""
    frame.text(len(value))
    return value.removeprefix(beginning)


@register("remove_suffix", "text", ('"a.csv" | remove_suffix(".csv")', "a"))
def remove_suffix(frame: Frame, value: str, ending: str) -> str:
    """Removes an ending, where the text has it."""
    frame.text(len(value))
    return value.removesuffix(ending)


@register("before", "text", ('"ana@shop.es" | before("@")', "ana"), ('"ana" | before("@")', "ana"))
def before(frame: Frame, value: str, mark: str) -> str:
    """Gives what stands before the first mark, or the whole text where there is none."""
    _need(mark, "before")
    frame.search(value, mark)
    frame.text(len(value))
    return value.partition(mark)[0]


@register("after", "text", ('"ana@shop.es" | after("@")', "shop.es"), ('"ana" | after("@")', ""))
def after(frame: Frame, value: str, mark: str) -> str:
    """Gives what stands after the first mark, or nothing where there is none."""
    _need(mark, "after")
    frame.search(value, mark)
    frame.text(len(value))
    return value.partition(mark)[2]


@register("digits", "text", ('"+34 600-123 456" | digits', "34600123456"))
def digits(frame: Frame, value: str) -> str:
    """Keeps the digits of a text, as of a telephone number."""
    frame.text(len(value))
    return re.sub(r"[^0-9]+", "", value)


@register("escape", "text", ('"a < b & c" | escape', "a &lt; b &amp; c"))
def escape(frame: Frame, value: str) -> str:
    """Makes a text safe inside HTML."""
    frame.text(len(value) + sum(5 * value.count(mark) for mark in "&<>\"'"))
    return html.escape(value)


@register("strip_html", "text", ('"<p>Soft &amp; <b>warm</b></p>" | strip_html', "Soft & warm"))
def strip_html(frame: Frame, value: str) -> str:
    """Removes HTML tags and reads its entities; the result is text, not safe HTML."""
    frame.text(len(value))
    return _SPACES.sub(" ", html.unescape(_TAG.sub(" ", value))).strip()


@register("line_breaks", "text", ('"a\nb" | line_breaks', "a<br>\nb"))
def line_breaks(frame: Frame, value: str) -> str:
    """Puts <br> before every line end."""
    frame.text(len(value) + 4 * value.count("\n"))
    return value.replace("\n", "<br>\n")


@register("url_encode", "text", ('"50% de más" | url_encode', "50%25%20de%20m%C3%A1s"))
def url_encode(frame: Frame, value: str) -> str:
    """Makes a text fit to stand inside an address."""
    _encodable(value)
    frame.text(len(value) if value.isalnum() and value.isascii() else 12 * len(value))
    return quote(value, safe="")


@register("base64", "text", ('"user:key" | base64', "dXNlcjprZXk="))
def to_base64(frame: Frame, value: str) -> str:
    """Writes a text's UTF-8 bytes in base64."""
    _encodable(value)
    frame.text(6 * len(value))
    return base64.b64encode(value.encode()).decode()


@register("from_base64", "text", ('"dXNlcjprZXk=" | from_base64', "user:key"))
def from_base64(frame: Frame, value: str) -> str:
    """Reads base64 that holds UTF-8 text."""
    frame.text(len(value))
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("expression.base64") from None


@register(
    "hash",
    "text",
    ('"a" | hash', "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
)
def sha256(frame: Frame, value: str) -> str:
    """Gives the SHA-256 of a text in hexadecimal, as advertising and audience services want it."""
    _encodable(value)
    frame.scan(len(value) * 4)
    return hashlib.sha256(value.encode()).hexdigest()


def _need(text: str, name: str) -> None:
    if not text:
        raise EvaluationError("expression.separator", filter=name)


def _encodable(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise EvaluationError("expression.surrogate") from None


def _range(argument: str, name: str, low: int, high: int) -> EvaluationError:
    return EvaluationError(
        "expression.filter_range", argument=argument, filter=name, low=low, high=high
    )
