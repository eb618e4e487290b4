"""A whole house for tests: real SQLite, real engine, twins instead of vendors."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tramo.app.house import House, open_house
from tramo.app.setting import Settings
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.registry import discover

REGISTRY = discover()


def settings(folder: Path, **fields: Any) -> Settings:
    """Return settings for a house in a test's folder."""
    return Settings(
        **{"data": folder / "data", "key_file": folder / "keys" / "key.toml", "port": 0, **fields}
    )


@asynccontextmanager
async def opened(folder: Path, **fields: Any) -> AsyncIterator[House]:
    """Open a house in a test's folder."""
    async with open_house(settings(folder, **fields), registry=REGISTRY) as house:
        yield house


def owner(house: House) -> Scope:
    """Return the scope of somebody who may do everything."""
    return Scope(house.workspace_id, "user_test", "owner")


def document(
    nodes: list[dict[str, Any]], edges: list[tuple[str, ...]], **fields: Any
) -> dict[str, Any]:
    """Make a flow document; an edge is (from, to) or (from, port, to)."""
    made = []
    for edge in edges:
        start, port, end = edge if len(edge) == 3 else (edge[0], "out", edge[1])
        made.append({"from": start, "port": port, "to": end})
    return {
        "format": 1,
        "id": "flow_test",
        "name": "Test",
        "nodes": nodes,
        "edges": made,
        **fields,
    }


async def publish(house: House, flow: dict[str, Any]) -> dict[str, str]:
    """Publish a flow and return the tokens of its addresses by node."""
    scope = owner(house)
    await house.flows.put(scope, flow)
    answer = await house.flows.publish(scope, flow["id"])
    return {item["node"]: item["url"].rpartition("/")[2] for item in answer["addresses"]}


async def twin(house: House, connector: str, **credential: Any) -> dict[str, Any]:
    """Make a connection to a connector's twin."""
    return await house.connections.create(
        owner(house), connector, connector.title(), "twin", credential
    )


async def post(house: House, address: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Deliver to the door; return status and body."""
    raw = body if isinstance(body, bytes) else encode(body)
    sent = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    answer = await house.door.deliver(address, method="POST", headers=sent, query={}, body=raw)
    return answer.status, decode(answer.body) if answer.body else None


def shopify_headers(body: bytes, secret: str, event_id: str, topic: str = "orders/create") -> Any:
    """Return the headers with which Shopify delivers."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "x_shopify_topic": topic,
        "x_shopify_hmac_sha256": base64.b64encode(digest).decode(),
        "x_shopify_event_id": event_id,
        "x_shopify_webhook_id": f"webhook-{event_id}",
        "x_shopify_shop_domain": "tramo-demo.myshopify.com",
    }


async def finished(house: House, *, count: int = 1, within_s: float = 50.0) -> list[dict[str, Any]]:
    """Wait until `count` runs have stopped for good or for a person; newest first."""
    async with asyncio.timeout(within_s):
        while True:
            items = (await house.runs.list(owner(house), limit=5_000))["items"]
            done = [i for i in items if i["state"] not in ("queued", "running", "waiting")]
            if len(done) >= count and len(done) == len(items):
                return items
            await asyncio.sleep(0.01)


async def steps(house: House, run_id: str) -> dict[str, dict[str, Any]]:
    """Return a run's steps by node."""
    run = await house.runs.get(owner(house), run_id)
    return {step["node"]: step for step in run["steps"]}
