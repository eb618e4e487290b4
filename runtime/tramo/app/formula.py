"""Formulas in the reader's language: what filters do, and what is wrong with an expression.

The texts lie beside the expression language; English is what its own code says. A problem without
a sentence in a language keeps its English one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tramo.app.text import texts
from tramo.expression import Problem, filters

_PACKAGE = "tramo.expression"
_KINDS = ("kind", "wanted", "left", "right")


def describe_filters(language: str) -> list[dict[str, Any]]:
    """Return every filter with its signature, summary and examples, as the catalogue lists them."""
    known = texts(_PACKAGE, language)
    return [
        {
            "name": each.name,
            "category": each.category,
            "summary": known.get(f"filter.{each.name}", each.summary),
            "signature": each.signature,
            "examples": [
                {"source": example.expression, "result": example.result}
                for example in each.examples
            ],
        }
        for each in filters()
    ]


def tell_problem(problem: Problem, language: str) -> Problem:
    """Return a problem of an expression with its sentence in a language."""
    known = texts(_PACKAGE, language)
    sentence = known.get(f"problem.{problem.code.removeprefix('expression.')}")
    if sentence is None:
        return problem
    params = {
        name: known.get(f"kind.{value}", value) if name in _KINDS else value
        for name, value in problem.params.items()
    }
    # What exists comes as an English sentence that ends in names.
    params["names"] = str(params.get("known", "")).partition(": ")[2].removesuffix(".") or "—"
    try:
        message = sentence.format_map(params)
    except (KeyError, IndexError, ValueError):
        return problem
    if params.get("near"):
        message += " " + known["problem.near"].format_map(params)
    return msgspec.structs.replace(problem, message=message)
