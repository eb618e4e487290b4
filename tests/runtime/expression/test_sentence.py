"""The error catalogue and the code that raises from it agree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import tramo.expression
from tramo.expression import SENTENCES

ROOM = Path(tramo.expression.__file__).parent
# What these functions add to every error that goes through them.
ADDED = {"refuse": {"filter", "signature"}}


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Give place, code and params of every error in the room; None where params are spread."""
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            for argument in node.args:
                choices = (
                    [argument.body, argument.orelse]
                    if isinstance(argument, ast.IfExp)
                    else [argument]
                )
                for each in choices:
                    if isinstance(each, ast.Constant) and each.value in SENTENCES:
                        yield f"{path.name}:{node.lineno}", str(each.value), _params(node)


def _params(node: ast.Call) -> set[str] | None:
    names = {keyword.arg for keyword in node.keywords}
    if None in names:
        return None
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    return {name for name in names if name} | ADDED.get(function, set())


def placeholders(code: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}


def test_every_error_fills_its_sentence() -> None:
    found = list(raised())
    assert len(found) > 100
    for place, code, params in found:
        if params is not None:
            assert placeholders(code) <= params, f"{place}: {code}"


def test_every_sentence_is_said_somewhere() -> None:
    source = "".join(path.read_text() for path in ROOM.rglob("*.py") if path.stem != "problem")
    assert [code for code in SENTENCES if f'"{code}"' not in source] == []


def test_a_sentence_ends_as_one() -> None:
    for code, sentence in SENTENCES.items():
        assert code.startswith("expression.")
        assert sentence.endswith((".", "}")), code
