"""What a JSON Schema says of a variable's fields: only a closed object can lack one for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_REFERENCES = 20  # links followed before a schema counts as open


def missing_field(
    schema: Mapping[str, Any], steps: Sequence[str | int]
) -> tuple[int, list[str]] | None:
    """Return the position of the first step that cannot exist, with the fields that do."""
    at: Mapping[str, Any] | None = schema
    for position, step in enumerate(steps):
        at = _resolve(at, schema)
        if at is None:
            return None
        if isinstance(step, int) or step == "[]":
            items = at.get("items")
            at = items if isinstance(items, Mapping) else None
            continue
        properties = at.get("properties")
        if not isinstance(properties, Mapping):
            return None
        if step in properties:
            at = properties[step]
        elif at.get("additionalProperties") is False and "patternProperties" not in at:
            return position, list(properties)
        else:
            return None
    return None


def _resolve(at: Any, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Follow references, and the one branch of a choice that is not null; None where unsure."""
    for _ in range(_REFERENCES):
        if not isinstance(at, Mapping):
            return None
        reference = at.get("$ref")
        if isinstance(reference, str):
            at = _follow(reference, root)
            continue
        choices = at.get("anyOf") or at.get("oneOf")
        if not choices:
            return None if "allOf" in at else at
        branches = [each for each in choices if not _is_null(each)]
        if len(branches) != 1:
            return None
        at = branches[0]
    return None


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _follow(reference: str, root: Mapping[str, Any]) -> Any:
    at: Any = root
    if not reference.startswith("#/"):
        return root if reference == "#" else None
    for name in reference[2:].split("/"):
        at = at.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
    return at
