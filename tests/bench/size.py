"""What a stored run weighs, table by table: order routing, and a run in a long wait, each begun by
the 4 KB order.

n8n 2.41.1 with the same flows and body: 6.9 KB an order-routing run, 8.5 KB a waiting one.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from tests import kit
from tests.bench.order import ORDER
from tests.bench.routing import document as order_routing

RUNS = 2_000
AT_ONCE = 50


def run() -> list[dict[str, Any]]:
    """Measure both flows."""
    rows: list[dict[str, Any]] = []
    for name, flow, peer, target in (
        ("order routing", order_routing(), 6_900, 3_000),
        ("waiting", waiting(), 8_500, 2_000),
    ):
        with tempfile.TemporaryDirectory(prefix="tramo-bench-") as folder:
            sizes = asyncio.run(_measure(Path(folder), flow))
        total = sum(sizes.values())
        rows.append(
            {
                "case": f"{name}, stored a run",
                "figure": total,
                "unit": "B",
                "ratio": total / peer,
                "against": f"n8n, {peer}",
                "target": f"<= {target} B",
            }
        )
        for part, size in sorted(sizes.items(), key=lambda item: -item[1])[:9]:
            rows.append({"case": f"  {part}", "figure": size, "unit": "B"})
    return rows


def waiting() -> dict[str, Any]:
    """Return a flow that waits for a day."""
    nodes = [
        {"id": "hook", "type": "core.webhook"},
        {"id": "rest", "type": "core.wait", "params": {"seconds": 86_400}},
        {"id": "after", "type": "core.set", "params": {"fields": {"done": True}}},
    ]
    return kit.document(nodes, [("hook", "rest"), ("rest", "after")])


async def _measure(folder: Path, flow: dict[str, Any]) -> dict[str, float]:
    async with kit.opened(folder) as house:
        hook = (await kit.publish(house, flow))["hook"]
        before = _sizes(folder)
        for _ in range(RUNS // AT_ONCE):
            await asyncio.gather(*(kit.post(house, hook, ORDER) for _ in range(AT_ONCE)))
        after = _sizes(folder)
    grown = {name: (size - before.get(name, 0)) / RUNS for name, size in after.items()}
    return {name: size for name, size in grown.items() if size > 0}


def _sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of every table and index, or of the whole where SQLite cannot tell."""
    connection = sqlite3.connect(folder / "data" / "tramo.sqlite3")
    try:
        query = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
        return dict(connection.execute(query).fetchall())
    except sqlite3.OperationalError:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        return {"everything": pages * size}
    finally:
        connection.close()
