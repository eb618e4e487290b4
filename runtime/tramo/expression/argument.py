"""The values a filter is given in brackets, matched to its parameters and checked."""

from __future__ import annotations

from typing import Any, Protocol

from jinja2 import nodes

from tramo.expression import closure as make
from tramo.expression.budget import Frame
from tramo.expression.filter.registry import Filter, Parameter, wrong_subject
from tramo.expression.grammar import start_of
from tramo.expression.path import Closure
from tramo.expression.problem import EvaluationError, ExpressionError, nearest


class _Compiler(Protocol):
    problems: list[ExpressionError]

    def compile(self, node: nodes.Node) -> Closure: ...


def bind(compiler: _Compiler, spec: Filter, node: nodes.Filter) -> list[Closure] | None:
    """Return one closure per given parameter, or None after noting what does not fit."""
    name, signature = spec.doc.name, spec.doc.signature
    problems = compiler.problems
    known = len(problems)

    def refuse(code: str, at: int, **params: Any) -> None:
        problems.append(ExpressionError(code, at, filter=name, signature=signature, **params))

    if node.dyn_args or node.dyn_kwargs:
        problems.append(ExpressionError("expression.unpack", node.lineno))
    if len(node.args) > len(spec.parameters):
        place = start_of(node.args[len(spec.parameters)])
        refuse("expression.argument_many", place, count=len(spec.parameters))
    given: dict[str, nodes.Expr] = {
        each.name: value for each, value in zip(spec.parameters, node.args, strict=False)
    }
    names = [each.name for each in spec.parameters]
    for keyword in node.kwargs:
        argument = str(keyword.key)  # jinja2 calls it an expression; its parser gives a text
        if argument not in names:
            near = nearest(argument, names)
            refuse("expression.argument_unknown", keyword.lineno, argument=argument, near=near)
        elif argument in given:
            refuse("expression.argument_twice", keyword.lineno, argument=argument)
        else:
            given[argument] = keyword.value
    closures = [_argument(compiler, spec, each, given.get(each.name)) for each in spec.parameters]
    for each in spec.parameters:
        if each.required and each.name not in given:
            refuse("expression.argument_missing", node.lineno, argument=each.name)
            break
    return closures if len(problems) == known else None


def _argument(
    compiler: _Compiler, spec: Filter, parameter: Parameter, node: nodes.Expr | None
) -> Closure:
    name, kind = spec.doc.name, parameter.kind
    if node is None:
        return make.constant(parameter.default)
    place = start_of(node)
    if isinstance(node, nodes.Const):
        if not kind.accepts(node.value):
            compiler.problems.append(parameter.refusal(name, node.value, place))
        return make.constant(node.value)
    read = compiler.compile(node)
    if not kind.types:
        return read

    def evaluate(frame: Frame) -> Any:
        value = read(frame)
        if kind.accepts(value):
            return value
        refusal = parameter.refusal(name, value, place)
        raise EvaluationError(refusal.code, place, **refusal.params)

    return evaluate


def apply_filter(
    spec: Filter, subject: Closure, arguments: list[Closure], subject_place: int, place: int
) -> Closure:
    """Return a closure that checks the subject's kind and calls the filter."""
    call, types = spec.call, spec.subject.types
    first = arguments[0] if len(arguments) == 1 else None

    def evaluate(frame: Frame) -> Any:
        value = subject(frame)
        if types and type(value) not in types:
            raise EvaluationError(
                "expression.value_kind", subject_place, **wrong_subject(spec, value)
            )
        try:
            if first is not None:  # As most have.
                return call(frame, value, first(frame))
            return call(frame, value, *[argument(frame) for argument in arguments])
        except EvaluationError as error:
            error.move(place)
            raise

    return evaluate


def apply_default(spec: Filter, subject: Closure, fallback: Closure, empty: Closure) -> Closure:
    """Return a closure that evaluates the fallback only where it is needed."""
    needs_fallback = spec.call

    def evaluate(frame: Frame) -> Any:
        value = subject(frame)
        return fallback(frame) if needs_fallback(frame, value, None, empty(frame)) else value

    return evaluate
