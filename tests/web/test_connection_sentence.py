"""Whatever the connection desk refuses has its sentence in every language, slots filled."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from tramo_web.sentence import LANGUAGES, sentences

APP = Path(__file__).parents[2] / "runtime" / "tramo"
SOURCES = ("app/connection.py", "app/credential.py", "vault/keeper.py", "vault/vault.py")
IN_STEPS = {"connector.gone", "connector.unavailable"}
"""Failures of steps, whose sentences are the runtime's own."""
CODE = re.compile(r'"((?:connection|connector|twin|vault)\.[a-z_]+)"')


def codes() -> list[str]:
    found = {code for name in SOURCES for code in CODE.findall((APP / name).read_text())}
    return sorted(found - IN_STEPS)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_refusal_of_a_connection_is_said_in_every_language(language):
    known = sentences(language)
    assert [code for code in codes() if code not in known] == []


def test_every_language_fills_the_same_slots():
    spanish = sentences("es")
    for code in codes():
        slots = {name for _, name, *_ in Formatter().parse(spanish[code]) if name}
        for language in ("pt", "ro"):
            said = sentences(language)[code]
            assert {name for _, name, *_ in Formatter().parse(said) if name} == slots, code
