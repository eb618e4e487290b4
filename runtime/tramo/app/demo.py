"""The demo shop: twins of a shop, a chat and a mailbox, three flows between them, and orders that
keep coming."""

from __future__ import annotations

import itertools
import logging
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tramo.app.house import House
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode

FLOWS: Final = ("vip_orders", "low_stock", "cancelled_order")
CONNECTIONS: Final = {"shopify": "Demo shop", "slack": "Demo chat", "email": "Demo mail"}
HAPPENINGS: Final = (
    "shopify.order_created",
    "shopify.order_created",
    "shopify.inventory_level_changed",
    "shopify.order_created",
    "shopify.order_cancelled",
)

_log = logging.getLogger("tramo")


def example(name: str) -> Any:
    """Return an example flow document by name."""
    shipped = Path(str(files("tramo"))) / "examples" / f"{name}.json"
    source = Path(__file__).parents[3] / "schemas" / "examples" / f"{name}.json"
    path = shipped if shipped.exists() else source
    return decode(path.read_bytes())


def bound(document: Any, connections: dict[str, str]) -> Any:
    """Return a flow document whose nodes use these connections, by connector."""
    nodes = [
        {**node, "connection": connections[connector]}
        if (connector := node["type"].partition(".")[0]) in connections
        else node
        for node in document["nodes"]
    ]
    return {**document, "nodes": nodes}


async def furnish(house: House, scope: Scope) -> str:
    """Make the demo's connections and flows where they are not there yet; return the shop's
    connection."""
    known = {item["name"]: item["id"] for item in (await house.connections.list(scope))["items"]}
    connections = {}
    for connector, name in CONNECTIONS.items():
        if name not in known:
            made = await house.connections.create(scope, connector, name, "twin", {})
            known[name] = made["id"]
            await house.connections.test(scope, made["id"])
        connections[connector] = known[name]
    for name in FLOWS:
        document = bound(example(name), connections)
        try:
            await house.flows.create(scope, document)
        except TramoError as error:
            if error.code != "flow.exists":
                raise
        else:
            await house.flows.publish(scope, document["id"])
    return connections["shopify"]


async def keep_shop_busy(house: House, scope: Scope, shop: str, every_s: float) -> None:
    """Let something happen at the shop's twin again and again; its signed deliveries come to the
    door."""
    for happening in itertools.cycle(HAPPENINGS):
        await house.clock.sleep(every_s)
        try:
            await house.connections.twin_deliver(scope, shop, happening, None)
        except TramoError as error:
            _log.warning("The demo shop's delivery was not taken: %s", error.message)
