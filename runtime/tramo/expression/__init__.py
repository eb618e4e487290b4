"""The one expression language: `order.total > 500`, `Order {{ order.name }}`, filters with `|`.

Jinja's syntax, read by jinja2's parser from our own tokens and turned into closures of an
allow-list; exact numbers, typed results, and a budget that no source and no data can pass.
Pure and total: an evaluation reads its variables and gives a plain value or an EvaluationError. It
refuses to know flows, nodes, clocks and every kind of I/O.

Three doors: `compile_expression` for `{"$expr": …}`, `compile_text` for `{"$text": …}` and
`compile_value` for a whole param with both inside. `filters` and `predicates` list what the
language has, for the editor's help. Nothing heavy (jinja2, babel) is imported before it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tramo.expression.problem import (
    SENTENCES,
    EvaluationError,
    ExpressionError,
    ExpressionProblems,
    Problem,
)
from tramo.expression.program import Compiled, Constant, compile_expression, compile_text
from tramo.expression.template import MARKERS, compile_value

if TYPE_CHECKING:
    from tramo.expression.filter.registry import FilterDoc

__all__ = [
    "MARKERS",
    "SENTENCES",
    "Compiled",
    "Constant",
    "EvaluationError",
    "ExpressionError",
    "ExpressionProblems",
    "Problem",
    "compile_expression",
    "compile_text",
    "compile_value",
    "filters",
    "predicates",
]


def filters() -> list[FilterDoc]:
    """Return the documentation of every filter, by category and name."""
    from tramo.expression.filter import FILTERS

    return sorted((each.doc for each in FILTERS.values()), key=lambda doc: (doc.category, doc.name))


def predicates() -> list[str]:
    """Return the words that may follow `is`."""
    from tramo.expression.predicate import DEFINED, PREDICATES

    return sorted([*DEFINED, *PREDICATES])
