"""Formulas in the reader's language: what filters do, and what is wrong with an expression.

The texts lie beside the expression language; English is what its own code says. A problem without
a sentence in a language keeps its English one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from tramo.app.text import texts
from tramo.expression import SENTENCES, Problem, filters
from tramo.graph.message import catalogue

_PACKAGE = "tramo.expression"
_KINDS = ("kind", "wanted", "left", "right")
_MORE = re.compile(r" and (\d+) more$")


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


def describe_problems(language: str) -> dict[str, dict[str, str]]:
    """Return the sentence of every problem that a check can find, and the words that go into them.

    With them a page tells problems as the server does, before it has asked.
    """
    known, flow = texts(_PACKAGE, language), catalogue(language)
    formulas = {
        code: known.get(f"problem.{code.removeprefix('expression.')}", sentence)
        for code, sentence in SENTENCES.items()
    }
    kinds = {
        name.removeprefix("kind."): word for name, word in known.items() if name.startswith("kind.")
    }
    return {"sentences": {**formulas, **flow.sentences}, "words": {**kinds, **flow.words}}


def tell_problem(problem: Problem, language: str) -> Problem:
    """Return a problem of an expression with its sentence in a language."""
    message = _say(problem.code, problem.params, language)
    return problem if message is None else msgspec.structs.replace(problem, message=message)


def tell_expression(code: str, params: Mapping[str, Any], language: str) -> str | None:
    """Return the sentence for what a check found in a param's expression, its place before it.

    None for a code that is not of the expression language, and where the language lacks it.
    """
    message = _say(code, params, language) if "place" in params else None
    return message and f"{params['place']}: {message}"


def tell_evaluation(code: str, params: Mapping[str, Any], language: str) -> str | None:
    """Return the sentence for what a run's data did to a formula; None where a language lacks it,
    and for a failure that was stored before it kept what its sentence needs."""
    return _say(code, params, language)


def _say(code: str, given: Mapping[str, Any], language: str) -> str | None:
    known = texts(_PACKAGE, language)
    sentence = known.get(f"problem.{code.removeprefix('expression.')}")
    if sentence is None or not code.startswith("expression."):
        return None
    params = {
        name: known.get(f"kind.{value}", value) if name in _KINDS else value
        for name, value in given.items()
    }
    # What exists comes as an English sentence that ends in names, and in how many more there are.
    names = str(params.get("known", "")).partition(": ")[2].removesuffix(".") or "—"
    params["names"] = _MORE.sub(r" … (+\1)", names)
    try:
        message = sentence.format_map(params)
    except (KeyError, IndexError, ValueError):
        return None
    if params.get("near"):
        message += " " + known["problem.near"].format_map(params)
    return message
