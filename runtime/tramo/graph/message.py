"""One catalogue of sentences: a problem's code and params become plain words in four languages.

The sentences are data, a module per language in `sentence/`; English is always at hand, another
language is loaded when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

import msgspec

from tramo.graph.sentence import en
from tramo.model.problem import Problem

LANGUAGES: Final = ("en", "es", "pt", "ro")

WARNINGS: Final = frozenset(
    {
        "edge.after_end",
        "expression.reads_disabled",
        "flow.layout_unknown",
        "flow.note_twice",
        "flow.note_unknown",
        "loop.empty",
        "node.connection_missing",
        "node.connection_unused",
        "node.error_port_unused",
        "node.merge_single",
        "node.once_unknown",
        "node.respond_unheard",
        "node.setting_unused",
        "node.unreachable",
        "webhook.respond_missing",
    }
)
"""What may be run all the same."""

_FAMILIES: Final = ("flow.field_", "params.")
"""Codes made of the kind of difference between a value and its schema."""


class Catalogue(msgspec.Struct, frozen=True):
    """The sentences of one language."""

    sentences: Mapping[str, str]
    words: Mapping[str, str]
    """Kinds of values, and the word between the last two of a choice."""


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language; English for one that has none."""
    if language == "en" or language not in LANGUAGES:
        return Catalogue(en.SENTENCES, en.WORDS)
    module = import_module(f"tramo.graph.sentence.{language}")
    return Catalogue(module.SENTENCES, module.WORDS)


def render(code: str, params: Mapping[str, Any], language: str = "en") -> str:
    """Return the sentence for a code; raises KeyError for a code that no catalogue has."""
    texts = catalogue(language)
    shown = {name: _show(name, value, texts.words) for name, value in params.items()}
    sentence = texts.sentences[_entry(code)].format_map(shown)
    if params.get("near"):
        sentence += " " + texts.sentences["near"].format_map(shown)
    if code.startswith(_FAMILIES) and params.get("node"):
        return texts.sentences["at_node"].format_map(shown) + sentence
    return sentence


def translate(problem: Problem, language: str) -> str:
    """Return a problem's sentence in a language.

    A problem whose code belongs to another catalogue keeps the sentence it came with.
    """
    try:
        return render(problem.code, problem.params, language)
    except KeyError:
        return problem.message


def _entry(code: str) -> str:
    for family in _FAMILIES:
        if code.startswith(family):
            return f"difference.{code.removeprefix(family)}"
    return code


def _show(name: str, value: Any, words: Mapping[str, str]) -> Any:
    if name in ("kind", "wanted"):
        kinds = value if isinstance(value, list) else [value]
        return _join([words.get(kind, str(kind)) for kind in kinds], words["or"])
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return value


def _join(names: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
