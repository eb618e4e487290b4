"""1,000 items × 10 set nodes, each with a formula over the item: 10,000 steps of one run, every one
of them in its journal."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from statistics import median
from typing import Any

from tramo.app.house import open_throwaway_house
from tramo.app.setting import load_settings
from tramo.model.scope import system_scope

from tests.bench.chain import planned

ITEMS = 1_000
NODES = 10
NODE_RED_MS = 95.0


def document() -> dict[str, Any]:
    """Return the flow: for each item, ten sums over its price and quantity."""
    each = {"items": {"$expr": "start.items"}, "collect": f"n{NODES - 1}"}
    nodes: list[dict[str, Any]] = [
        {"id": "start", "type": "core.manual"},
        {"id": "each", "type": "core.for_each", "params": each},
    ]
    edges = [{"from": "start", "to": "each"}]
    for index in range(NODES):
        fields = {"sum": {"$expr": f"item.price * item.qty + {index}"}}
        node = {"id": f"n{index}", "type": "core.set", "inside": "each"}
        nodes.append({**node, "params": {"fields": fields}})
        if index:
            edges.append({"from": f"n{index - 1}", "to": f"n{index}"})
    return {"format": 1, "id": "flow_loop", "name": "Loop", "nodes": nodes, "edges": edges}


def run() -> list[dict[str, Any]]:
    """Measure whole runs, stored durably."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    items = [
        {"i": i, "sku": f"SKU-{i}", "price": Decimal(i % 97) + Decimal("0.5"), "qty": i % 7}
        for i in range(ITEMS)
    ]
    took: list[float] = []
    async with open_throwaway_house(load_settings()) as house:
        scope = system_scope(house.workspace_id)
        plan = await planned(house, scope, document())
        for _ in range(9):
            started = time.perf_counter()
            live = await house.flows.begin(scope, plan, {"items": items}, None)
            async with asyncio.timeout(60):
                outcome = await house.runner.wait_for(live)
            took.append(time.perf_counter() - started)
            assert outcome.state == "succeeded", outcome
    took_ms = median(took) * 1_000
    return [
        {
            "case": f"{ITEMS:,} items × {NODES} set nodes, stored durably",
            "figure": took_ms,
            "unit": "ms",
            "ratio": took_ms / NODE_RED_MS,
            "against": f"Node-RED, {NODE_RED_MS:.0f} ms",
            "target": "<= 1",
        }
    ]
