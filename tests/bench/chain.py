"""A chain of 1,000 set nodes: what a node costs when nothing but the engine is at work, and what a
whole run costs."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

from tramo.app.house import House, open_throwaway_house
from tramo.app.setting import load_settings
from tramo.engine import Began, State, decide, encode_segment
from tramo.graph.plan import Plan
from tramo.model.scope import Scope, system_scope

NODES = 1_000
NODE_RED_MS = 13.2
TARGET_MS = 10.0


def document(nodes: int = NODES) -> dict[str, Any]:
    """Return the flow: `x = x + 1`, a thousand times."""
    chain: list[dict[str, Any]] = [{"id": "start", "type": "core.manual"}]
    edges = []
    for index in range(nodes):
        before = chain[-1]["id"]
        fields = {"x": {"$expr": f"{before}.x + 1"}}
        chain.append({"id": f"n{index}", "type": "core.set", "params": {"fields": fields}})
        edges.append({"from": before, "to": f"n{index}"})
    return {"format": 1, "id": "flow_chain", "name": "Chain", "nodes": chain, "edges": edges}


def run() -> list[dict[str, Any]]:
    """Measure the bare engine, and a run stored durably."""
    return asyncio.run(_run())


async def planned(house: House, scope: Scope, flow: dict[str, Any]) -> Plan:
    """Publish a flow and return what its runs go by."""
    await house.flows.create(scope, flow)
    await house.flows.publish(scope, flow["id"])
    version = (await house.flows.get(scope, flow["id"]))["published"]["version"]
    return await house.plans.get(scope.workspace_id, flow["id"], version)


async def _run() -> list[dict[str, Any]]:
    async with open_throwaway_house(load_settings()) as house:
        scope = system_scope(house.workspace_id)
        plan = await planned(house, scope, document())
        bare, stored = [], []
        for _ in range(15):
            started = time.perf_counter()
            state = State(plan, run_id="run_1", trigger=plan.triggers[0])
            decide(state, Began(1_000, {"x": 0}))
            encode_segment(state.take())
            bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            await house.flows.begin(scope, plan, {"x": 0}, None)
            stored.append(time.perf_counter() - started)
    bare_ms, stored_ms = median(bare) * 1_000, median(stored) * 1_000
    return [
        {"case": "chain, µs a node, engine and journal", "figure": bare_ms, "unit": "µs"},
        {
            "case": "chain of 1,000 set nodes, stored durably",
            "figure": stored_ms,
            "unit": "ms",
            "ratio": stored_ms / NODE_RED_MS,
            "against": f"Node-RED, {NODE_RED_MS} ms",
            "target": f"<= {TARGET_MS / NODE_RED_MS:.2f}",
        },
    ]
