"""A compiled source and the doors that make one: parse, check against what is known, run.

Compiling is cached by source; what is known of the variables differs from node to node and is
checked on the cached program each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from tramo.expression.budget import ALL_STEPS, STEPS, Frame, Place
from tramo.expression.path import Closure
from tramo.expression.problem import EvaluationError, ExpressionError, name_known, nearest
from tramo.expression.schema import missing_field

_CACHED = 1024  # programs kept; only those of short sources, so that all together stay small
_CACHED_LENGTH = 500

Fields = Mapping[str, Mapping[str, Any]]


class Program(msgspec.Struct, frozen=True):
    """What one source compiles to, whatever is known of its variables."""

    run: Closure
    reads: tuple[Any, ...]
    slots: int

    @property
    def names(self) -> frozenset[str]:
        return frozenset(read.root for read in self.reads)


class Compiled:
    """An expression, text or template that can be evaluated any number of times, in any thread."""

    __slots__ = ("_labels", "_path", "_place", "_run", "constant", "names", "program", "source")

    def __init__(
        self,
        source: str,
        program: Program,
        place: Place,
        labels: Mapping[str, str] | None = None,
        path: str = "",
    ) -> None:
        self.source = source
        self.names = program.names
        self.constant = not self.names
        self.program = program
        self._run = program.run
        self._place = place
        self._labels = labels
        self._path = path

    def __call__(self, env: Mapping[str, Any]) -> Any:
        """Evaluate with a fresh budget; raises EvaluationError and nothing else."""
        return self._evaluate(Frame(env, self._place))

    def each(self, envs: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """Evaluate for one set of variables after another, with a budget for all of them."""
        left = ALL_STEPS
        for env in envs:
            steps = min(STEPS, left)
            frame = Frame(env, self._place, steps=steps)
            yield self._evaluate(frame)
            left -= steps - frame.steps

    def _evaluate(self, frame: Frame) -> Any:
        if self.program.slots:
            frame.slots = [None] * self.program.slots
        try:
            return self._run(frame)
        except (EvaluationError, RecursionError, MemoryError) as error:
            raise self.explained(error) from None

    def __repr__(self) -> str:
        return f"Compiled({self.source!r})"

    def explained(self, error: BaseException) -> EvaluationError:
        """Return an error of this program's run with the place that it has in the source."""
        if not isinstance(error, EvaluationError):
            return self.explained(EvaluationError("expression.too_deep", 0))
        if error.path:
            return error  # a template's part has told its own place
        if error.code == "expression.skipped" and self._labels:
            name = error.params["name"]
            error.label(self._labels.get(name) or name)
        error.path = self._path
        error.place(self.source)
        return error


class Constant:
    """A value without variables; calling it gives the value."""

    __slots__ = ("value",)

    names: frozenset[str] = frozenset()
    constant = True
    source = ""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, env: Mapping[str, Any]) -> Any:  # noqa: ARG002 - called like Compiled
        return self.value

    def each(self, envs: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """Give the value as often as there are sets of variables."""
        return (self.value for _ in envs)

    def __repr__(self) -> str:
        return f"Constant({self.value!r})"


def compile_expression(
    source: str,
    *,
    names: Mapping[str, str] | None = None,
    fields: Fields | None = None,
    timezone: str = "UTC",
    language: str = "en",
) -> Compiled:
    """Compile a bare expression, whose value keeps its kind; raises ExpressionError.

    `names` maps every known variable to the label people know it by (None: any name is accepted);
    `fields` holds a JSON Schema for those whose fields are known.
    """
    return build("$expr", source, Place(timezone, language), names, fields)


def compile_text(
    source: str,
    *,
    names: Mapping[str, str] | None = None,
    fields: Fields | None = None,
    timezone: str = "UTC",
    language: str = "en",
) -> Compiled:
    """Compile a text with {{ slots }}, if and for blocks, which always gives text."""
    return build("$text", source, Place(timezone, language), names, fields)


def build(
    marker: str,
    source: str,
    place: Place,
    names: Mapping[str, str] | None,
    fields: Fields | None,
    path: str = "",
) -> Compiled:
    """Compile a source that stands under `$expr` or `$text`."""
    make = _keep if isinstance(source, str) and len(source) <= _CACHED_LENGTH else _compile
    program = make(marker, source)
    problems = list(_check(program, names, fields))
    if problems:
        raise gather(problems, source)
    return Compiled(source, program, place, names, path)


def gather(problems: Iterable[ExpressionError], source: str) -> ExpressionError:
    """Return the first problem of a source, with the others in its `also`."""
    unique = {(each.offset, each.code): each for each in problems}
    ordered = [unique[key] for key in sorted(unique)]
    for each in ordered:
        each.place(source)
    ordered[0].also = tuple(ordered[1:])
    return ordered[0]


def _compile(marker: str, source: str) -> Program:
    from tramo.expression.compiler import Compiler
    from tramo.expression.grammar import parse_expression, parse_text

    compiler = Compiler()
    try:
        if marker == "$expr":
            run = compiler.compile(parse_expression(source))
        else:
            run = compiler.compile_text(parse_text(source))
    except ExpressionError as error:
        raise gather([*compiler.problems, error], source) from None
    except RecursionError:
        raise gather([ExpressionError("expression.too_deep", 0)], source) from None
    if compiler.problems:
        raise gather(compiler.problems, source)
    return Program(run, tuple(compiler.reads), compiler.slots)


_keep: Callable[[str, str], Program] = lru_cache(_CACHED)(_compile)


def _check(
    program: Program, names: Mapping[str, str] | None, fields: Fields | None
) -> Iterable[ExpressionError]:
    for read in program.reads:
        if names is not None and read.root not in names:
            yield ExpressionError(
                "expression.unknown_variable",
                read.offsets[0],
                name=read.root[:60],
                near=nearest(read.root, names),
                known=name_known(names, "Known here"),
            )
        elif fields and read.root in fields:
            missing = missing_field(fields[read.root], read.steps)
            if missing:
                position, known = missing
                name = str(read.steps[position])
                owner = read.root + "".join(
                    f"[{step}]" if isinstance(step, int) else step if step == "[]" else f".{step}"
                    for step in read.steps[:position]
                )
                yield ExpressionError(
                    "expression.unknown_field",
                    read.offsets[position + 1],
                    owner=owner,
                    field=name,
                    near=nearest(name, known),
                    known=name_known(known, "Its fields are"),
                )
