"""The JSON Schemas of the documents that leave the house, made of the Structs and never by hand.

    python -m tramo.graph.schema --write schemas

writes them all; a test holds the committed ones to this module. What the schemas cannot say
(an edge leads to a node that exists, an expression reads what it can see) `tramo.graph.check` says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from tramo.model.catalog import Catalog
from tramo.model.flow import Edge, Flow, Node
from tramo.model.id import RESERVED_NODE_IDS
from tramo.model.limit import NODES_PER_FLOW
from tramo.model.run import RunDocument

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def flow_schema() -> dict[str, Any]:
    """Return the schema of a flow document."""
    schema = msgspec.json.schema(Flow)
    flow, node = (schema["$defs"][kind.__name__]["properties"] for kind in (Flow, Node))
    flow["nodes"]["maxItems"] = NODES_PER_FLOW
    node["id"]["not"] = {"enum": sorted(RESERVED_NODE_IDS)}
    node["params"]["additionalProperties"] = {"$ref": "#/$defs/Value"}
    schema["$defs"] |= _VALUE
    schema["$defs"][Edge.__name__]["properties"]["from"]["description"] = "A node's id."
    return _named(schema, "A flow: nodes, and the edges by which a run goes from one to another.")


def run_schema() -> dict[str, Any]:
    """Return the schema of a run document, as `tramo run --json` prints it."""
    return _named(msgspec.json.schema(RunDocument), "A run with every step, numbers exact.")


def catalog_schema() -> dict[str, Any]:
    """Return the schema of the catalogue: what there is to build with."""
    return _named(msgspec.json.schema(Catalog), "What there is to build with here.")


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "flow": flow_schema,
    "run": run_schema,
    "catalog": catalog_schema,
}
NAMES: Final = tuple(SCHEMAS)


def schema(name: str) -> dict[str, Any]:
    """Return a schema by its name; raises KeyError for one that does not exist."""
    return SCHEMAS[name]()


def write(folder: Path) -> list[Path]:
    """Write every schema into a folder."""
    written: list[Path] = []
    for name in SCHEMAS:
        path = folder / f"{name}.schema.json"
        path.write_text(spell(schema(name)), encoding="utf-8")
        written.append(path)
    return written


def spell(value: dict[str, Any]) -> str:
    """Return a schema as the text that is committed."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_VALUE: Final[dict[str, Any]] = {
    "Value": {
        "description": "A literal of any kind, or a template anywhere inside one.",
        "anyOf": [
            {"$ref": "#/$defs/Expression"},
            {"$ref": "#/$defs/Text"},
            {"$ref": "#/$defs/Literal"},
            {"type": ["null", "boolean", "number", "string"]},
            {"type": "array", "items": {"$ref": "#/$defs/Value"}},
            {
                "type": "object",
                "propertyNames": {"not": {"enum": ["$expr", "$text", "$value"]}},
                "additionalProperties": {"$ref": "#/$defs/Value"},
            },
        ],
    },
    "Expression": {
        "description": "Calculated in the run; keeps its kind.",
        "type": "object",
        "properties": {"$expr": {"type": "string"}},
        "required": ["$expr"],
        "additionalProperties": False,
    },
    "Text": {
        "description": "Text with {{ slots }}.",
        "type": "object",
        "properties": {"$text": {"type": "string"}},
        "required": ["$text"],
        "additionalProperties": False,
    },
    "Literal": {
        "description": "The value as it stands, even if it looks like a template.",
        "type": "object",
        "properties": {"$value": True},
        "required": ["$value"],
        "additionalProperties": False,
    },
}


def _named(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"$schema": _DIALECT, "description": description, **schema}


def main(arguments: list[str]) -> int:
    """Write the schemas into the folder named after `--write`, or print one by name."""
    match arguments:
        case ["--write", folder]:
            for path in write(Path(folder)):
                print(path)
        case [name] if name in SCHEMAS:
            print(spell(schema(name)), end="")
        case _:
            print(f"usage: --write FOLDER | {' | '.join(SCHEMAS)}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
