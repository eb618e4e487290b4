"""Turns a source into tokens whose "line number" is their character offset.

jinja2's parser copies a token's line number into the tree, so every node, and with it every error,
knows its exact place; and numbers are exact (int or Decimal) before the parser sees them. Knows
spelling only: which words and filters exist is the compiler's business.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from tramo.expression.budget import BRACKETS
from tramo.expression.problem import ExpressionError
from tramo.expression.value import integral, is_in_range


class Spelled(NamedTuple):
    """A token: offset, kind in jinja2's words, value."""

    offset: int
    kind: str
    value: Any


_OPERATORS = {
    "+": "add", "-": "sub", "/": "div", "//": "floordiv", "*": "mul", "%": "mod", "**": "pow",
    "~": "tilde", "[": "lbracket", "]": "rbracket", "(": "lparen", ")": "rparen", "{": "lbrace",
    "}": "rbrace", "==": "eq", "!=": "ne", ">": "gt", ">=": "gteq", "<": "lt", "<=": "lteq",
    "=": "assign", ".": "dot", ":": "colon", "|": "pipe", ",": "comma",
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\f\v\u00a0]+)"
    r"|(?P<number>[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?(?:(?<=[eE])[+-][0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<quote>['\"])"
    r"|(?P<wrong>&&|\|\||===|!==|<>|=>|\?\?|\?\.)"
    r"|(?P<operator>//|\*\*|==|!=|>=|<=|[-+/*%~\[\](){}><=.:|,])"
)
_INDEX = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_QUOTES = "“”„‘’«»`"
_CURES = {
    "&&": "Write “and”.", "||": "Write “or”; a filter follows a single |.", "===": "Write ==.",
    "!==": "Write !=.", "<>": "Write !=.", "!": "Write “not”.", "=>": "Write >=.",
    "&": "Write “and”, or ~ to join texts.", "?": "Write “a if condition else b”.",
    "??": "Write | default(…).", "?.": "Write | default(…) at the end.",
    "^": "Powers are not available.", ";": "One expression has no ;.", "×": "Write *.",
    "÷": "Write /.", "≥": "Write >=.", "≤": "Write <=.", "≠": "Write !=.", "−": "Write -.",
    "–": "Write -.", "$": "Write the amount or name without it.",
    "€": "Write the amount without it.", "@": "Put it in quotes.", "#": "Put it in quotes.",
    "\\": "Put it in quotes.", **dict.fromkeys(_QUOTES, "Use straight quotes."),
}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_MARK = re.compile(r"\{\{|\{%|\{#")
_RAW = re.compile(r"[ \t\r\n]*raw[ \t\r\n]*(-?)%\}")
_ENDRAW = re.compile(r"\{%(-?)[ \t\r\n]*endraw[ \t\r\n]*(-?)%\}")
_OPENING = {"{{": "variable_begin", "{%": "block_begin"}
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}


def split_expression(source: str) -> list[Spelled]:
    """Return the tokens of a bare expression."""
    start = len(source) - len(source.lstrip())
    if source.startswith("{{", start):
        raise ExpressionError("expression.slot_here", start)
    if start == len(source):
        raise ExpressionError("expression.empty", 0)
    tokens: list[Spelled] = []
    _spell(source, 0, None, tokens)
    return tokens


def split_text(source: str) -> list[Spelled]:
    """Return the tokens of a text with slots; text outside slots becomes `data` tokens."""
    tokens: list[Spelled] = []
    at = 0
    strip = False
    while at < len(source):
        mark = _MARK.search(source, at)
        end = mark.start() if mark else len(source)
        strip_before = mark is not None and source.startswith("-", mark.end())
        _add_data(tokens, source, at, end, strip, strip_before)
        if mark is None:
            break
        at, strip = _slot(source, mark, tokens)
    return tokens


def _slot(source: str, mark: re.Match[str], tokens: list[Spelled]) -> tuple[int, bool]:
    """Read one slot, block tag, comment or raw section; return where it ends and `-` at its end."""
    start, opening = mark.start(), mark.group()
    closing = _CLOSERS[opening]
    inside = mark.end() + (1 if source.startswith("-", mark.end()) else 0)
    if opening == "{#":
        end = source.find(closing, inside)
        if end < 0:
            raise ExpressionError(
                "expression.slot_unclosed", start, opening=opening, closing=closing
            )
        return end + 2, source[end - 1] == "-" and end > inside
    raw = _RAW.match(source, inside) if opening == "{%" else None
    if raw:
        finish = _ENDRAW.search(source, raw.end())
        if not finish:
            raise ExpressionError("expression.unclosed_block", start, tag="raw")
        _add_data(tokens, source, raw.end(), finish.start(), bool(raw[1]), bool(finish[1]))
        return finish.end(), bool(finish[2])
    kind = _OPENING[opening]
    tokens.append(Spelled(start, kind, opening))
    end = _spell(source, inside, closing, tokens)
    if end < 0:
        raise ExpressionError("expression.slot_unclosed", start, opening=opening, closing=closing)
    strip = source[end] == "-"
    if tokens[-1].offset == start:
        raise ExpressionError("expression.empty", start)
    tokens.append(Spelled(end, kind.replace("begin", "end"), closing))
    return end + 2 + strip, strip


