"""Every refusal that a person may meet on the web is said in every language, with its params."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from tramo.graph.sentence import en
from tramo.model.problem import Problem
from tramo_web.sentence import say, sentences, tell

ROOT = Path(__file__).parents[2]
RAISED = re.compile(r'TramoError\(\s*"([a-z_]+\.[a-z_]+)"')
OTHERS = ("es", "pt", "ro")
STARTING_ONLY = {"serve.no_owner", "serve.port_taken"}
"""Said by the command line before there is anything to serve."""

SOURCES = [
    *(ROOT / "web" / "tramo_web").glob("*.py"),
    *(
        ROOT / "runtime" / "tramo" / "app" / f"{name}.py"
        for name in (
            "account",
            "token",
            "password",
            "flow",
            "page",
            "timetable",
            "variable",
            "repeat",
            "record",
            "retention",
        )
    ),
    *(ROOT / "runtime" / "tramo" / "app" / "run").glob("*.py"),
    *(ROOT / "runtime" / "tramo" / room / "data_table.py" for room in ("app", "store")),
    *(ROOT / "runtime" / "tramo" / "app" / "attention").glob("*.py"),
]


def raised() -> set[str]:
    codes = {code for path in SOURCES for code in RAISED.findall(path.read_text("utf-8"))}
    return codes - STARTING_ONLY - set(en.SENTENCES)


@pytest.mark.parametrize("language", OTHERS)
def test_no_refusal_lacks_its_sentence(language):
    assert len(raised()) > 25
    assert raised() - set(sentences(language)) == set()


def test_all_languages_say_the_same_things_with_the_same_slots():
    slots = {
        language: {
            code: {name for _, name, _, _ in Formatter().parse(text) if name}
            for code, text in sentences(language).items()
        }
        for language in OTHERS
    }
    assert slots["es"] == slots["pt"] == slots["ro"]


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_stands_in_two_catalogues(language):
    assert set(sentences(language)) & set(en.SENTENCES) == set()


def test_a_sentence_whose_slot_stays_empty_falls_back_to_english():
    assert say("session.slow_down", "Wait.", {}, "es") == "Wait."
    assert say("session.slow_down", "Wait.", {"retry_after_s": 3}, "es").startswith("Demasiados")
    assert say("made.up", "Plain.", {}, "es") == "Plain."


def test_problems_of_a_flow_are_told_in_the_readers_language_with_every_field():
    code = next(code for code, text in sorted(en.SENTENCES.items()) if "{" not in text)
    problem = Problem(path="/nodes/0", code=code, message=en.SENTENCES[code])
    told = tell(problem, "es")
    assert set(told) == {"path", "code", "message", "level", "params"}
    assert told["message"] != problem.message


def test_what_is_wrong_with_a_formula_of_a_flow_is_told_in_the_readers_language():
    problem = Problem(
        path="/nodes/0/params/when",
        code="expression.empty",
        message="“check”: This expression is empty; write a value or remove it.",
        params={"place": "“check”"},
    )
    told = tell(problem, "ro")
    assert told["message"] == "“check”: Această formulă e goală; scrie o valoare sau elimin-o."
    assert tell(problem, "en")["message"] == problem.message
