"""The desk for what there is to build with: node types, connectors, filters, tried formulas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from tramo.app.formula import describe_filters, describe_problems, tell_problem
from tramo.app.text import LANGUAGES, field_names, read_resource, texts, translated_schema
from tramo.expression import EvaluationError, ExpressionProblems, Problem, compile_value
from tramo.model.node_type import NodeType
from tramo.model.value import NotExact, plain
from tramo.registry import Broken, Registry
from tramo.sdk import Definition, json_schema
from tramo.sdk.own_change import FIELD

_PLAIN_ICON: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#64748b"'
    b' stroke-width="2"><rect x="4" y="4" width="16" height="16" rx="4"/></svg>'
)


class CatalogDesk:
    """What the editor's palette, forms and formula fields are made of."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made: dict[str, dict[str, Any]] = {}

    async def catalog(self, language: str = "en") -> dict[str, Any]:
        """Return everything there is to build with, in a language; do not change the answer."""
        language = language if language in LANGUAGES else "en"
        made = self._made.get(language)
        if made is None:
            made = self._made[language] = {
                "node_types": [
                    self._node_type(manifest, language) for manifest in self._registry.node_types()
                ],
                "connectors": [
                    *(
                        _connector(definition, language)
                        for definition in self._registry.connectors.values()
                    ),
                    *map(_broken, self._registry.broken),
                ],
                "filters": describe_filters(language),
                "problems": describe_problems(language),
            }
        return made

    def _node_type(self, manifest: NodeType, language: str) -> dict[str, Any]:
        package = self._registry.connectors[manifest.connector].package
        kind = "trigger" if manifest.kind == "trigger" else "action"
        place = f"{kind}.{manifest.type.partition('.')[2]}"
        known = texts(package, language)
        if manifest.trigger is not None and manifest.trigger.caused:
            known = {**_of_own_changes(place, language), **known}
        ports = [
            {
                "name": port.name,
                "title": known.get(f"{place}.port.{port.name}", port.title or port.name),
            }
            for port in manifest.ports
        ]
        output = manifest.output_schema
        missing = _missing(manifest)
        return {
            "type": manifest.type,
            "v": manifest.v,
            "kind": manifest.kind,
            "connector": manifest.connector,
            "title": known.get(f"{place}.title", manifest.title),
            "summary": known.get(f"{place}.summary", manifest.summary),
            "category": known.get(f"category.{manifest.category}", manifest.category),
            "synonyms": _synonyms(manifest, package, place),
            "icon": _icon(package),
            "ports": ports,
            "own_ports": manifest.own_ports,
            "params_schema": translated_schema(manifest.params_schema, known, place),
            "output_schema": output
            and translated_schema(output, known, f"{place}.output", field_names(package, language)),
            "output_example": manifest.output_example,
            "effect": manifest.effect,
            "inline": manifest.inline,
            "costly": manifest.costly,
            "connection": manifest.connection,
            "source": manifest.trigger.source if manifest.trigger is not None else None,
            "choices": manifest.choices,
            "keys": list(manifest.trigger.keys) if manifest.trigger is not None else [],
            "available": not missing,
            "reason": known.get(f"{place}.needs", missing) if missing else None,
        }

    async def evaluate(
        self,
        template: Any,
        env: Mapping[str, Any],
        timezone: str = "UTC",
        language: str = "en",
    ) -> dict[str, Any]:
        """Try a param on given variables; gives its value, or every problem with its place."""
        try:
            evaluate = compile_value(template, timezone=timezone, language=language)
            return {"ok": True, "value": plain(evaluate(env))}
        except ExpressionProblems as found:
            problems = found.problems
        except EvaluationError as error:
            problems = [error.problem()]
        except (NotExact, TypeError) as error:
            problems = [Problem("", "expression.not_plain", f"This gives no plain value: {error}.")]
        return {"ok": False, "problems": [tell_problem(each, language) for each in problems]}


def _of_own_changes(place: str, language: str) -> dict[str, str]:
    """Return the texts of the param that the runtime itself adds to a connector's trigger."""
    ours = texts("tramo.nodes", language)
    found = {word: ours.get(f"trigger.{FIELD}.{word}") for word in ("title", "description")}
    return {f"{place}.{FIELD}.{word}": text for word, text in found.items() if text}


def _missing(manifest: NodeType) -> str | None:
    """Return what to do about a module that a node type needs and that is not installed."""
    if manifest.needs is None or find_spec(manifest.needs[0]) is not None:
        return None
    return manifest.needs[1]


def _synonyms(manifest: NodeType, package: str, place: str) -> list[str]:
    """Return the words by which a type is found, in every language: its titles among them."""
    every = [texts(package, language) for language in LANGUAGES]
    titles = [manifest.title, *(known.get(f"{place}.title", "") for known in every)]
    words = [word for known in every for word in known.get(f"{place}.synonyms", "").split()]
    return [*dict.fromkeys(filter(None, [*manifest.synonyms, *words, *titles]))]


def _connector(definition: Definition, language: str) -> dict[str, Any]:
    known = texts(definition.package, language)
    credential = definition.credential
    return {
        "id": definition.id,
        "title": known.get("connector.title", definition.title),
        "summary": known.get("connector.summary", definition.summary),
        "icon": _icon(definition.package),
        "credential_schema": None
        if credential is None
        else translated_schema(json_schema(credential), known, "credential"),
        "twin": definition.twin is not None,
        "available": True,
        "reason": None,
        "version": definition.version,
        "docs_url": definition.docs_url,
    }


def _broken(broken: Broken) -> dict[str, Any]:
    return {
        "id": broken.name,
        "title": broken.name,
        "summary": "",
        "icon": _icon(""),
        "credential_schema": None,
        "twin": False,
        "available": False,
        "reason": broken.reason,
        "version": "",
        "docs_url": None,
    }


@cache
def _icon(package: str) -> str:
    """Return a connector's icon as an address that holds the picture itself."""
    svg = read_resource(package, "icon.svg") if package else None
    return f"data:image/svg+xml;base64,{b64encode(svg or _PLAIN_ICON).decode()}"
