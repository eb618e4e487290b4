"""Finds connectors by their entry points. A broken one is listed with its reason, no more."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import pluggy

from tramo.model.id import NODE_TYPE
from tramo.registry.registry import Broken, Registry
from tramo.registry.release import satisfies
from tramo.sdk import SDK_VERSION, Definition, NoAuth, TramoSpec
from tramo.sdk.hookspec import PROJECT

GROUP: Final = "tramo.connectors"


class _Refused(Exception):
    """Why a plugin is not taken in: one plain sentence."""


def discover(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Return every connector that can be used, and the reasons why others cannot.

    `found` replaces the installed entry points, for tests and tools. Tramo's own connectors come
    first, so that no other package can take their ids.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(TramoSpec)
    registry = Registry()
    installed = entry_points(group=GROUP) if found is None else found
    for entry in sorted(installed, key=_order):
        try:
            definition = _load(manager, entry)
            _check(definition, registry)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, SystemExit included
            registry.broken.append(Broken(entry.name, _reason(entry, error)))
        else:
            registry.add(definition)
    return registry


def _order(entry: EntryPoint) -> tuple[bool, bool, str, str]:
    own = entry.dist is not None and entry.dist.name == "tramo"
    return (not own, entry.name != "core", entry.name, entry.value)


def _load(manager: pluggy.PluginManager, entry: EntryPoint) -> Definition:
    plugin = entry.load()
    if manager.is_registered(plugin):
        raise _Refused("The same connector is already offered under another name; remove one.")
    name = manager.register(plugin)
    hooks = [hook for hook in manager.hook.tramo_connector.get_hookimpls() if hook.plugin is plugin]
    if not hooks:
        manager.unregister(name=name)
        raise _Refused(
            f"{entry.value} is not a connector; its entry point must name an sdk.Connector."
        )
    definition = hooks[0].function()
    if not isinstance(definition, Definition):
        raise _Refused(f"tramo_connector() of {entry.value} must return an sdk.Definition.")
    return definition


def _check(definition: Definition, registry: Registry) -> None:
    """Refuse a definition that would surprise flows later."""
    if not satisfies(SDK_VERSION, definition.sdk):
        raise _Refused(
            f"It was made for release {definition.sdk} of tramo.sdk, and this Tramo has "
            f"{SDK_VERSION}; install a matching release of the connector."
        )
    if definition.id in registry.connectors:
        package = registry.connectors[definition.id].package
        raise _Refused(
            f"The connector id “{definition.id}” is already taken by {package}; remove one of them."
        )
    if not isinstance(definition.auth, NoAuth) and not (definition.base_url or definition.hosts):
        raise _Refused(
            "It signs requests with a credential but names no host that may see them; set base_url"
            " or hosts."
        )
    seen: set[tuple[str, int]] = set()
    for part in (*definition.actions.values(), *definition.triggers.values()):
        manifest = part.manifest
        place = f"The node type “{manifest.type}”"
        if NODE_TYPE.match(manifest.type) is None:
            raise _Refused(f"{place} must be lower-case words joined by one dot.")
        if manifest.type.partition(".")[0] != definition.id:
            raise _Refused(f"{place} must begin with “{definition.id}.”.")
        if (manifest.type, manifest.v) in seen:
            raise _Refused(f"{place} is there twice in version {manifest.v}; rename one.")
        seen.add((manifest.type, manifest.v))
        for field, name in manifest.choices.items():
            if name not in definition.choices:
                raise _Refused(f"{place} offers choices “{name}” for {field}, which are not there.")
    for action in definition.actions.values():
        if not (action.run or action.stored or action.manifest.build):
            raise _Refused(f"The node type “{action.manifest.type}” has no code to run.")


def _reason(entry: EntryPoint, error: BaseException) -> str:
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"The Python module “{error.name}” is missing; install the package that brings it."
    if isinstance(error, (ImportError, AttributeError)):
        return f"{entry.value} could not be imported: {error}."
    detail = f": {error}" if str(error) else ""
    return f"Loading {entry.value} failed with {type(error).__name__}{detail}."
