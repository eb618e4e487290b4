"""Failures of runs in the reader's language."""

from __future__ import annotations

import ast
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tramo
import tramo.app
from tramo.app.failure import tell_failure, tell_with_words
from tramo.registry import Registry, discover

ROOM = Path(tramo.app.__file__).parent / "locales"
RUNTIME = Path(tramo.__file__).parent
LANGUAGES = ("es", "pt", "ro")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


def sentences(language: str) -> dict[str, Any]:
    return tomllib.loads((ROOM / f"{language}.toml").read_text())


def test_a_time_limit_keeps_its_figure_in_every_language(registry: Registry) -> None:
    error = {"code": "step.timeout", "message": "“Pay” took longer than 30 s.", "details": None}
    for language in LANGUAGES:
        said = tell_failure(registry, {**error, "params": {"limit_s": 30}}, language)
        assert said is not None
        assert "30 s" in said


def test_a_failure_that_was_stored_without_its_figures_is_still_said(registry: Registry) -> None:
    error = {"code": "step.timeout", "message": "“Pay” took longer than 30 s."}
    for language in LANGUAGES:
        said = tell_failure(registry, error, language)
        assert said
        assert "{" not in said


def test_in_english_a_failure_is_what_was_raised(registry: Registry) -> None:
    error = {"code": "step.timeout", "message": "“Pay” took longer than 30 s."}
    assert tell_failure(registry, error, "en") is None
    assert tell_with_words(registry, error, "en") == error["message"]


def test_a_connector_says_its_refusals_itself(registry: Registry) -> None:
    error = {"code": "slack.is_archived", "message": "This channel is archived.", "params": {}}
    assert tell_failure(registry, error, "ro") == (
        "Acest canal este arhivat. Alege altul sau readu-l în Slack."
    )
    unknown = {"code": "slack.too_odd", "message": "…", "details": {"error": "too_odd"}}
    assert tell_failure(registry, unknown, "ro") == "Slack a refuzat: too_odd."


def test_the_words_of_the_other_side_stay_as_they_are(registry: Registry) -> None:
    params = {"title": "Shopify", "status": 422, "words": "Quantity must be positive"}
    error = {"code": "vendor.rejected", "message": "…", "params": params}
    assert tell_with_words(registry, error, "es") == (
        "Shopify entendió la petición y dijo que no (422).\n\nQuantity must be positive"
    )


def test_an_item_of_a_loop_is_named_by_its_number(registry: Registry) -> None:
    details = {"iteration": [2], "node": "pay", "code": "step.timeout", "message": "…"}
    error = {"code": "loop.item_failed", "details": details, "params": {"limit_s": 5}}
    assert tell_failure(registry, error, "pt") == (
        "Elemento 3: Levou mais que o seu limite de tempo: 5 s."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_slots(language: str) -> None:
    ours, theirs = sentences(language), sentences("ro")
    assert ours.keys() == theirs.keys()
    assert ours["kind"].keys() == theirs["kind"].keys()
    for code, text in ours.items():
        if code != "kind":
            assert slots(text) == slots(theirs[code]), code


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_reason_that_a_node_gives_has_its_sentence() -> None:
    known = sentences("ro")
    found = list(reasons())
    assert len(found) > 20
    assert sorted(why for why in found if not any(k.endswith(f".{why}") for k in known)) == []


def reasons() -> list[str]:
    """Return each `why` in the product's own code; a node's BadParams must give one."""
    found: list[str] = []
    for path in [*RUNTIME.glob("nodes/*.py"), *RUNTIME.glob("runner/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Dict):
                continue
            for key, value in zip(node.keys, node.values, strict=True):
                if getattr(key, "value", None) == "why" and isinstance(value, ast.Constant):
                    found.append(str(value.value))
    return found


def test_no_node_refuses_its_params_without_a_reason_that_can_be_told() -> None:
    bare = [
        f"{path.name}:{node.lineno}"
        for path in RUNTIME.glob("nodes/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "BadParams"
        and "params" not in {keyword.arg for keyword in node.keywords}
    ]
    assert bare == []
