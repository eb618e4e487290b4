"""The catalogue of installed connectors and their node types, looked up by type and version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tramo.model.node_type import NodeType
from tramo.sdk import Action, Definition, Trigger


class Broken(msgspec.Struct, frozen=True):
    """A plugin that could not be taken in, and why, for the person who installed it."""

    name: str
    reason: str


class Registry:
    """Every usable connector. It is filled once, at start-up, and only read afterwards."""

    def __init__(self) -> None:
        self.connectors: dict[str, Definition] = {}
        self.broken: list[Broken] = []
        self._actions: dict[tuple[str, int], Action] = {}
        self._triggers: dict[tuple[str, int], Trigger] = {}
        self._node_types: dict[tuple[str, int], NodeType] = {}
        self._newest: dict[str, int] = {}

    def add(self, definition: Definition) -> None:
        """Take in a checked definition."""
        self.connectors[definition.id] = definition
        for action in definition.actions.values():
            self._actions[self._add_type(action.manifest)] = action
        for trigger in definition.triggers.values():
            self._triggers[self._add_type(trigger.manifest)] = trigger

    def _add_type(self, manifest: NodeType) -> tuple[str, int]:
        key = (manifest.type, manifest.v)
        self._node_types[key] = manifest
        self._newest[manifest.type] = max(manifest.v, self._newest.get(manifest.type, 0))
        return key

    def node_type(self, type: str, v: int) -> NodeType | None:
        """Return exactly that version of a node type; None when it is not installed."""
        return self._node_types.get((type, v))

    def action(self, type: str, v: int) -> Action | None:
        return self._actions.get((type, v))

    def trigger(self, type: str, v: int) -> Trigger | None:
        return self._triggers.get((type, v))

    def newest(self, type: str) -> NodeType | None:
        """Return the version of a node type that new nodes get."""
        return self._node_types.get((type, self._newest.get(type, 0)))

    def node_types(self) -> Iterator[NodeType]:
        """Yield the newest version of every node type, in the order connectors list them."""
        for (name, v), manifest in self._node_types.items():
            if v == self._newest[name]:
                yield manifest

    def upgrade(
        self, type: str, v: int, params: Mapping[str, Any]
    ) -> tuple[NodeType, dict[str, Any]] | None:
        """Return the node type that runs a stored node, and the node's params in that type's form.

        An installed version is used as it stands. One that was retired is carried forward by the
        `upgrade` of the version after it, which reads that one version only. None: neither is
        installed.
        """
        exact = self._node_types.get((type, v))
        if exact is not None:
            return exact, dict(params)
        following = self._node_types.get((type, v + 1))
        if following is None or following.upgrade is None:
            return None
        return following, following.upgrade(dict(params))
