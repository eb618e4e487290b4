"""Every text of our connectors in every language; English lives in the code."""

from __future__ import annotations

import re
import tomllib

import msgspec
import pytest
from tramo.sdk import commerce

from tests.plugins import connector

LANGUAGES = ("es", "pt", "ro")
FIXED = re.compile(r"\b\w+_\w+\b")
"""Words that are the same in every language: field names and scopes."""
NODE = re.compile(
    r"(?:nodo|nó|nodul|nodului|salida de|saída de|lo da|vem de|îl dă) [«“„]([^»”]+)[»”]"
)
"""A text that names another node."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", connector.NAMES)
def test_every_text_of_a_connector_is_there_in_every_language(name: str, language: str) -> None:
    path = connector.folder(name) / "locales" / f"{language}.toml"
    assert path.exists(), f"{name} has no texts in {language}"
    translated = {
        key: text
        for key, text in connector.flatten(tomllib.loads(path.read_text())).items()
        if not key.startswith(("error.", "hint."))
    }
    shared = connector.flatten(tomllib.loads(connector.shared(language).read_text()))
    english = connector.texts(name)
    english |= {key: key for key in connector.field_names(name) - set(shared)}
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", connector.NAMES)
def test_every_failure_and_hint_of_a_connector_is_said_in_every_language(
    name: str, language: str
) -> None:
    path = connector.folder(name) / "locales" / f"{language}.toml"
    said = connector.flatten(tomllib.loads(path.read_text()))
    known = {key for key in said if key.startswith(("error.", "hint."))}
    wanted = set(connector.failures(name)) | set(connector.hints(name))
    assert wanted, f"{name} was not read"
    assert sorted(wanted - known) == [], f"failures without a sentence in {path.name} of {name}"
    other = connector.folder(name) / "locales" / "ro.toml"
    same = {key for key in connector.flatten(tomllib.loads(other.read_text())) if key in known}
    assert known == same


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_names_another_node_calls_it_what_it_is_called(language: str) -> None:
    named = 0
    for name in connector.NAMES:
        path = connector.folder(name) / "locales" / f"{language}.toml"
        said = connector.flatten(tomllib.loads(path.read_text()))
        titles = {said[key] for key in said if re.fullmatch(r"(action|trigger)\.\w+\.title", key)}
        for key, text in said.items():
            called = NODE.findall(text)
            named += len(called)
            assert set(called) <= titles, f"{key} of {name} in {language}"
    assert named > 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_the_commerce_model_has_a_name_in_every_language(language: str) -> None:
    named = tomllib.loads(connector.shared(language).read_text())["output"]
    structs = [it for it in vars(commerce).values() if isinstance(it, type)]
    fields = {
        name
        for struct in structs
        if issubclass(struct, msgspec.Struct)
        for name in struct.__struct_fields__
    }
    assert fields
    assert sorted(fields - named.keys()) == []
