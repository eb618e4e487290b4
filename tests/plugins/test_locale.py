"""Every text of our connectors in every language; English lives in the code."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.plugins import connector

LANGUAGES = ("es", "pt", "ro")
FIXED = re.compile(r"\b\w+_\w+\b")
"""Words that are the same in every language: field names and scopes."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", connector.NAMES)
def test_every_text_of_a_connector_is_there_in_every_language(name: str, language: str) -> None:
    path = connector.folder(name) / "locales" / f"{language}.toml"
    assert path.exists(), f"{name} has no texts in {language}"
    translated = connector.flatten(tomllib.loads(path.read_text()))
    english = connector.texts(name)
    assert sorted(set(english) - set(translated)) == [], f"texts missing in {path.name} of {name}"
    assert sorted(set(translated) - set(english)) == [], f"texts of nothing in {path.name}"
    empty = [key for key, text in translated.items() if not text.strip() and english[key].strip()]
    assert empty == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", connector.NAMES)
def test_words_that_belong_to_the_vendor_stay_as_they_are(name: str, language: str) -> None:
    path = connector.folder(name) / "locales" / f"{language}.toml"
    translated = connector.flatten(tomllib.loads(path.read_text()))
    for key, text in connector.texts(name).items():
        lost = {word for word in FIXED.findall(text) if word not in translated[key]}
        assert not lost, f"{key} in {language} lacks {lost}"
