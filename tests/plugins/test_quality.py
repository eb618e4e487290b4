"""What each connector claims of itself in quality.toml, against the catalogue and the code."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from tramo import sdk

from tests.plugins import connector

TIERS = ("bronze", "silver", "gold", "platinum")
GUIDE = (connector.ROOT / "plugins" / "README.md").read_text()
SECRET_NAME = re.compile(r"token|secret|password|passphrase|(^|_)key(_|$)|private", re.IGNORECASE)


@cache
def catalogue() -> dict[str, dict[str, bool]]:
    """Return tier -> rule -> whether it is machine-checked, as the author's guide lists them."""
    chapter = GUIDE.partition("\n## Quality rules\n")[2].partition("\n## ")[0]
    tiers: dict[str, dict[str, bool]] = {}
    for line in chapter.splitlines():
        heading = re.match(r"\*\*(\w+)\*\*", line)
        rule = re.match(r"\| `([a-z-]+)` \| (✓?) ?\|", line)
        if heading:
            tiers[heading[1].lower()] = {}
        elif rule:
            tiers[list(tiers)[-1]][rule[1]] = bool(rule[2])
    return tiers


def claims(name: str) -> dict[str, Any]:
    return tomllib.loads((connector.folder(name) / "quality.toml").read_text())


def status(claim: Any) -> str:
    return claim if isinstance(claim, str) else claim["status"]


def test_the_catalogue_has_four_tiers_and_no_rule_twice() -> None:
    assert tuple(catalogue()) == TIERS
    rules = [rule for tier in catalogue().values() for rule in tier]
    assert len(rules) == len(set(rules)) >= 25
    checked = {rule for tier in catalogue().values() for rule, mark in tier.items() if mark}
    assert checked == set(CHECKS), "the guide marks exactly the rules that this file checks"


@pytest.mark.parametrize("name", connector.NAMES)
def test_every_rule_is_answered_and_every_gap_has_its_reason(name: str) -> None:
    told = claims(name)
    assert set(told) <= {"tier", "owner", "libraries", "limits", "rules"}
    rules = {rule for tier in catalogue().values() for rule in tier}
    assert set(told["rules"]) == rules
    for rule, claim in told["rules"].items():
        assert status(claim) in ("done", "todo", "exempt"), rule
        if status(claim) != "done":
            assert len(claim.get("reason", "")) > 20, f"{rule} needs a reason"


@pytest.mark.parametrize("name", connector.NAMES)
def test_the_claimed_tier_is_the_one_reached(name: str) -> None:
    told = claims(name)
    reached = "none"
    for tier, rules in catalogue().items():
        if any(status(told["rules"][rule]) == "todo" for rule in rules):
            break
        reached = tier
    assert told["tier"] == reached
    assert reached != "none", "a connector is shipped from bronze on"


@pytest.mark.parametrize("name", connector.NAMES)
def test_what_a_connector_says_is_done_is_done(name: str) -> None:
    told = claims(name)
    for rule, check in CHECKS.items():
        if status(told["rules"][rule]) == "done":
            faults = list(check(name))
            assert faults == [], f"{name}: {rule}"


# The checks: each yields what is wrong ------------------------------------------------------------


def undocumented(name: str) -> Iterator[str]:
    found = connector.definition(name)
    for node in nodes(found):
        if not node.title or not node.summary:
            yield node.type
        yield from bare_fields(node.type, node.params_schema)
    if found.credential is not None:
        yield from bare_fields("credential", sdk.json_schema(found.credential))


def bare_fields(owner: str, schema: dict[str, Any]) -> Iterator[str]:
    for path, field in connector.params(schema):
        if not field.get("title") or not field.get("description"):
            yield f"{owner}.{path}"


def wrong_examples(name: str) -> Iterator[str]:
    for node in nodes(connector.definition(name)):
        if node.output_schema is None:
            continue
        if node.output_example is None:
            yield f"{node.type} shows no output"
            continue
        plain = sdk.plain(node.output_example)
        judge = jsonschema_rs.validator_for(loosened(node.output_schema))
        for error in judge.iter_errors(jsonable(plain)):
            yield f"{node.type}: {error.message}"


def loosened(schema: Any) -> Any:
    """Return a schema in which an amount may be a number, as it is in a run."""
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            return {"type": ["number", "string"]}
        return {name: loosened(part) for name, part in schema.items()}
    return [loosened(part) for part in schema] if isinstance(schema, list) else schema


def jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: jsonable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return value if isinstance(value, str | int | bool | None) else float(value)


def untested_credential(name: str) -> Iterator[str]:
    found = connector.definition(name)
    if found.credential is not None and found.test is None:
        yield "there is no connection test"


def no_twin(name: str) -> Iterator[str]:
    found = connector.definition(name)
    if found.twin is None or not found.twin.demo_credential():
        yield "there is no twin with a demo credential"


def untried_actions(name: str) -> Iterator[str]:
    folder = connector.ROOT / "tests" / "plugins" / name
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.py")))
    for action in connector.definition(name).actions.values():
        short = action.manifest.type.split(".")[1]
        if f'"{short}"' not in text:
            yield f"{short} is not tried in {folder.name}"


def foreign_imports(name: str) -> Iterator[str]:
    folder = connector.folder(name)
    allowed = {folder.name, *claims(name).get("libraries", [])}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
                if node.module == "tramo":
                    names = [f"tramo.{alias.name}" for alias in node.names]
            for module in names:
                root = module.partition(".")[0]
                own = root in allowed or root in sys.stdlib_module_names
                if not own and not re.match(r"tramo\.sdk(\.|$)", module):
                    yield f"{path.name} imports {module}"


def bad_icon(name: str) -> Iterator[str]:
    path = connector.folder(name) / "icon.svg"
    if not path.exists():
        yield "icon.svg is missing"
        return
    drawing = path.read_text()
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing)
    if box is None or box[1] != box[2]:
        yield "the drawing is not square"
    if len(drawing) > 4096:
        yield "the drawing is above 4 KB"
    for word in ("<script", "href", "url(", "onload", "<foreignObject", "<style", "<!"):
        if word in drawing:
            yield f"the drawing holds {word}"


def no_owner(name: str) -> Iterator[str]:
    if not claims(name).get("owner"):
        yield "nobody is named"


def open_secrets(name: str) -> Iterator[str]:
    kind = connector.definition(name).credential
    if kind is None:
        return
    sealed = sdk.secret_fields(kind)
    for field in kind.__struct_fields__:
        if SECRET_NAME.search(field) and field not in sealed:
            yield f"{field} looks like a secret"


def missing_languages(name: str) -> Iterator[str]:
    for language in ("es", "pt", "ro"):
        path = connector.folder(name) / "locales" / f"{language}.toml"
        known = connector.flatten(tomllib.loads(path.read_text())) if path.exists() else {}
        yield from (f"{language}: {key}" for key in connector.texts(name) if key not in known)


def unsigned_webhooks(name: str) -> Iterator[str]:
    found = connector.definition(name)
    if not webhook_triggers(found):
        yield "there are no webhooks: say that it is exempt"
    elif found.door is None:
        yield "there is no door"
    elif found.credential and found.door.signature.secret not in sdk.secret_fields(
        found.credential
    ):
        yield "the signing key is not a secret of the credential"


def no_subscriptions(name: str) -> Iterator[str]:
    found = connector.definition(name)
    if not webhook_triggers(found) or found.subscribe is None or found.unsubscribe is None:
        yield "subscribing is not automatic"


def costly_without_probe(name: str) -> Iterator[str]:
    for action in connector.definition(name).actions.values():
        if action.manifest.costly and action.probe is None:
            yield action.manifest.type


def no_limits(name: str) -> Iterator[str]:
    if not claims(name).get("limits"):
        yield "limits is empty"


def nodes(found: sdk.Definition) -> list[Any]:
    return [part.manifest for part in (*found.actions.values(), *found.triggers.values())]


def webhook_triggers(found: sdk.Definition) -> list[Any]:
    return [
        trigger
        for trigger in found.triggers.values()
        if trigger.manifest.trigger and trigger.manifest.trigger.source == "webhook"
    ]


CHECKS: dict[str, Callable[[str], Iterator[str]]] = {
    "documented": undocumented,
    "examples": wrong_examples,
    "credential-test": untested_credential,
    "twin": no_twin,
    "tests": untried_actions,
    "sdk-only": foreign_imports,
    "icon": bad_icon,
    "owner": no_owner,
    "secrets": open_secrets,
    "languages": missing_languages,
    "signed-webhooks": unsigned_webhooks,
    "subscriptions": no_subscriptions,
    "probes": costly_without_probe,
    "known-limits": no_limits,
}
