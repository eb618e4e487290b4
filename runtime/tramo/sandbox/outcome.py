"""What came of a program: its value as plain data, or a plain sentence about what went wrong."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any, Final, Protocol

from tramo.model import limit
from tramo.model.value import NotExact, decode, encode
from tramo.sdk import ActionError, Rejected, Transient


class _Error(Protocol):
    def display(self, format: Any, /) -> str: ...
    def traceback(self) -> list[Any]: ...


_MISSING: Final = "The monty syntax parser does not yet support "
_LIMITS: Final = {
    "code.memory": "The code needs more than 64 MB of memory; work on less at a time.",
    "code.depth": "The code calls itself more than 200 levels deep; use a loop.",
    "code.sleep": "Code cannot sleep; put a Wait node before or behind it.",
}


def explain(error: _Error, timeout_s: float) -> ActionError:
    """Return the refusal for what a program did wrong, with its line and column if known."""
    kind, _, said = error.display("type-msg").partition(": ")
    code = _code(kind, said)
    place = error.traceback()[-1] if error.traceback() else None
    details: dict[str, Any] = {"type": kind, "message": said[:1_000]}
    where = ""
    if place is not None:
        details |= {"line": place.line, "column": place.column}
        where = f"Line {place.line}, column {place.column}: "
        if place.source_line:
            details["source"] = place.source_line[:200]
    params = {"seconds": f"{timeout_s:g}", "words": where + (f"{said} ({kind})" if said else kind)}
    if code in _LIMITS or code == "code.timeout":
        del params["words"]
    message = where + _sentence(code, kind, said, timeout_s)
    return Rejected(message, code=code, details=details, params=params)


def _code(kind: str, said: str) -> str:
    if kind == "TimeoutError" and said.startswith("sleep limit"):
        return "code.sleep"
    if kind == "TimeoutError" and "time limit exceeded" in said:
        return "code.timeout"
    if kind == "MemoryError" and "limit exceeded" in said:
        return "code.memory"
    if kind == "NotImplementedError" and said.startswith(_MISSING):
        return "code.syntax"
    return {"RecursionError": "code.depth", "SyntaxError": "code.syntax"}.get(kind, "code.failed")


def _sentence(code: str, kind: str, said: str, timeout_s: float) -> str:
    if code == "code.timeout":
        return too_slow(timeout_s)
    if code in _LIMITS:
        return _LIMITS[code]
    if kind in ("ModuleNotFoundError", "ImportError"):
        return f"{said}; code has a part of Python's own library only, and no packages."
    if kind in ("PermissionError", "FileNotFoundError") or "not supported in this env" in said:
        return f"{said}; code reaches no files, no network and no system."
    if code == "code.syntax" and said.startswith(_MISSING):
        return f"code cannot use {said.removeprefix(_MISSING)}; say it another way."
    if code == "code.syntax":
        return f"this is not Python: {said}."
    return f"{said} ({kind})." if said else f"{kind}."


def too_slow(timeout_s: float) -> str:
    """Return the sentence for a program past its time."""
    return (
        f"The code ran longer than {timeout_s:g} s and was stopped; do less, or give it more time "
        "(up to 10 s)."
    )


def lost(timed_out: bool, timeout_s: float) -> ActionError:
    """Return the error for a worker that died under a program."""
    if timed_out:
        return Rejected(
            too_slow(timeout_s), code="code.timeout", params={"seconds": f"{timeout_s:g}"}
        )
    return Transient(
        "The process that ran the code was lost; another one has taken its place.",
        code="code.lost",
        settled=True,
    )


def plain_result(value: Any) -> Any:
    """Return what a program gave as a plain value; raises Rejected for what is none.

    It is written as JSON before anything else looks at it: a value nested without end would break
    whoever follows it.
    """
    try:
        raw = encode(value)
    except (TypeError, ValueError, RecursionError):
        _look_through(value)
        raise _refused("it is nested without end") from None
    _look_through(value)
    try:
        return decode(raw)
    except NotExact as error:
        raise _refused(str(error)) from None


_PLAIN: Final = (bool, int, str, Decimal, datetime, date, time)


def _look_through(value: Any) -> None:
    """Refuse what JSON would bend: numbers that are none, sets in no order, bytes, functions."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > limit.JSON_DEPTH:
            raise _refused(f"it is nested more than {limit.JSON_DEPTH} levels deep")
        deeper: list[Any] = []
        for item in level:
            match item:
                case dict():
                    deeper.extend(item.values())
                case list() | tuple():
                    deeper.extend(item)
                case float() | Decimal() if not isfinite(item):
                    raise _refused(f"{item} is no number that can be kept")
                case None | float():
                    pass
                case set() | frozenset():
                    raise _refused("a set has no order; write sorted(…)")
                case bytes():
                    raise _refused("bytes are no text; use base64.b64encode(…).decode()")
                case _ if not isinstance(item, _PLAIN):
                    raise _refused(f"a {type(item).__name__} is no plain data; give its fields")
        level = deeper


def _refused(reason: str) -> Rejected:
    return Rejected(
        f"The code's result cannot be kept: {reason.rstrip('.')}. A result is made of lists, "
        "dicts, texts, numbers, true, false and None.",
        code="code.result",
    )
