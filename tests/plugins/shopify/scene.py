"""A twin shop whose traffic a test can look at, and one good call of every action."""

from __future__ import annotations

import json
from typing import Any

from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo.testing import CountingIds, StandingClock, Trial
from tramo.testing.trial import KEY
from tramo_shopify import connector
from tramo_shopify.twin import ShopifyTwin

OTHER_KEY = "cd" * 16


def make_twin(clock: StandingClock | None = None) -> Any:
    """Return a twin that no connection leads to."""
    return ShopifyTwin(
        clock=clock or StandingClock(),
        ids=CountingIds(),
        credential=ShopifyTwin.demo_credential(),
    )


class Shop(Trial):
    """A connection to a fresh twin, with what went out and what came back."""

    def __init__(self) -> None:
        super().__init__(connector)
        self.sent: list[Request] = []
        self.answers: list[sdk.Response] = []
        self.lose: list[str] = []
        """Operations whose next answer gets lost on its way back."""
        self._answer = self.twin.send
        self.twin.send = self._send

    async def act(
        self, name: str, /, *, key: str = KEY, credential: Any = None, **params: Any
    ) -> Any:
        return await self.run_action(name, params, key=key, credential=credential)

    async def probe(self, name: str, /, *, key: str = KEY, **params: Any) -> sdk.ProbeResult:
        return await self.run_probe(name, params, key=key)

    async def _send(self, request: Request) -> sdk.Response:
        response = await self._answer(request)
        self.sent.append(request)
        self.answers.append(response)
        name = json.loads(request.body)["operationName"]
        if name in self.lose:
            self.lose.remove(name)
            raise Interrupted("the line went dead")
        return response

    def operations(self) -> list[str]:
        return [json.loads(request.body)["operationName"] for request in self.sent]

    @property
    def state(self) -> dict[str, Any]:
        return self.twin.state

    def orders(self) -> list[dict[str, Any]]:
        return list(self.state["orders"].values())

    def paid_order(self) -> dict[str, Any]:
        """Return the first order that was paid, whatever became of its money since."""
        return next(o for o in self.orders() if "transactions" in o)

    def fill_bucket(self) -> None:
        self.state["bucket"].update(available="2000", at=self.clock.now_ms())

    def location(self) -> str:
        return next(iter(self.state["locations"]))

    def item(self, sku: str = "MUG-BLUE") -> dict[str, Any]:
        return next(i for i in self.state["items"].values() if i["sku"] == sku)


async def every_action(shop: Shop, name: str) -> Any:
    """Carry out an action once, with params that exercise as much of it as one call can."""
    order = shop.paid_order()
    number = str(order["id"])
    line = {
        "line_item_id": order["line_items"][0]["id"],
        "quantity": 1,
        "restock": "return",
        "location_id": shop.location(),
    }
    params: dict[str, Any] = {
        "get_order": {"order_id": number},
        "search_orders": {"query": "financial_status:paid", "limit": 3},
        "add_note": {"order_id": number, "note": "Llamar antes de entregar"},
        "cancel_order": {"order_id": number, "reason": "customer", "refund": True},
        "add_tags": {"id": number, "tags": ["vip", "ștampilă"]},
        "remove_tags": {"id": number, "tags": ["vip"]},
        "hold_fulfilment": {"order_id": number, "reason": "high_risk_of_fraud", "note": "AVS"},
        "release_fulfilment": {"order_id": number},
        "refund_order": {"order_id": number, "lines": [line], "refund_shipping": True},
        "adjust_inventory": {"sku": "MUG-BLUE", "location_id": shop.location(), "delta": -2},
        "search_variants": {"query": "vendor:Casa AND product_type:Textiles", "limit": 2},
        "set_price": {
            "variant_id": order["line_items"][0]["variant_id"],
            "price": "7.77",
            "compare_at_price": "9.99",
        },
        "update_customer": {
            "customer_id": order["customer"]["id"],
            "email": "nueva@example.com",
            "first_name": "Íris",
            "language": "pt-BR",
        },
    }[name]
    if name == "release_fulfilment":
        await shop.act("hold_fulfilment", order_id=number)
    return await shop.act(name, **params)
