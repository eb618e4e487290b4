"""The built-in connector as an author would be held to: texts, languages, examples, effects."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tramo.nodes
import tramo.sdk
from tramo.app.text import choice_labels
from tramo.model.node_type import NodeType
from tramo.nodes import connector
from tramo.nodes.trigger import Schedule, Webhook
from tramo.sdk import json_schema, resolve_schema

DEFINITION = connector.tramo_connector()
MANIFESTS = [
    each.manifest for each in (*DEFINITION.actions.values(), *DEFINITION.triggers.values())
]
ROOM = Path(tramo.nodes.__file__).parent
SHARED = Path(tramo.sdk.__file__).parent / "locales"
LANGUAGES = ["es", "pt", "ro"]
GIVE_WHAT_THE_FLOW_SAYS = {
    *("core.manual", "core.flow_called", "core.form", "core.after"),
    *("core.set", "core.aggregate", "core.code", "core.merge"),
}
"""Their fields are those that a flow names, or that it was given."""


def test_the_node_types_of_the_first_slice_exist() -> None:
    assert {manifest.type for manifest in MANIFESTS} == {
        *("core.manual", "core.webhook", "core.schedule"),
        *("core.form", "core.flow_called", "core.run_failed", "core.after", "core.watch_url"),
        *("core.branch", "core.merge", "core.stop", "core.respond"),
        *("core.set", "core.log", "core.http_request"),
        *("core.for_each", "core.wait", "core.approve", "core.brake"),
        *("core.filter", "core.lookup", "core.aggregate", "core.reconcile", "core.code"),
        *("core.dedupe", "core.rate_limit", "core.digest", "core.batch"),
        *("core.table_read", "core.table_write", "core.call_flow"),
    }


def _fields(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every named field of a schema, as the catalogue names them in other languages."""
    definitions = schema.get("$defs", {})
    seen: set[str] = set()

    def walk(at: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if "$ref" in at:
            name = at["$ref"].rpartition("/")[2]
            if name in seen:
                return
            seen.add(name)
            at = definitions[name]
        for name, field in at.get("properties", {}).items():
            yield f"{place}.{name}", field
            yield from walk(field, f"{place}.{name}")
        for inner in (at.get("items"), at.get("additionalProperties"), *at.get("anyOf", ())):
            if isinstance(inner, dict):
                yield from walk(inner, place)

    return walk(schema, place)


def _place(manifest: NodeType) -> str:
    kind = "trigger" if manifest.kind == "trigger" else "action"
    return f"{kind}.{manifest.type.partition('.')[2]}"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.type)
def test_every_node_and_param_is_explained(manifest: NodeType) -> None:
    assert manifest.title
    assert manifest.summary.endswith(".")
    assert manifest.category
    assert manifest.synonyms
    for place, field in _fields(manifest.params_schema, _place(manifest)):
        assert field.get("title"), place
        assert field.get("description", "").endswith("."), place


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language_and_none_is_left_over(language: str) -> None:
    table = tomllib.loads((ROOM / "locales" / f"{language}.toml").read_text("utf-8"))

    def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
        for name, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            else:
                yield prefix + name, value

    texts = dict(flat(table))
    wanted = {"connector.title", "connector.summary"}
    wanted |= {"trigger.own_changes.title", "trigger.own_changes.description"}
    ports: set[str] = set()
    for manifest in MANIFESTS:
        wanted |= {f"{_place(manifest)}.title", f"{_place(manifest)}.summary"}
        wanted.add(f"category.{manifest.category}")
        wanted |= {f"{_place(manifest)}.needs"} if manifest.needs else set()
        ports |= {f"{_place(manifest)}.port.{port.name}" for port in manifest.ports}
        for place, field in _fields(manifest.params_schema, _place(manifest)):
            wanted |= {f"{place}.title", f"{place}.description"}
            wanted |= {f"{place}.choice.{value}" for value in choice_labels(field)}
    assert DEFINITION.credential is not None
    for place, field in _fields(json_schema(DEFINITION.credential), "credential"):
        wanted |= {f"{place}.title", f"{place}.description"}
        wanted |= {f"{place}.choice.{value}" for value in choice_labels(field)}
    shared = tomllib.loads((SHARED / f"{language}.toml").read_text("utf-8"))["output"]
    for manifest in MANIFESTS:
        for place, field in _fields(manifest.output_schema or {}, f"{_place(manifest)}.output"):
            name = place.rpartition(".")[2]
            if "title" in field:
                wanted.add(f"{place}.title")
            elif name not in shared:
                wanted.add(f"output.{name}")
    assert texts.keys() - ports == wanted
    assert all(text.strip() for text in texts.values())


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.type)
def test_an_output_example_has_the_fields_of_the_output(manifest: NodeType) -> None:
    if manifest.output_schema is not None:
        properties = resolve_schema(manifest.output_schema)["properties"]
        sure = set(resolve_schema(manifest.output_schema).get("required", ()))
        assert sure <= manifest.output_example.keys() <= properties.keys()


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest.type)
def test_what_a_node_gives_has_named_fields(manifest: NodeType) -> None:
    # Where the example alone says what there is, a reader sees the raw names, in English.
    if manifest.type not in GIVE_WHAT_THE_FLOW_SAYS:
        assert manifest.output_schema is not None


def test_the_room_stands_on_the_sdk_alone() -> None:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tramo"):
                allowed = re.match(r"tramo\.(sdk$|nodes\b)", node.module or "") or (
                    node.module == "tramo" and [name.name for name in node.names] == ["sdk"]
                )
                assert allowed, f"{path.name} imports {node.module}"


def test_it_has_a_picture() -> None:
    svg = (ROOM / "icon.svg").read_text("utf-8")
    assert svg.startswith("<svg")
    assert "script" not in svg


def test_triggers_take_their_params_as_written() -> None:
    webhook = msgspec.convert({"keys": {"order": "body.id"}, "secret": "s" * 20}, Webhook)
    assert (webhook.method, webhook.answer, webhook.answer_within_s) == ("POST", "received", 10)
    schedule = msgspec.convert({"cron": "0 9 * * 1-5"}, Schedule)
    assert (schedule.missed, schedule.timezone, schedule.every_s) == ("latest", None, None)


def test_only_nodes_that_call_web_services_offer_a_connection() -> None:
    found = {manifest.type for manifest in MANIFESTS if manifest.connection != "none"}
    assert found == {"core.http_request", "core.watch_url"}
