"""Order routing: webhook → set 5 fields → branch → set → merge → set, run durably stored.

The answer is given after the last node. The peers' figures are of the same shape of flow on 2
cores: Node-RED 5.0.7 with JSONata 3,235 runs a second without storing anything, n8n 2.41.1 with its
faster engine 88.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.bench.load import Load, request_head
from tests.bench.order import ORDER
from tests.bench.server import serving

NODE_RED = 3_235
N8N = 88
SECONDS = 8.0


def document() -> dict[str, Any]:
    """Return the flow in the shape that the peers were measured with."""
    hook = {"type": "core.webhook", "params": {"answer": "finished"}}
    fields = {
        "id": "hook.body.id",
        "name": "hook.body.name",
        "email": "hook.body.customer.email",
        "total": "hook.body.total_price | number",
        "items": "hook.body.line_items | sum('quantity')",
    }
    rule = {"port": "vip", "when": {"$expr": "order.total > 100"}}
    text = "{{ order.name }} is {{ vip.tag if vip is defined else std.tag }}"
    nodes = {
        "hook": hook,
        "order": _set({name: {"$expr": source} for name, source in fields.items()}),
        "check": {"type": "core.branch", "params": {"rules": [rule]}},
        "vip": _set({"tag": "vip"}),
        "std": _set({"tag": "std"}),
        "joined": {"type": "core.merge", "params": {"wait": "any"}},
        "answer": _set({"text": {"$text": text}}),
    }
    edges = [
        {"from": "hook", "to": "order"},
        {"from": "order", "to": "check"},
        {"from": "check", "port": "vip", "to": "vip"},
        {"from": "check", "port": "else", "to": "std"},
        {"from": "vip", "to": "joined"},
        {"from": "std", "to": "joined"},
        {"from": "joined", "to": "answer"},
    ]
    return {
        "format": 1,
        "id": "flow_routing",
        "name": "Order routing",
        "nodes": [{"id": name, **node} for name, node in nodes.items()],
        "edges": edges,
    }


def _set(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "core.set", "params": {"fields": fields}}


def run(connections: int = 32) -> list[dict[str, Any]]:
    """Measure saturation with 32 connections and latency with one."""
    with serving() as server:
        address = server.publish(document())["addresses"][0]["url"]
        path = "/in/" + address.rpartition("/in/")[2]
        head = request_head(
            path, f"127.0.0.1:{server.port}", len(ORDER), {"Content-Type": "application/json"}
        )
        _load(head, server.port, connections, 2.0)
        before_s = server.cpu_s()
        busy = _load(head, server.port, connections, SECONDS)
        cpu_us = (server.cpu_s() - before_s) / busy["count"] * 1_000_000
        calm = _load(head, server.port, 1, 4.0)
        memory_mb = server.memory_mb()
        stored = (server.folder / "data" / "tramo.sqlite3").stat().st_size
    count = busy["count"] + calm["count"]
    return [
        _row("routing, runs/s at 32 connections", busy["rate"], "runs/s", NODE_RED, "Node-RED"),
        _row("routing, runs/s at 32 connections", busy["rate"], "runs/s", N8N, "n8n legacy"),
        {"case": "routing, CPU of the server a run", "figure": cpu_us, "unit": "µs"},
        {"case": "routing, p50 at 32 connections", "figure": busy["p50_ms"], "unit": "ms"},
        {"case": "routing, p99 at 32 connections", "figure": busy["p99_ms"], "unit": "ms"},
        {"case": "routing, p50 at 1 connection", "figure": calm["p50_ms"], "unit": "ms"},
        {"case": "routing, p99 at 1 connection", "figure": calm["p99_ms"], "unit": "ms"},
        {"case": "memory after the load (PSS)", "figure": memory_mb, "unit": "MB"},
        {"case": "stored bytes a run, at most", "figure": stored / count, "unit": "B"},
    ]


def _load(head: str, port: int, connections: int, seconds: float) -> dict[str, float]:
    load = Load(head, ORDER, connections=connections, seconds=seconds)
    return _loop(load.run("127.0.0.1", port))


def _loop(work: Any) -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _row(case: str, figure: float, unit: str, peer: float, against: str) -> dict[str, Any]:
    return {
        "case": case,
        "figure": figure,
        "unit": unit,
        "ratio": figure / peer,
        "against": f"{against}, {peer}",
        "target": ">= 1",
    }
