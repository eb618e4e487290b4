"""What the editor finds wrong by itself while somebody types, the server finds as well.

`web/test/check.json` holds broken flows with what the server says of each; the editor's own check
is held to the same file. `python -m tests.web.test_check_agreement` writes it anew, and
`npx biome check --write test/check.json`, in `web`, shapes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tramo.app.catalog import CatalogDesk
from tramo.app.formula import describe_problems
from tramo.graph import check
from tramo.registry import discover

_FILE = Path(__file__).parents[2] / "web" / "test" / "check.json"
_LEFT_OUT = {"icon": "", "output_schema": None, "output_example": None, "synonyms": []}


async def _expected(cases: list[dict[str, Any]]) -> dict[str, Any]:
    registry = discover()
    used = {node["type"] for case in cases for node in case["document"]["nodes"]}
    listed = (await CatalogDesk(registry).catalog("en"))["node_types"]
    return {
        "node_types": [kind | _LEFT_OUT for kind in listed if kind["type"] in used],
        "words": describe_problems("en"),
        "cases": [
            {
                "name": case["name"],
                "document": case["document"],
                "problems": [
                    {"path": it.path, "code": it.code, "level": it.level}
                    for it in check(json.loads(json.dumps(case["document"])), registry.node_type)
                ],
            }
            for case in cases
        ],
    }


async def test_the_server_says_of_broken_flows_what_the_editor_is_held_to() -> None:
    """Where this fails after a rule was changed, write the file anew; mend the editor's check."""
    held = json.loads(_FILE.read_text())
    assert json.loads(json.dumps(await _expected(held["cases"]))) == held


if __name__ == "__main__":
    import asyncio

    kept = json.loads(_FILE.read_text())
    fresh = asyncio.run(_expected(kept["cases"]))
    _FILE.write_text(json.dumps(fresh, ensure_ascii=False, indent=1) + "\n")
