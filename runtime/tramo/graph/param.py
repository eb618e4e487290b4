"""Checks a node's params: against the node type's schema, and every expression in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tramo.expression import compile_value
from tramo.expression.problem import ExpressionProblems
from tramo.graph.draft import Draft, Placed, note_difference
from tramo.graph.local import at, local_parts, without
from tramo.graph.reference import Visible, explain_unseen, known_fields, visible_inside
from tramo.graph.report import Report
from tramo.graph.shape import Path, compare, marker_of, spell_path, spell_pointer


class Place:
    """Where a template stands, and how its problems are to be called."""

    def __init__(
        self, draft: Draft, placed: Placed | None, path: Path, *, label: str, warning: bool
    ) -> None:
        self.draft = draft
        self.placed = placed
        self.path = path
        self.label = label
        self.warning = warning


def check_params(draft: Draft, placed: Placed, visible: Visible, report: Report) -> None:
    """Report every param that is missing, unknown or of the wrong kind, and every wrong expression.

    A trigger's params are needed before any run, so nothing in them can be an expression.
    """
    assert placed.type is not None
    path = (*placed.path, "params")
    title, warning = placed.node.title, placed.node.disabled
    if placed.is_trigger:
        for inner in _templates(placed.params, path):
            field = spell_path(inner[3:])
            report.add(inner, "params.fixed", warning=warning, node=title, field=field)
    for difference in compare(placed.params, placed.type.params_schema, templates=True, path=path):
        field = spell_path(difference.path[3:])
        note_difference(report, difference, "params.", node=title, field=field, warning=warning)
    if not placed.is_trigger:
        params = placed.params
        for part in local_parts(placed):
            place = Place(draft, placed, (*path, *part.path), label=title, warning=warning)
            seen = visible_inside(draft, placed, visible) if part.inside else visible
            check_template(at(params, part.path), seen.with_words(part.names), place, report)
            params = without(params, part.path)
        place = Place(draft, placed, path, label=title, warning=warning)
        check_template(params, visible, place, report)


def check_template(template: Any, visible: Visible, place: Place, report: Report) -> None:
    """Report every expression in a template that cannot be read or reads what it cannot see."""
    try:
        compiled = compile_value(template)
        if compiled.names:
            # What is known of the variables is looked up for those only that are read.
            fields = known_fields(place.draft, compiled.names)
            compiled = compile_value(template, names=visible, fields=fields)
    except ExpressionProblems as found:
        for problem in found.problems:
            _note(problem, place, report)
        return
    for name in sorted(compiled.names):
        target = place.draft.find(name)
        if target is not None and target.node.disabled:
            report.add(
                place.path, "expression.reads_disabled", place=place.label, name=target.node.title
            )


def _note(problem: Any, place: Place, report: Report) -> None:
    path = (*place.path, *(_unescape(step) for step in problem.path.split("/")[1:]))
    shown = f"“{place.label}”"
    if field := spell_pointer(problem.path):
        shown += f", {field}"
    spot = {"line": problem.line, "column": problem.column, "offset": problem.offset}
    if problem.code == "expression.unknown_variable":
        unseen = explain_unseen(place.draft, place.placed, problem.params["name"])
        if unseen is not None:
            code, params = unseen
            report.add(path, code, warning=place.warning, place=shown, **params, **spot)
            return
    # A schema may be behind what a vendor really sends, so an unknown field forbids nothing.
    doubtful = problem.code == "expression.unknown_field"
    report.keep(
        path,
        problem.code,
        f"{shown}: {problem.message}",
        warning=place.warning or doubtful,
        place=shown,
        **spot,
        **problem.params,
    )


def _templates(value: Any, path: Path) -> Iterator[Path]:
    marker = marker_of(value)
    if marker in ("$expr", "$text"):
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _templates(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _templates(item, (*path, index))


def _unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
