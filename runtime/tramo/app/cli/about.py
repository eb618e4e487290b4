"""`tramo connectors` and `tramo schema`: what this installation offers."""

from __future__ import annotations

import sys
from typing import Any

from tramo.app.cli.show import show_json, show_table
from tramo.model.problem import TramoError


def show_connectors(*, as_json: bool) -> int:
    """List connectors, and the broken ones with their reason."""
    from tramo.registry import discover

    registry = discover()
    items = [_connector(definition) for definition in registry.connectors.values()]
    broken = [{"name": item.name, "reason": item.reason} for item in registry.broken]
    if as_json:
        show_json({"items": items, "broken": broken})
        return 0
    show_table(
        ("id", "title", "version", "triggers", "actions", "twin"),
        [
            (
                item["id"],
                item["title"],
                item["version"],
                len(item["triggers"]),
                len(item["actions"]),
                "yes" if item["twin"] else "no",
            )
            for item in items
        ],
        empty="No connectors.",
    )
    for item in broken:
        print(f"broken: {item['name']}: {item['reason']}", file=sys.stderr)
    return 0


def _connector(definition: Any) -> dict[str, Any]:
    return {
        "id": definition.id,
        "title": definition.title,
        "version": definition.version,
        "triggers": sorted({t.manifest.type for t in definition.triggers.values()}),
        "actions": sorted({a.manifest.type for a in definition.actions.values()}),
        "effects": {a.manifest.type: a.manifest.effect for a in definition.actions.values()},
        "twin": definition.twin is not None,
    }


def show_schema(name: str) -> int:
    """Print one of the published schemas."""
    from tramo.graph.schema import NAMES, schema

    if name not in NAMES:
        raise TramoError("schema.unknown", f"There is no schema {name}; one of {', '.join(NAMES)}.")
    show_json(schema(name))
    return 0
