"""Our own connectors, as the tests that hold for all of them see them."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from tramo import sdk
from tramo.app.text import choice_labels

ROOT = Path(__file__).parents[2]
OWN_CHANGES = "own_changes"
"""The runtime's own param on triggers that a connector's actions bring about."""


def _entry_points() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["tramo.connectors"]
    return {name: target for name, target in named.items() if target.startswith("tramo_")}


NAMES = sorted(_entry_points())


def definition(name: str) -> sdk.Definition:
    package, _, attribute = _entry_points()[name].partition(":")
    return getattr(import_module(package), attribute).tramo_connector()


def folder(name: str) -> Path:
    return ROOT / "plugins" / _entry_points()[name].partition(":")[0]


def params(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every field of a schema with its dotted path, nested Structs included."""
    yield from _fields(sdk.resolve_schema(schema), schema.get("$defs", {}), ())


def _fields(
    schema: dict[str, Any], known: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in schema.get("properties", {}).items():
        yield ".".join((*path, name)), field
        for branch in (field, field.get("items", {}), *field.get("anyOf", [])):
            reference = branch.get("$ref") or branch.get("items", {}).get("$ref")
            if reference:
                yield from _fields(known[reference.rsplit("/", 1)[-1]], known, (*path, name))


def texts(name: str) -> dict[str, str]:
    """Return every English text of a connector by the key under which locales translate it."""
    found = definition(name)
    said = {"connector.title": found.title, "connector.summary": found.summary}
    nodes = [a.manifest for a in found.actions.values()]
    nodes += [t.manifest for t in found.triggers.values()]
    for node in nodes:
        key = f"{'trigger' if node.kind == 'trigger' else 'action'}.{node.type.split('.')[1]}"
        said |= {f"{key}.title": node.title, f"{key}.summary": node.summary}
        said |= _field_texts(key, node.params_schema)
    if found.credential is not None:
        said |= _field_texts("credential", sdk.json_schema(found.credential))
    return said


_RAISED = {"Transient", "Rejected", "BadParams", "Unavailable", "CredentialRefused"}


def failures(name: str) -> Iterator[str]:
    """Yield the key under which locales say each failure that a connector's code raises.

    A code that is worked out from a vendor's words has its sentences in the table `CURE`.
    """
    for tree in _sources(name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in _RAISED:
                yield from _failure(node, name)
    package = _entry_points()[name].partition(":")[0]
    with suppress(ModuleNotFoundError, AttributeError):
        for word, cure in import_module(f"{package}.api").CURE.items():
            yield f"error.{cure[0] if isinstance(cure, tuple) else word}"


def _failure(call: ast.Call, name: str) -> Iterator[str]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    whys = [
        value
        for key, value in zip(
            getattr(given.get("params"), "keys", []),
            getattr(given.get("params"), "values", []),
            strict=True,
        )
        if isinstance(key, ast.Constant) and key.value == "why"
    ]
    told = whys or ([given["code"]] if "code" in given else [])
    assert told, f"{name} line {call.lineno}: a failure that no other language can say"
    for value in told:
        for part in ast.walk(value):
            key = str(getattr(part, "value", "")).removeprefix(f"{name}.")
            if isinstance(part, ast.Constant) and key and key != part.value:
                yield f"error.{key}"


def hints(name: str) -> Iterator[str]:
    """Yield the key of each hint beside a choice that a connector offers."""
    for tree in _sources(name):
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "hint_key":
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Constant) and _is_key(part.value):
                        yield f"hint.{part.value}"


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and value != "is_member"


def _sources(name: str) -> Iterator[ast.Module]:
    for path in sorted(folder(name).glob("*.py")):
        if path.name != "twin.py":
            yield ast.parse(path.read_text())


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _field_texts(key: str, schema: dict[str, Any]) -> dict[str, str]:
    said = {
        f"{key}.{path}.{word}": field[word]
        for path, field in params(schema)
        for word in ("title", "description")
        if word in field and path != OWN_CHANGES
    }
    for path, field in params(schema):
        named = choice_labels(field)
        said |= {f"{key}.{path}.choice.{value}": label for value, label in named.items()}
    return said


def shared(language: str) -> Path:
    """Return the file of what fields are called in the data of every connector."""
    return ROOT / "runtime" / "tramo" / "sdk" / "locales" / f"{language}.toml"


def field_names(name: str) -> set[str]:
    """Return the keys under which locales name the fields of what a connector's nodes give."""
    found = definition(name)
    every = [*found.actions.values(), *found.triggers.values()]
    schemas = [each.manifest.output_schema for each in every]
    paths = [path for schema in schemas if schema for path, _ in params(schema)]
    return {f"output.{path.rpartition('.')[2]}" for path in paths}


def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a TOML table as dotted keys."""
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat
