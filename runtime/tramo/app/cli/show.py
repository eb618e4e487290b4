"""How answers are printed: for people in columns, for scripts as exact JSON."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tramo.model.problem import Problem, TramoError
from tramo.model.value import encode


def show_json(value: Any) -> None:
    """Print indented JSON with exact numbers."""
    sys.stdout.buffer.write(msgspec.json.format(encode(value), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def show_json_list(head: dict[str, Any], name: str, items: Iterable[Any]) -> None:
    """Print an object whose last field is a list, item by item: the list may be long."""
    out = sys.stdout.buffer
    out.write(msgspec.json.format(encode(head), indent=2).removesuffix(b"\n}"))
    out.write(b',\n  "%s": [' % name.encode())
    empty = True
    for item in items:
        text = msgspec.json.format(encode(item), indent=2).replace(b"\n", b"\n    ")
        out.write((b"\n    " if empty else b",\n    ") + text)
        empty = False
    out.write(b"]\n}\n" if empty else b"\n  ]\n}\n")
    out.flush()


def show_table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Print rows in columns, or a sentence when there are none."""
    lines = [[_cell(item) for item in row] for row in rows]
    if not lines:
        print(empty)
        return
    widths = [max(len(line[i]) for line in [list(head), *lines]) for i in range(len(head))]
    for line in [[title.upper() for title in head], *lines]:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else encode(value).decode()
    return " ".join(text.split())[:60]


def show_problems(problems: Sequence[Problem], *, file: Any = None) -> None:
    """Print one line per problem: level, place, sentence, code."""
    for problem in problems:
        print(
            f"{problem.level}: {problem.path or '/'}: {problem.message} [{problem.code}]",
            file=file or sys.stdout,
        )


def show_error(error: TramoError, *, as_json: bool) -> None:
    """Print an error: as JSON to stdout for scripts, as a sentence to stderr for people."""
    if as_json:
        said = {"code": error.code, "message": error.message, "path": error.path}
        show_json({**said, "params": error.params, "problems": error.problems})
        return
    print(f"tramo: {error.message} [{error.code}]", file=sys.stderr)
    show_problems(error.problems, file=sys.stderr)


def show_bug(error: Exception) -> None:
    """Say that Tramo itself made a mistake; the traceback is for those who ask for it."""
    if os.environ.get("TRAMO_DEBUG"):
        traceback.print_exception(error)
    print(
        f"tramo: a mistake of Tramo's own ({type(error).__name__}: {error}). "
        "Set TRAMO_DEBUG=1 to see where, and tell us. [tramo.bug]",
        file=sys.stderr,
    )
