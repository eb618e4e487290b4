"""Variables of a param's own: what a condition over items calls the item, what a loop collects.

A field's schema says so (`x-tramo`): `names` lists the variables that its formulas see besides the
node's, `renames` is on the field by which the user calls one of them otherwise, and `collect` is on
what a loop evaluates among the nodes inside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tramo.graph.draft import Placed
from tramo.graph.shape import MARKERS, Path
from tramo.model.node_type import NodeType

_DEEPEST = 20


class Local(NamedTuple):
    """A part of the params whose formulas see more than the rest."""

    path: Path
    """Within the params."""
    names: frozenset[str]
    inside: bool
    """Whether it is evaluated in the loop's box rather than around it."""


def local_parts(placed: Placed) -> list[Local]:
    """Return the parts of a node's params that have variables of their own."""
    assert placed.type is not None
    schema = placed.type.params_schema
    found = list(_hinted(placed.params, schema, schema.get("$defs", {}), ()))
    if not found:
        return []
    renamed = dict(own_items(placed.type, placed.params))
    return [
        Local(path, frozenset(renamed.get(name, name) for name in names), inside)
        for path, names, inside in found
    ]


def own_items(kind: NodeType, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a node calls a variable of its own, after what it is called otherwise."""
    schema = kind.params_schema
    fields = _resolve(schema, schema.get("$defs", {})).get("properties", {})
    for field, its in fields.items():
        usual = its.get("x-tramo", {}).get("renames")
        name = params.get(field)
        if usual is not None and isinstance(name, str):
            yield usual, name


def _hinted(
    value: Any, schema: Any, definitions: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, tuple[str, ...], bool]]:
    """Follow a value and its schema to the fields that have variables of their own."""
    schema = _resolve(schema, definitions)
    words = schema.get("x-tramo", {})
    if "names" in words or "collect" in words:
        yield path, tuple(words.get("names", ())), bool(words.get("collect"))
        return
    if len(path) > _DEEPEST:
        return
    branches = schema.get("anyOf")
    if branches:
        for branch in branches:
            yield from _hinted(value, branch, definitions, path)
    elif isinstance(value, dict) and not any(marker in value for marker in MARKERS):
        fields, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            yield from _hinted(item, fields.get(name, rest), definitions, (*path, name))
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _hinted(item, schema["items"], definitions, (*path, index))


def _resolve(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    return definitions.get(reference.rpartition("/")[2], {})


def without(value: Any, path: Path) -> Any:
    """Return a value with null at a path; what is not on the path is shared, not copied."""
    if not path:
        return None
    step, rest = path[0], path[1:]
    copy = value.copy()
    copy[step] = without(value[step], rest)
    return copy


def at(value: Any, path: Path) -> Any:
    """Return the part of a value at a path."""
    for step in path:
        value = value[step]
    return value
