"""The door: a 4 KB signed order to a 2xx that is durable, and how long the work behind takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import time
from typing import Any

from tests.bench.load import request_head
from tests.bench.order import ORDER
from tests.bench.routing import _load, _row
from tests.bench.server import Server, serving

SECRET = "hush"
FLOOR = 2_000
SECONDS = 10.0


def run(connections: int = 32) -> list[dict[str, Any]]:
    """Measure acknowledged deliveries a second; each starts a run of two nodes."""
    with serving() as server:
        secrets = json.dumps({"client_secret": SECRET, "access_token": "shpat_bench"}).encode()
        made = server.tramo(
            "connection", "put", "shopify", "--name", "Bench shop", "--set",
            "shop=bench", "--secret-stdin", given=secrets,
        )  # fmt: skip
        server.publish(_flow(made["id"]))
        digest = hmac.new(SECRET.encode(), ORDER, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Shop-Domain": "bench.myshopify.com",
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
            "X-Shopify-Event-Id": "bench-{n}",
            "X-Shopify-Webhook-Id": "bench",
        }
        path = "/in/" + made["address"].rpartition("/in/")[2]
        head = request_head(path, f"127.0.0.1:{server.port}", len(ORDER), headers)
        _load(head, server.port, connections, 2.0)
        busy = _load(head, server.port, connections, SECONDS)
        kept, drained_s = _drain(server)
    return [
        _row("door, acknowledged/s", busy["rate"], "1/s", FLOOR, "the floor"),
        {"case": "door, p50", "figure": busy["p50_ms"], "unit": "ms"},
        {"case": "door, p99", "figure": busy["p99_ms"], "unit": "ms"},
        {"case": "door, kept at the end of the load", "figure": kept, "unit": "deliveries"},
        {"case": "door, until all of them were read", "figure": drained_s, "unit": "s"},
    ]


def _drain(server: Server) -> tuple[int, float]:
    """Wait until nothing is kept any more; return how much was, and for how many seconds.

    Raises RuntimeError for an event without its run.
    """
    began_s = time.perf_counter()
    file = server.folder / "data" / "tramo.sqlite3"
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as driver:

        def ask(query: str) -> int:
            return driver.execute(query).fetchone()[0]

        kept = ask("SELECT count(*) FROM backlog")
        while ask("SELECT count(*) FROM backlog"):
            time.sleep(0.1)
        took_s = time.perf_counter() - began_s
        if ask("SELECT count(*) FROM event") != ask("SELECT count(*) FROM run"):
            raise RuntimeError("an event has no run")
    return kept, took_s


def _flow(connection_id: str) -> dict[str, Any]:
    return {
        "format": 1,
        "id": "flow_bench_door",
        "name": "Door",
        "nodes": [
            {"id": "order", "type": "shopify.order_created", "connection": connection_id},
            {
                "id": "note",
                "type": "core.set",
                "params": {"fields": {"total": {"$expr": "order.total"}}},
            },
        ],
        "edges": [{"from": "order", "to": "note"}],
    }
