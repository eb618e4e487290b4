"""A parcel's way through the whole house: label, doubt, events, by the server's own runner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tramo.app.house import House, open_house
from tramo.app.setting import Settings
from tramo.model.scope import Scope
from tramo.ports.http import Interrupted, Request
from tramo.sdk import Response, json_response

from tests.plugins.easypost.account import CUSTOMER, SHOP

FINAL = {"succeeded", "failed", "cancelled", "asking"}


class Depot:
    """A house with an EasyPost account, a flow that sends a parcel again."""

    def __init__(self, house: House, scope: Scope) -> None:
        self.house = house
        self.scope = scope
        self.account = ""

    async def begin(self) -> None:
        desk = self.house.connections
        made = await desk.create(self.scope, "easypost", "Parcels", "twin", {})
        self.account = made["id"]
        await self.publish(
            "Send it once more",
            self.node("refund", "label_refunded"),
            self.node("rates", "get_rates", to_address=CUSTOMER, from_address=SHOP, weight=900),
            self.node(
                "label",
                "buy_label",
                shipment_id={"$expr": "rates.shipment_id"},
                rate_id={"$expr": "rates.rates[0].id"},
            ),
        )

    def node(self, id: str, type: str, **params: Any) -> dict[str, Any]:
        kind = f"easypost.{type}"
        return {"id": id, "type": kind, "connection": self.account, "params": params}

    async def publish(self, name: str, *nodes: dict[str, Any]) -> str:
        document = {
            "format": 1,
            "id": f"flow_{name.replace(' ', '_').lower()}",
            "name": name,
            "nodes": list(nodes),
            "edges": [{"from": a["id"], "to": b["id"]} for a, b in pairwise(nodes)],
        }
        flow = await self.house.flows.create(self.scope, document)
        assert flow["problems"] == []
        await self.house.flows.publish(self.scope, flow["id"])
        return flow["id"]

    async def happen(self, trigger: str) -> None:
        desk = self.house.connections
        answer = await desk.twin_deliver(self.scope, self.account, f"easypost.{trigger}", None)
        assert answer["status"] == 200

    async def runs(self, count: int = 1) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while True:
                items = (await self.house.runs.list(self.scope))["items"]
                if len(items) >= count and all(item["state"] in FINAL for item in items):
                    return items
                await self.house.clock.sleep(0.02)

    @property
    def twin(self) -> Any:
        found = self.house.registry.connectors["easypost"]
        credential = found.twin.demo_credential()
        return self.house.twins.open(self.account, found, credential).twin

    def labels(self) -> int:
        """Count the labels bought, the demo account's own left out."""
        bought = [s for s in self.twin.state["shipments"].values() if s["postage_label"]]
        return len(bought) - 1


@pytest.fixture
async def depot(tmp_path: Path) -> AsyncIterator[Depot]:
    async with open_house(Settings(data=tmp_path / "data", key_file=tmp_path / "key")) as house:
        begun = Depot(house, Scope(workspace_id=house.workspace_id, actor="test"))
        await begun.begin()
        yield begun


def answer_purchases(depot: Depot, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Let the first purchase go through, and its answer be lost or a carrier's silence."""
    twin = depot.twin
    carry = twin.send
    spoilt = False

    async def spoil(request: Request) -> Response:
        nonlocal spoilt
        answer = await carry(request)
        if spoilt or not request.url.endswith("/buy"):
            return answer
        spoilt = True
        if how == "lost":
            raise Interrupted("reset")
        return json_response({"error": {"code": how, "message": "No answer"}}, 422)

    monkeypatch.setattr(twin, "send", spoil)


@pytest.mark.parametrize("how", ["lost", "SHIPMENT.POSTAGE.TIMED_OUT"])
async def test_a_purchase_in_doubt_is_looked_up_and_made_once(
    depot: Depot, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    answer_purchases(depot, monkeypatch, how)
    await depot.happen("label_refunded")
    (run,) = await depot.runs()
    assert (run["state"], run["reason"]) == ("succeeded", None)
    assert depot.labels() == 1


async def test_a_parcel_that_arrives_starts_the_flow_that_waits_for_it(depot: Depot) -> None:
    heard = depot.node("news", "tracking_updated", statuses=["delivered"])
    note = {
        "id": "note",
        "type": "core.log",
        "params": {"message": {"$text": "{{ news.tracking_number }} {{ news.status }}"}},
    }
    await depot.publish("Hear of parcels", heard, note)
    (webhook,) = depot.twin.state["webhooks"].values()
    assert webhook["secret"] == depot.twin.credential["webhook_secret"]
    await depot.happen("label_refunded")
    await depot.runs()
    for _ in range(6):  # The new parcel from its label to the door, and then an older one.
        await depot.happen("tracking_updated")
    items = await depot.runs(2)
    assert [item["state"] for item in items] == ["succeeded"] * 2
