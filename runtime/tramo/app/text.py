"""Connectors' texts in the user's language: English from the code, the rest from `locales/*.toml`.

A key is the place in dots: `action.post_message.title`, `action.post_message.channel.description`,
`trigger.order_created.summary`, `credential.bot_token.title`, `connector.summary`, `category.Team`,
`action.approve.port.yes`, and `action.log.level.choice.info` for what a choice's value is called.
`output.total` names a field of the data that nodes hand on, wherever it stands there; the words
that connectors share are the sdk's.
Tables or quoted dotted keys, as the translator likes.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "es", "pt", "ro")

_SHARED: Final = "tramo.sdk"
_WRITTEN: Final = {
    "sku": "SKU",
    "html": "HTML",
    "vip": "VIP",
    "ts": "Message mark",
    "line1": "Street and number",
    "line2": "Apartment, floor",
    "label_url": "Label link",
    "tracking_url": "Tracking link",
    "archive_url": "Archive link",
}
"""English names of fields that their names in the data do not give."""

_log: Final = logging.getLogger("tramo")


@cache
def texts(package: str, language: str) -> Mapping[str, str]:
    """Return a connector's texts by dotted key; none for English or an unreadable file."""
    if language == "en" or language not in LANGUAGES:
        return {}
    source = read_resource(package, "locales", f"{language}.toml")
    if source is None:
        return {}
    try:
        return _flat(tomllib.loads(source.decode()))
    except ValueError as error:
        _log.warning("The texts %s of %s cannot be read: %s", language, package, error)
        return {}


def read_resource(package: str, *path: str) -> bytes | None:
    """Return a file that lies in a connector's package; None when it has none."""
    try:
        return files(package).joinpath(*path).read_bytes()
    except (FileNotFoundError, NotADirectoryError, ModuleNotFoundError):
        return None
    except TypeError:
        return None  # the connector is a single module, which has no folder of its own


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = str(value)
    return found


def translated_schema(
    schema: Mapping[str, Any],
    texts: Mapping[str, str],
    prefix: str,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a JSON Schema whose fields have titles and descriptions in the language of `texts`.

    `names` says what fields are called by their name alone, where `texts` does not say it by place.
    """
    copy = deepcopy(dict(schema))
    _Translation(copy.get("$defs", {}), texts, names or {}).visit(copy, prefix)
    return copy


def field_names(package: str, language: str) -> dict[str, str]:
    """Return what fields of a connector's data are called, by their names."""
    if language == "en":
        return dict(_WRITTEN)
    every = {**texts(_SHARED, language), **texts(package, language)}
    return {
        key.removeprefix("output."): text
        for key, text in every.items()
        if key.startswith("output.")
    }


class _Translation:
    """Walks a schema once, field by field. A shared definition is named where it is met first."""

    def __init__(
        self, definitions: dict[str, Any], texts: Mapping[str, str], names: Mapping[str, str]
    ) -> None:
        self._definitions = definitions
        self._texts = texts
        self._names = names
        self._seen: set[str] = set()

    def visit(self, schema: dict[str, Any], place: str) -> None:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            if name in self._seen or name not in self._definitions:
                return
            self._seen.add(name)
            self.visit(self._definitions[name], place)
            return
        for name, field in schema.get("properties", {}).items():
            self._name(field, name, f"{place}.{name}")
            self.visit(field, f"{place}.{name}")
        for inner in [schema.get("items"), schema.get("additionalProperties")]:
            if isinstance(inner, dict):
                self.visit(inner, place)
        for branch in [*schema.get("anyOf", []), *schema.get("prefixItems", [])]:
            self.visit(branch, place)

    def _name(self, field: dict[str, Any], name: str, place: str) -> None:
        title = self._names.get(name) or field.get("title") or name.replace("_", " ").capitalize()
        field["title"] = self._texts.get(f"{place}.title", title)
        description = self._texts.get(f"{place}.description", field.get("description"))
        if description:
            field["description"] = description
        labels = self._labels(field, place)
        if labels:
            field["x-tramo"] = {**field.get("x-tramo", {}), "labels": labels}

    def _labels(self, field: dict[str, Any], place: str) -> dict[str, str]:
        """Return what a choice's values are called."""
        english = choice_labels(field)
        return {value: self._texts.get(f"{place}.choice.{value}", text)
                for value, text in english.items()}  # fmt: skip


def choice_labels(field: Mapping[str, Any]) -> dict[str, str]:
    """Return the English label of every value that a field, or an item of it, can be chosen from.

    A value without a small letter (`PDF`, `GET`) is a name of its own and needs none.
    """
    named = field.get("x-tramo", {}).get("labels", {})
    values = [
        value
        for part in (field, field.get("items", {}), *field.get("anyOf", ()))
        for value in (part.get("enum", ()) if isinstance(part, Mapping) else ())
        if isinstance(value, str) and value.upper() != value
    ]
    words = {value: value.replace("_", " ") for value in values}
    found = {value: text[:1].upper() + text[1:] for value, text in words.items()}
    ordered = [value for value in named if value in found]
    return {value: named.get(value, found[value]) for value in dict.fromkeys([*ordered, *found])}