def _add_data(
    tokens: list[Spelled], source: str, start: int, end: int, strip: bool, strip_before: bool
) -> None:
    data = source[start:end]
    if strip:
        data = data.lstrip()
    if strip_before:
        data = data.rstrip()
    if data:
        tokens.append(Spelled(start, "data", data))


def _spell(source: str, at: int, closing: str | None, tokens: list[Spelled]) -> int:
    """Append the tokens from `at` on; return where `closing` was found, -1 if nowhere."""
    open_brackets: list[str] = []
    while at < len(source):
        in_object = open_brackets and open_brackets[-1] == "}" and closing != "%}"
        if closing and not in_object and source.startswith((closing, "-" + closing), at):
            return at
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup == "wrong":
            found = match.group() if match else source[at]
            raise ExpressionError(
                "expression.character", at, found=found, cure=_cure_character(found)
            )
        kind, value, start = match.lastgroup, match.group(), at
        at = match.end()
        if kind == "name":
            after_dot = bool(tokens) and tokens[-1].kind == "dot"
            tokens.append(
                Spelled(start, "name", "none" if value == "null" and not after_dot else value)
            )
        elif kind == "number":
            at = _add_number(source, match, tokens)
        elif kind == "quote":
            text, at = _read_text(source, start)
            tokens.append(Spelled(start, "string", text))
        elif kind == "operator":
            _count_brackets(value, start, open_brackets)
            tokens.append(Spelled(start, _OPERATORS[value], value))
    return -1


def _count_brackets(value: str, at: int, open_brackets: list[str]) -> None:
    if value in _CLOSING:
        open_brackets.append(_CLOSING[value])
        if len(open_brackets) > BRACKETS:
            raise ExpressionError("expression.too_deep", at)
    elif open_brackets and value == open_brackets[-1]:
        open_brackets.pop()


def _add_number(source: str, match: re.Match[str], tokens: list[Spelled]) -> int:
    """Append an exact number; after a dot (`items.0.sku`) read an index only."""
    start = match.start()
    if tokens and tokens[-1].kind == "dot":
        index = _INDEX.match(source, start)
        assert index is not None
        tokens.append(Spelled(start, "integer", _whole(index.group(), start)))
        return index.end()
    spelled = match.group()
    if not _NUMBER.fullmatch(spelled):
        cure = "Put it in quotes if it is a text."
        raise ExpressionError("expression.number_syntax", start, found=spelled, cure=cure)
    if spelled.isdigit():
        tokens.append(Spelled(start, "integer", _whole(spelled, start)))
        return match.end()
    if len(spelled) > 90:
        raise ExpressionError("expression.number_range", start)
    number = Decimal(spelled)
    if not is_in_range(number):
        raise ExpressionError("expression.number_range", start)
    tokens.append(Spelled(start, "float", integral(number)))
    return match.end()


def _whole(spelled: str, at: int) -> int:
    if len(spelled) > 1 and spelled[0] == "0":
        cure = "Write it without the leading zeros, or in quotes if it is a code."
        raise ExpressionError("expression.number_syntax", at, found=spelled, cure=cure)
    if len(spelled) > 40:
        raise ExpressionError("expression.number_range", at)
    return int(spelled)


def _read_text(source: str, start: int) -> tuple[str, int]:
    """Return the text in quotes that begins at `start`, and where it ends."""
    quote = source[start]
    parts: list[str] = []
    at = start + 1
    while at < len(source):
        character = source[at]
        if character == quote:
            return "".join(parts), at + 1
        if character != "\\":
            parts.append(character)
            at += 1
            continue
        escape = source[at + 1 : at + 2]
        if escape == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", source[at + 2 : at + 6]):
            code = int(source[at + 2 : at + 6], 16)
            if 0xD800 <= code <= 0xDFFF:
                raise ExpressionError("expression.escape", at, found=source[at : at + 6])
            parts.append(chr(code))
            at += 6
        elif escape in _ESCAPES:
            parts.append(_ESCAPES[escape])
            at += 2
        else:
            raise ExpressionError("expression.escape", at, found=source[at : at + 2])
    raise ExpressionError("expression.text_unclosed", start, quote=quote)


def _cure_character(found: str) -> str:
    if found in _CURES:
        return _CURES[found]
    if found.isalpha():
        return 'Names use a to z, 0 to 9 and _; read other fields as ["…"].'
    return "Remove it, or put it in quotes if it is a text."
