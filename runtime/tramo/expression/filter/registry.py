"""The table of filters: what each is called, takes and promises, and the function behind it.

A filter is a function `(frame, value, …) -> result` with annotated parameters; its signature, the
checks of its values and its entry in the catalogue all follow from the function itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from tramo.expression.problem import ExpressionError
from tramo.expression.value import BOOLEAN, LIST, NULL, NUMBER, OBJECT, TEXT, kind_of

Number = int | Decimal
Category = Literal["number", "date", "text", "list", "object", "value"]


class Example(msgspec.Struct, frozen=True):
    """An expression and the value it gives."""

    expression: str
    result: Any


class FilterDoc(msgspec.Struct, frozen=True):
    """What the editor's help shows of a filter."""

    name: str
    category: Category
    summary: str
    signature: str
    examples: tuple[Example, ...]


class Kind(msgspec.Struct, frozen=True):
    """What values a parameter accepts, and how people call them; no types accept anything."""

    wanted: str
    types: frozenset[type]
    choices: tuple[str, ...] = ()

    def accepts(self, value: Any) -> bool:
        if self.types and type(value) not in self.types:
            return False
        return not self.choices or value in self.choices


class Parameter(msgspec.Struct, frozen=True):
    name: str
    kind: Kind
    required: bool
    default: Any = None

    def refusal(self, filter_name: str, value: Any, offset: int) -> ExpressionError:
        """Return the error for a value that this parameter does not accept."""
        if self.kind.choices and type(value) is str:
            choices = ", ".join(self.kind.choices)
            return ExpressionError(
                "expression.argument_choice",
                offset,
                argument=self.name,
                filter=filter_name,
                choices=choices,
            )
        return ExpressionError(
            "expression.argument_kind",
            offset,
            argument=self.name,
            filter=filter_name,
            wanted=self.kind.wanted,
            kind=kind_of(value),
        )


class Filter(msgspec.Struct, frozen=True):
    doc: FilterDoc
    subject: Kind
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]


FILTERS: dict[str, Filter] = {}

_ANYTHING = Kind("any value", frozenset())
_KINDS: dict[Any, Kind] = {
    Any: _ANYTHING,
    str: Kind(TEXT, frozenset({str})),
    int: Kind("a whole number", frozenset({int})),
    bool: Kind(BOOLEAN, frozenset({bool})),
    Number: Kind(NUMBER, frozenset({int, Decimal})),
    list[Any]: Kind(LIST, frozenset({list})),
    dict[str, Any]: Kind(OBJECT, frozenset({dict})),
    str | list[Any]: Kind("a text or a list", frozenset({str, list})),
    str | list[Any] | dict[str, Any]: Kind(
        "a text, a list or an object", frozenset({str, list, dict})
    ),
    str | Number: Kind("a text or a number", frozenset({str, int, Decimal})),
}  # fmt: skip


def register(
    name: str, category: Category, *examples: tuple[str, Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table; its docstring's first line is the summary."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(function)
        _, subject, *others = inspect.signature(function).parameters.values()
        parameters = tuple(_describe(each, hints[each.name]) for each in others)
        doc = FilterDoc(
            name=name,
            category=category,
            summary=(function.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " "),
            signature=_spell(name, parameters),
            examples=tuple(Example(expression, result) for expression, result in examples),
        )
        FILTERS[name] = Filter(doc, _kind(hints[subject.name]), parameters, function)
        return function

    return enter


def wrong_subject(spec: Filter, value: Any) -> dict[str, Any]:
    """Return the params of the error for a value that the filter cannot work on."""
    kind = kind_of(value)
    cure = ""
    if kind == NULL:
        cure = "Add | default(…) before it."
    elif kind == TEXT and Decimal in spec.subject.types:
        cure = "Add | number before it."
    elif kind == NUMBER and str in spec.subject.types:
        cure = "Add | text before it."
    elif kind == OBJECT and list in spec.subject.types:
        cure = "Add | values or | entries before it."
    return {"filter": spec.doc.name, "wanted": spec.subject.wanted, "kind": kind, "cure": cure}


def _describe(parameter: inspect.Parameter, hint: Any) -> Parameter:
    required = parameter.default is inspect.Parameter.empty
    default = None if required else parameter.default
    return Parameter(parameter.name, _kind(hint), required, default)


def _kind(hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return Kind("one of " + ", ".join(choices), frozenset({str}), choices)
    return _KINDS[hint]


def _spell(name: str, parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return name
    words = [
        each.name if each.required else f"{each.name}={_literal(each.default)}"
        for each in parameters
    ]
    return f"{name}({', '.join(words)})"


def _literal(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
