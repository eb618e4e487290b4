"""Reads the bytes of a flow document, or says in plain words why they are none.

This module knows JSON and its traps; what the value means is not its business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tramo.graph.report import Report
from tramo.graph.shape import kind_of
from tramo.model import limit
from tramo.model.value import NotExact, decode, encode

_BOM: Final = b"\xef\xbb\xbf"
_REASON: Final = (
    ("ends too early", "flow.ends_early"),
    ("not UTF-8", "flow.encoding"),
    ("The number", "flow.number_range"),
    ("A number", "flow.number_range"),
    ("nested too deeply", "flow.too_deep"),
)
_LOOKED_AT: Final = 4
"""A document up to this many times too large is refused with all its problems, not with one."""
_NESTS: Final = (dict, list)
_KEY = re.compile(rb'"[ \t\r\n]*:')
_UNREADABLE: Final = object()
_WORDS_OF_A_FLOW: Final = frozenset({"format", "nodes", "edges"})


def read_document(document: bytes | dict[str, Any]) -> tuple[dict[str, Any] | None, Report]:
    """Return the document as a plain object, or None with the reason why it is none."""
    report = Report()
    try:
        raw = document if isinstance(document, bytes) else encode(document)
    except (TypeError, ValueError, RecursionError):
        report.add((), "flow.not_a_flow", kind="object")
        return None, report
    raw = raw.removeprefix(_BOM)
    value = _read_json(raw, report)
    if value is _UNREADABLE:
        return None, report
    keys = _measure(value)
    if keys is None:
        report.add((), "flow.too_deep", limit=limit.JSON_DEPTH)
        return None, report
    if not isinstance(value, dict) or not _WORDS_OF_A_FLOW & value.keys():
        report.add((), "flow.not_a_flow", kind=kind_of(value))
        return None, report
    report.order_by(value)
    # A key's quote is followed by a colon, and so is an escaped quote in a text: never too few.
    if len(_KEY.findall(raw)) > keys:
        for path, key in _doubled_keys(raw):
            report.add((*path, key), "flow.key_twice", key=key)
    return value, report


def _read_json(raw: bytes, report: Report) -> Any:
    if len(raw) > limit.FLOW_DOCUMENT_BYTES:
        report.add((), "flow.too_large", limit_mb=limit.FLOW_DOCUMENT_BYTES // 1024 // 1024)
        if len(raw) > _LOOKED_AT * limit.FLOW_DOCUMENT_BYTES:
            return _UNREADABLE
    if not raw.strip():
        report.add((), "flow.empty")
        return _UNREADABLE
    try:
        return decode(raw)
    except NotExact as error:
        _explain(raw, error, report)
        return _UNREADABLE


def _explain(raw: bytes, error: NotExact, report: Report) -> None:
    """Turn the reader's reason into a problem with line and column."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw[:4]:
        report.add((), "flow.encoding")
        return
    for words, code in _REASON:
        if words in str(error):
            report.add((), code, limit=limit.JSON_DEPTH, digits=limit.NUMBER_DIGITS)
            return
    before = raw[: error.offset or 0]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    found = raw[len(before) : len(before) + 40].decode("utf-8", "replace").split("\n")[0][:20]
    report.add((), "flow.not_json", line=line, column=column, found=found)


def _measure(value: Any) -> int | None:
    """Return how many keys all objects have together; None where values are nested too deeply.

    Goes level by level, for what is nested too deeply must not be followed by recursion.
    """
    keys = 0
    level = [value]
    for _ in range(limit.JSON_DEPTH + 1):
        objects = [item for item in level if type(item) is dict]
        lists = [item for item in level if type(item) is list]
        keys += sum(map(len, objects))
        level = [item for each in objects for item in each.values() if type(item) in _NESTS]
        level += [item for each in lists for item in each if type(item) in _NESTS]
        if not level:
            return keys
    return None


class _Doubled(dict[str, Any]):
    """An object of the document that names a key more than once."""

    twice: tuple[str, ...] = ()


def _doubled_keys(raw: bytes) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where a key stands twice in one object: readers would silently keep the last one."""
    met = False

    def gather(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal met
        single = dict(pairs)
        if len(single) == len(pairs):
            return single
        met = True
        doubled = _Doubled(single)
        names = [name for name, _ in pairs]
        doubled.twice = tuple(name for name in single if names.count(name) > 1)
        return doubled

    tree = json.loads(raw, object_pairs_hook=gather, parse_int=_unread, parse_float=_unread)
    if not met:
        return
    open_values: list[tuple[tuple[str | int, ...], Any]] = [((), tree)]
    while open_values:
        path, value = open_values.pop()
        if isinstance(value, _Doubled):
            for key in value.twice:
                yield path, key
        if isinstance(value, dict):
            open_values.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            open_values.extend(((*path, index), item) for index, item in enumerate(value))


def _unread(_: str) -> None:
    """Skip a number: only the keys are looked at."""
