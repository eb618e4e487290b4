"""Compares a plain value with a JSON Schema and names every difference, with its place.

It knows the part of JSON Schema that typed Structs give, in exact arithmetic, and where it is asked
to, that a value may be a template. It knows no flows: others decide what a difference is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

import msgspec

from tramo.graph.form import accepts_form

MARKERS: Final = ("$expr", "$text", "$value")
"""An object with one of these keys is a template."""

Path = tuple[str | int, ...]
Schema = Mapping[str, Any]


class Difference(msgspec.Struct, frozen=True):
    """One way in which a value does not fit: where, the kind of difference, and its figures."""

    path: Path
    kind: str
    params: dict[str, Any] = {}


def compare(
    value: Any, schema: Schema, *, templates: bool = False, path: Path = ()
) -> Iterator[Difference]:
    """Yield every difference between a value and a schema, in the order of the value.

    With `templates`, an object with a template marker fits wherever its result could.
    """
    definitions = schema.get("$defs", {})
    yield from _Comparison(definitions, templates).compare(value, schema, path)


def is_fixed(schema: Schema) -> bool:
    """Tell whether a value, or a field of it, must be written out: it is needed before any run."""
    parts = (schema, *schema.get("properties", {}).values())
    return any(part.get("x-tramo", {}).get("fixed") for part in parts)


def kind_of(value: Any) -> str:
    """Return the word for a value's kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case Decimal() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def spell_path(path: Path) -> str:
    """Return a path as people write it: `rules[0].port`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "flow"


def spell_pointer(pointer: str) -> str:
    """Return the place of an expression in a template as people write it, or nothing for itself."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    named = [int(step) if step.isdigit() else step for step in steps if step not in MARKERS]
    return spell_path(tuple(named)) if named else ""


def marker_of(value: Any) -> str | None:
    """Return the template marker that an object carries, if any."""
    if type(value) is dict:
        for marker in MARKERS:
            if marker in value:
                return marker
    return None


_KINDS: Final[dict[str, frozenset[str]]] = {
    "null": frozenset({"null"}),
    "boolean": frozenset({"boolean"}),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "number"}),
    "string": frozenset({"text"}),
    "array": frozenset({"list"}),
    "object": frozenset({"object"}),
}
_NO_KIND: Final[frozenset[str]] = frozenset()
_NUMBERS_AND_TEXT: Final = frozenset({"integer", "number", "text"})
_WORDS: Final = {"string": "text", "array": "list"}


class _Comparison:
    def __init__(self, definitions: Mapping[str, Any], templates: bool) -> None:
        self.definitions = definitions
        self.templates = templates

    def compare(self, value: Any, schema: Schema, path: Path) -> Iterator[Difference]:
        schema = self.resolve(schema)
        if self.templates:
            marker = marker_of(value)
            if marker is not None and is_fixed(schema):
                yield Difference(path, "fixed")
                return
            if marker == "$expr":
                return
            if marker == "$text":
                if not self.takes_text(schema):
                    yield _wrong_kind(path, "text", self.wanted(schema))
                return
            if marker == "$value":
                literal = _Comparison(self.definitions, templates=False)
                yield from literal.compare(value["$value"], schema, (*path, "$value"))
                return
        if "anyOf" in schema:
            yield from self.compare_any(value, schema["anyOf"], path)
            return
        if "enum" in schema or "const" in schema:
            choices = schema.get("enum", [schema.get("const")])
            if not any(type(value) is type(choice) and value == choice for choice in choices):
                yield Difference(
                    path, "choice", {"choices": [_spell(choice) for choice in choices]}
                )
            return
        kind = kind_of(value)
        accepted = _accepted(schema)
        if accepted and kind not in accepted:
            yield _wrong_kind(path, kind, self.wanted(schema))
        elif kind == "object":
            yield from self.compare_object(value, schema, path)
        elif kind == "list":
            yield from self.compare_list(value, schema, path)
        elif kind == "text":
            yield from _compare_text(value, schema, path)
        elif kind in ("integer", "number"):
            yield from _compare_number(value, schema, path)

    def compare_object(
        self, value: dict[str, Any], schema: Schema, path: Path
    ) -> Iterator[Difference]:
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        for name in schema.get("required", ()):
            if name not in value:
                yield Difference((*path, name), "missing")
        yield from _compare_groups(value, properties, path)
        for name, item in value.items():
            if name in properties:
                yield from self.compare(item, properties[name], (*path, name))
            elif rest is False:
                yield Difference((*path, name), "unknown", {"known": list(properties)})
            elif isinstance(rest, Mapping):
                yield from self.compare(item, rest, (*path, name))

    def compare_list(self, value: list[Any], schema: Schema, path: Path) -> Iterator[Difference]:
        if len(value) < schema.get("minItems", 0):
            yield Difference(path, "few", {"low": schema["minItems"]})
        if len(value) > schema.get("maxItems", len(value)):
            yield Difference(path, "many", {"high": schema["maxItems"]})
        first = schema.get("prefixItems", ())
        rest = schema.get("items", True)
        for index, item in enumerate(value):
            inner = first[index] if index < len(first) else rest
            if isinstance(inner, Mapping):
                yield from self.compare(item, inner, (*path, index))

    def compare_any(self, value: Any, branches: list[Schema], path: Path) -> Iterator[Difference]:
        """Judge by the branch that comes nearest; none of the right kind is one difference."""
        kind = kind_of(value)
        nearest: list[Difference] | None = None
        for branch in branches:
            resolved = self.resolve(branch)
            found = list(self.compare(value, resolved, path))
            if not found:
                return
            accepted = _accepted(resolved)
            fits_kind = not accepted or kind in accepted
            if fits_kind and (nearest is None or len(found) < len(nearest)):
                nearest = found
        if nearest is not None:
            yield from nearest
        else:
            yield _wrong_kind(path, kind, self.wanted({"anyOf": branches}))

    def takes_text(self, schema: Schema) -> bool:
        schema = self.resolve(schema)
        if "anyOf" in schema:
            return any(self.takes_text(branch) for branch in schema["anyOf"])
        if "enum" in schema:
            return any(isinstance(choice, str) for choice in schema["enum"])
        accepted = _accepted(schema)
        return not accepted or "text" in accepted

    def wanted(self, schema: Schema) -> list[str]:
        """Return the words for the kinds that a schema takes; none when it takes any."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            branches = [self.wanted(branch) for branch in schema["anyOf"]]
            if not all(branches):
                return []
            words = dict.fromkeys(word for branch in branches for word in branch)
            return [word for word in words if not (word == "integer" and "number" in words)]
        if "enum" in schema:
            return list(dict.fromkeys(kind_of(choice) for choice in schema["enum"]))
        if schema.get("format") == "decimal":
            return ["number"]
        kinds = schema.get("type", [])
        return [_WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.definitions.get(schema["$ref"].rsplit("/", 1)[-1], {})
        return schema


def _compare_groups(
    value: dict[str, Any], properties: Mapping[str, Any], path: Path
) -> Iterator[Difference]:
    """Hold fields to `one_of` and `at_most_one_of`: those of the same group exclude each other."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, schema in properties.items():
        words = schema.get("x-tramo", {})
        for rule in ("one_of", "at_most_one_of"):
            if rule in words:
                groups.setdefault((rule, words[rule]), []).append(name)
    for (rule, _), names in groups.items():
        given = sum(value.get(name) is not None for name in names)
        if given > 1 or (given == 0 and rule == "one_of"):
            yield Difference(path, rule, {"choices": names})


