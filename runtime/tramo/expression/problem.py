"""What can be wrong with an expression: one sentence per code, each with its exact place.

The sentences here are the English catalogue; a page in another language renders the same code and
params from its own. This module knows nothing of how expressions are read or evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tramo.model import problem
from tramo.model.problem import TramoError

SENTENCES: dict[str, str] = {
    # Reading the source
    "expression.argument_choice": "“{argument}” of the filter “{filter}” must be one of:"
    " {choices}.",
    "expression.argument_kind": "“{argument}” of the filter “{filter}” must be {wanted},"
    " not {kind}.",
    "expression.argument_many": "The filter “{filter}” takes at most {count} values in brackets:"
    " {signature}.",
    "expression.argument_missing": "The filter “{filter}” needs “{argument}”: {signature}.",
    "expression.argument_twice": "The filter “{filter}” is given “{argument}” twice; keep one.",
    "expression.argument_unknown": "The filter “{filter}” has no “{argument}”: {signature}.",
    "expression.assignment": "A single = does not compare; write == instead.",
    "expression.call": "“{name}(…)” is not possible: there are no functions. {cure}",
    "expression.character": "The character “{found}” cannot be used here. {cure}",
    "expression.empty": "This expression is empty; write a value or remove it.",
    "expression.ends_early": "Something is missing at the end, after “{after}”.",
    "expression.escape": "“{found}” is not a known escape; write \\\\ for a backslash.",
    "expression.expected": "Expected “{expected}” here, but found “{found}”.",
    "expression.field_name": 'A field name must follow the dot; write ["…"] for unusual names.',
    "expression.loop_alone": "“loop” has index, index0, first, last and length; write loop.index.",
    "expression.loop_target": "A loop names one variable: {{% for item in list %}}.",
    "expression.number_range": "A number may have at most 40 digits and an exponent of at most 40.",
    "expression.number_syntax": "“{found}” is not a number. {cure}",
    "expression.power": "** is not available; multiply instead.",
    "expression.private_name": "Names that begin with two underscores cannot follow a dot;"
    ' read plain data with ["{name}"].',
    "expression.reserved": "“{name}” is a reserved word; give the loop's variable another name.",
    "expression.slot_here": "A formula is written without {{{{ }}}}; keep only what stands inside.",
    "expression.slot_unclosed": "This “{opening}” is never closed; add “{closing}”.",
    "expression.source_kind": "Expected the source as text, not {kind}.",
    "expression.marker": "An object with “{marker}” may hold nothing else; remove {others}.",
    "expression.stray_tag": "There is nothing here for “{tag}” to close or continue.",
    "expression.syntax": "“{found}” does not fit here.",
    "expression.tag": "“{tag}” is not available; a text may use if and for only.",
    "expression.test_argument": "The test “is {test}” takes no value.",
    "expression.text_unclosed": "This text is never closed; add {quote} at its end.",
    "expression.too_deep": "This is nested too deeply; split it into smaller steps.",
    "expression.too_long": "This is {length} characters long; at most {limit} are allowed.",
    "expression.tuple": "A comma cannot stand here; write a list in brackets: [a, b].",
    "expression.unclosed_block": "“{tag}” is never closed; add {{% end{tag} %}}.",
    "expression.unknown_field": "“{owner}” has no field “{field}”. {known}",
    "expression.unknown_filter": "There is no filter “{name}”.",
    "expression.unknown_test": "There is no test “is {name}”.",
    "expression.unknown_variable": "There is no variable “{name}” here. {known}",
    "expression.unpack": "* and ** cannot spread values here; write each value.",
    # Evaluating it
    "expression.budget": "This takes too much work or makes too large a result ({limit});"
    " use smaller lists and texts.",
    "expression.division_by_zero": "A division by zero has no result; check the divisor first.",
    "expression.index_kind": "A list is read by whole number, not by {kind}.",
    "expression.index_range": "The list has {length} items, so there is no item {index};"
    " add | default(…) if it may be missing.",
    "expression.key_kind": "A field name must be text, not {kind}.",
    "expression.kind_mismatch": "{left} cannot be compared with {right} by {operator};"
    " convert one side first.",
    "expression.loop_list": "A loop needs a list, not {kind}. {cure}",
    "expression.no_fields": "“{owner}” is {kind}, which has no field “{field}”. {cure}",
    "expression.not_boolean": "{place} needs true or false, not {kind}. {cure}",
    "expression.not_number": "{operator} needs numbers, not {kind}. {cure}",
    "expression.null_field": "“{owner}” is empty (null), so it has no field “{field}”;"
    " add | default(…) if it may be missing.",
    "expression.null_order": "An empty value (null) cannot be compared by {operator};"
    " add | default(…) first.",
    "expression.skipped": "“{label}” was skipped in this run, so it has no output;"
    " use “is defined” or | default(…) if that may happen.",
    "expression.slice_kind": "A slice needs whole numbers, not {kind}.",
    "expression.slice_step": "The step of a slice cannot be zero.",
    "expression.text_number": "A text cannot be compared with a number by {operator};"
    " add | number after the text.",
    "expression.text_numbers": "Both sides of {operator} are texts that hold numbers;"
    " add | number after each, or they compare letter by letter.",
    "expression.value_kind": "The filter “{filter}” needs {wanted}, not {kind}. {cure}",
    # Inside filters
    "expression.base64": "This text is not valid base64.",
    "expression.currency": "“{found}” is not a currency code; write one such as EUR.",
    "expression.date": "“{found}” is not a date; expected something like 2026-11-21T09:30:00Z.",
    "expression.date_pattern": "The date pattern has “{found}”, which is not supported. {cure}",
    "expression.date_range": "The date would leave the years 1 to 9999.",
    "expression.empty_list": "The filter “{filter}” needs at least one item;"
    " add | default(…) or check the length first.",
    "expression.filter_range": "“{argument}” of the filter “{filter}” must be between"
    " {low} and {high}.",
    "expression.json": "This text is not valid JSON: {reason}.",
    "expression.item_field": "Item {index} has no field “{field}”.",
    "expression.item_kind": "Item {index} is {kind}; the filter “{filter}” needs {wanted}.",
    "expression.language": "There are no formats for the language “{found}”.",
    "expression.mixed_order": "The items cannot be ordered: {left} stands beside {right};"
    " convert them first.",
    "expression.number_ambiguous": "“{found}” can be read as two different numbers;"
    ' say which mark is decimal: number(decimal=",").',
    "expression.number_text": "“{found}” is not a number.",
    "expression.separator": "The filter “{filter}” needs a text of at least one character.",
    "expression.surrogate": "This text holds half a character (a lone surrogate); remove it first.",
    "expression.timezone": "“{found}” is not a known time zone; write one such as Europe/Madrid.",
}

_NEAR = " Did you mean “{near}”?"
_LONGEST_SHOWN = 60
_ALIKE = 0.7
"""How much of a known name must be in a wrong one, for it to be what was meant."""


class Problem(problem.Problem, frozen=True, omit_defaults=False):
    """A problem with its place in the source that stands at `path`; line and column begin at 1."""

    line: int = 1
    column: int = 1
    offset: int = 0


class ExpressionError(TramoError):
    """An expression that cannot be used; `also` holds further problems of the same source."""

    def __init__(self, code: str, offset: int | None = None, **params: Any) -> None:
        shown = {name: _shown(value) for name, value in params.items()}
        super().__init__(code, _render(code, shown), path="", params=shown)
        self.offset = offset or 0
        self.placed = offset is not None
        self.line = 1
        self.column = self.offset + 1
        self.also: tuple[ExpressionError, ...] = ()

    def __str__(self) -> str:
        return self.message

    def move(self, offset: int) -> None:
        """Place the error at `offset` unless a closer place is known."""
        if not self.placed:
            self.offset = offset
            self.placed = True

    def place(self, source: str) -> None:
        """Fix line and column (both from 1) from the offset within `source`."""
        before = source[: self.offset]
        self.line = before.count("\n") + 1
        self.column = self.offset - (before.rfind("\n") + 1) + 1

    def label(self, label: str) -> None:
        """Tell the error what people call the variable it is about."""
        self.params["label"] = label
        self.message = _render(self.code, self.params)

    def problem(self) -> Problem:
        return Problem(
            path=self.path or "",
            code=self.code,
            message=self.message,
            params=self.params,
            line=self.line,
            column=self.column,
            offset=self.offset,
        )


class EvaluationError(ExpressionError):
    """An expression that is fine by itself and met data that it cannot work with."""


class ExpressionProblems(TramoError):
    """Every problem of a template, in document order."""

    problems: list[Problem]

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        message = "\n".join(f"{each.path}: {each.message}" for each in found)
        super().__init__("expression.problems", message)
        self.problems = found


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that `name` most likely stands for, or empty text."""
    from difflib import get_close_matches

    names = [each for each in known if len(each) <= _LONGEST_SHOWN]
    if len(name) > _LONGEST_SHOWN:
        return ""
    return next(iter(get_close_matches(name, names[:500], 1, _ALIKE)), "")


def name_known(known: Iterable[str], singular: str, limit: int = 12) -> str:
    """Return a sentence that lists what exists: `Fields: a, b, c.`"""
    names = sorted(str(name)[:_LONGEST_SHOWN] for name in known)
    if not names:
        return ""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"{singular}: {', '.join(names[:limit])}{more}."


def _render(code: str, params: dict[str, Any]) -> str:
    message = SENTENCES[code].format_map(params).rstrip()
    near = params.get("near")
    return message + _NEAR.format(near=near) if near else message


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 600:
        return value[:600] + "…"
    return value
