"""A param as the flow document holds it: `$expr`, `$text` and `$value` anywhere in a literal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tramo.expression.budget import NESTING, Frame, Place
from tramo.expression.problem import (
    EvaluationError,
    ExpressionError,
    ExpressionProblems,
    Problem,
)
from tramo.expression.program import Compiled, Constant, Fields, Program, build
from tramo.expression.value import kind_of

MARKERS = ("$expr", "$text", "$value")


_Part = Callable[[Frame], Any]
_ERRORS = (EvaluationError, RecursionError, MemoryError)


def compile_value(
    template: Any,
    *,
    names: Mapping[str, str] | None = None,
    fields: Fields | None = None,
    timezone: str = "UTC",
    language: str = "en",
    path: str = "",
) -> Compiled | Constant:
    """Compile a param that stands at `path`; raises ExpressionProblems with every problem in it.

    The expressions of a template share one budget. A template without any gives a Constant, whose
    value is shared by all who call it.
    """
    reader = _Reader(names, fields, Place(timezone, language))
    part = reader.read(template, path, 0)
    if reader.problems:
        raise ExpressionProblems(reader.problems)
    if isinstance(part, (Compiled, Constant)):
        return part
    reads = tuple(read for leaf in reader.leaves for read in leaf.program.reads)
    slots = max(leaf.program.slots for leaf in reader.leaves)
    return Compiled("", Program(part, reads, slots), reader.place)


class _Reader:
    def __init__(
        self, names: Mapping[str, str] | None, fields: Fields | None, place: Place
    ) -> None:
        self.names = names
        self.fields = fields
        self.place = place
        self.problems: list[Problem] = []
        self.leaves: list[Compiled] = []

    def read(self, template: Any, path: str, depth: int) -> Compiled | Constant | _Part:
        if depth > NESTING:
            self._note(ExpressionError("expression.too_deep"), path)
            return Constant(None)
        if isinstance(template, dict):
            markers = [name for name in MARKERS if name in template]
            if markers:
                return self._marked(template, markers[0], path)
            return self._object(template, path, depth)
        if isinstance(template, list):
            return self._list(template, path, depth)
        return Constant(template)

    def _marked(self, template: dict[str, Any], marker: str, path: str) -> Compiled | Constant:
        if len(template) > 1:
            others = ", ".join(str(name)[:40] for name in template if name != marker)
            error = ExpressionError("expression.marker", marker=marker, others=others)
            self._note(error, path)
            return Constant(None)
        source = template[marker]
        if marker == "$value":
            return Constant(source)
        place = f"{path}/{marker}"
        try:
            if not isinstance(source, str):
                raise ExpressionError("expression.source_kind", kind=kind_of(source))
            leaf = build(marker, source, self.place, self.names, self.fields, place)
        except ExpressionError as error:
            for each in (error, *error.also):
                self._note(each, place)
            return Constant(None)
        self.leaves.append(leaf)
        return leaf

    def _list(self, template: list[Any], path: str, depth: int) -> Constant | _Part:
        parts = [
            self.read(item, f"{path}/{index}", depth + 1) for index, item in enumerate(template)
        ]
        if all(isinstance(part, Constant) for part in parts):
            return Constant([part.value for part in parts if isinstance(part, Constant)])
        return _fill_list(parts)

    def _object(self, template: dict[str, Any], path: str, depth: int) -> Constant | _Part:
        parts = {
            name: self.read(item, f"{path}/{_escape(name)}", depth + 1)
            for name, item in template.items()
        }
        if all(isinstance(part, Constant) for part in parts.values()):
            return Constant(
                {name: part.value for name, part in parts.items() if isinstance(part, Constant)}
            )
        return _fill_object(parts)

    def _note(self, error: ExpressionError, path: str) -> None:
        error.path = path
        self.problems.append(error.problem())


def _fill_list(parts: list[Compiled | Constant | _Part]) -> _Part:
    runs = [_run_of(part) for part in parts]

    def fill(frame: Frame) -> list[Any]:
        filled: list[Any] = []
        try:
            for run in runs:
                filled.append(run(frame))  # noqa: PERF401 - how many there are tells which fails
        except _ERRORS as error:
            raise _explained(error, parts[len(filled)]) from None
        return filled

    return fill


def _fill_object(parts: dict[str, Compiled | Constant | _Part]) -> _Part:
    runs = [(name, _run_of(part)) for name, part in parts.items()]

    def fill(frame: Frame) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        try:
            for name, run in runs:
                filled[name] = run(frame)
        except _ERRORS as error:
            raise _explained(error, parts[runs[len(filled)][0]]) from None
        return filled

    return fill


def _run_of(part: Compiled | Constant | _Part) -> _Part:
    if isinstance(part, Constant):
        value = part.value
        return lambda _: value
    return part.program.run if isinstance(part, Compiled) else part


def _explained(error: BaseException, part: Compiled | Constant | _Part) -> BaseException:
    """Return what is wrong with a part in that part's own terms; a part of parts has told it."""
    return part.explained(error) if isinstance(part, Compiled) else error


def _escape(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