def _accepted(schema: Schema) -> frozenset[str]:
    """Return the kinds of values that a schema takes; none when it takes any."""
    if "enum" in schema:
        return frozenset(kind_of(choice) for choice in schema["enum"])
    if schema.get("format") == "decimal":
        return _NUMBERS_AND_TEXT
    kinds = schema.get("type", ())
    if isinstance(kinds, str):
        return _KINDS.get(kinds, _NO_KIND)
    return frozenset().union(*(_KINDS.get(name, _NO_KIND) for name in kinds))


def _compare_text(value: str, schema: Schema, path: Path) -> Iterator[Difference]:
    length = len(value)
    form = schema.get("format")
    if length < schema.get("minLength", 0):
        if length == 0:
            yield Difference(path, "empty")
        else:
            yield Difference(path, "short", {"low": schema["minLength"]})
    elif length > schema.get("maxLength", length):
        yield Difference(path, "long", {"high": schema["maxLength"]})
    elif "pattern" in schema and not _matches(schema["pattern"], value):
        yield Difference(path, "pattern", {"pattern": schema["pattern"], "found": value[:60]})
    elif form == "decimal":
        if not _is_decimal(value):
            yield _wrong_kind(path, "text", ["number"])
    elif form and not accepts_form(form, value):
        yield Difference(path, f"form.{form}", {"found": value[:60]})


def _compare_number(value: Any, schema: Schema, path: Path) -> Iterator[Difference]:
    number = Decimal(str(value)) if isinstance(value, float) else value
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = schema.get("multipleOf")
    if low is not None and number < _exact(low):
        yield Difference(path, "low", {"low": _spell(low)})
    elif high is not None and number > _exact(high):
        yield Difference(path, "high", {"high": _spell(high)})
    elif above is not None and number <= _exact(above):
        yield Difference(path, "above", {"low": _spell(above)})
    elif below is not None and number >= _exact(below):
        yield Difference(path, "below", {"high": _spell(below)})
    elif step is not None and number % _exact(step) != 0:
        yield Difference(path, "multiple", {"step": _spell(step)})


def _wrong_kind(path: Path, kind: str, wanted: list[str]) -> Difference:
    return Difference(path, "type", {"kind": kind, "wanted": wanted})


@lru_cache(maxsize=1_000)
def _pattern(source: str) -> re.Pattern[str]:
    # In JSON Schema `$` is the end of the text; in Python it also stands before a last line break.
    return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", source))


def _matches(source: str, value: str) -> bool:
    return _pattern(source).search(value) is not None


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _exact(bound: Any) -> Any:
    return Decimal(str(bound)) if isinstance(bound, float) else bound


def _spell(value: Any) -> Any:
    return value if isinstance(value, (str, int)) or value is None else str(value)
