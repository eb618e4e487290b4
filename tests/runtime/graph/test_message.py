"""One catalogue: every code the graph room uses has its sentence in all four languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
import tramo.graph
from tramo.graph import check, translate
from tramo.graph.form import FORMS
from tramo.graph.message import LANGUAGES, WARNINGS, catalogue, render
from tramo.model.problem import Problem

from tests.runtime.graph.kit import node_types, order_flow, place

ROOM = Path(tramo.graph.__file__).parent
CODE = re.compile(r"(flow|node|edge|port|loop|event|webhook|expression|alerts)\.[a-z_]+\Z")
KINDS = {
    *("missing", "unknown", "type", "choice", "empty", "short", "long", "pattern", "few", "many"),
    *("low", "high", "above", "below", "multiple", "fixed", "one_of", "at_most_one_of"),
    *(f"form.{form}" for form in FORMS),
}


def _codes_in_the_source() -> set[str]:
    """Every text in the room that has the form of a code, families left out."""
    found: set[str] = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and CODE.match(text) and not text.endswith("_"):
                found.add(text)
    return found - {"expression.unknown_variable", "expression.unknown_field"}


def test_every_code_that_the_room_uses_has_a_sentence() -> None:
    codes = _codes_in_the_source() | {f"difference.{kind}" for kind in KINDS}
    assert len(codes) > 60
    assert codes | {"near", "at_node"} == set(catalogue("en").sentences)


def test_every_warning_is_a_code_that_exists() -> None:
    assert set(catalogue("en").sentences) >= WARNINGS


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_sentence_with_the_same_places(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert set(other.sentences) == set(english.sentences)
    assert set(other.words) == set(english.words)
    for code, sentence in english.sentences.items():
        places = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        said = {name for _, name, _, _ in Formatter().parse(other.sentences[code]) if name}
        assert said == places, code


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_translation_is_not_the_english_sentence(language: str) -> None:
    for code, sentence in catalogue(language).sentences.items():
        assert code == "at_node" or sentence != catalogue("en").sentences[code], code


def test_a_problem_is_said_in_the_language_asked_for() -> None:
    document = place(order_flow(), "/nodes/2/params/message", 5)
    (problem,) = check(document, node_types)
    assert translate(problem, "es") == (
        "«Tell the team»: «message» debe ser un texto, no un número entero."
    )
    assert translate(problem, "pt").startswith("“Tell the team”: “message” deve ser um texto")
    assert translate(problem, "ro").startswith("„Tell the team”: „message” trebuie să fie un text")
    assert translate(problem, "en") == problem.message
    assert translate(problem, "de") == problem.message


def test_a_problem_of_another_room_keeps_its_sentence() -> None:
    problem = Problem("/x", "expression.syntax", "“?” does not fit here.")
    assert translate(problem, "es") == problem.message


def test_a_choice_of_kinds_is_joined_in_the_language() -> None:
    params = {"field": "note", "kind": "list", "wanted": ["text", "null"]}
    assert render("params.type", params, "en").endswith("a text or nothing (null), not a list.")
    assert render("params.type", params, "es").endswith("un texto o nada (null), no una lista.")
