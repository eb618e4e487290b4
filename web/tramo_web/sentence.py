"""Sentences for people, by code and language.

English stands in the code that raises an error; what is wrong with a flow is said by the graph.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from tramo.app.formula import tell_expression
from tramo.graph.message import render
from tramo.model.problem import Problem

LANGUAGES: Final = ("en", "es", "pt", "ro")
_FOLDER: Final = Path(__file__).parent / "locales"


def read_language(accept: str | None) -> str:
    """Return the first of our languages that an Accept-Language header wants, else English."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept or "").split(",")[:20]):
        tag, _, weight = part.partition(";")
        language = tag.strip().partition("-")[0].lower()
        if language in LANGUAGES:
            wanted.append((-_quality(weight), place, language))
    return min(wanted)[2] if wanted and min(wanted)[0] < 0 else "en"


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@cache
def sentences(language: str) -> dict[str, str]:
    """Return the catalogue of a language: code -> sentence with `{param}` slots."""
    path = _FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def say(code: str, message: str, params: dict[str, Any], language: str) -> str:
    """Return the sentence for a code; `message` where the language lacks it or a slot is empty."""
    found = sentences(language).get(code)
    try:
        if found is not None:
            return found.format_map(params)
        return tell_expression(code, params, language) or render(code, params, language)
    except (KeyError, IndexError, AttributeError, ValueError):
        return message


def tell(problem: Problem, language: str) -> dict[str, Any]:
    """Return a problem as the API gives it, every field present."""
    return {
        "path": problem.path,
        "code": problem.code,
        "message": say(problem.code, problem.message, problem.params, language),
        "level": problem.level,
        "params": problem.params,
    }
