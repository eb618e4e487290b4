"""An EasyPost account whose traffic a test can look at, and one good call of every action."""

from __future__ import annotations

from typing import Any

from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo.testing import Trial
from tramo.testing.trial import KEY
from tramo_easypost import connector

SHOP = {
    "name": "Casa Lumina",
    "line1": "Calle de Alcalá 21",
    "city": "Madrid",
    "postcode": "28014",
    "country_code": "ES",
}
CUSTOMER = {
    "name": "Ana Torres",
    "company": None,
    "line1": "Carrer de Colón 7",
    "line2": "2º B",
    "city": "Valencia",
    "province": "Valencia",
    "postcode": "46004",
    "country_code": "ES",
    "phone": "+34600000000",
}
PARCEL = {"to_address": CUSTOMER, "from_address": SHOP, "weight": 1200, "reference": "1002"}
CODE = "1Z999AA10123456784"
"""A parcel of UPS that the demo account tracks from its first day."""


class Account(Trial):
    """A connection to a fresh twin, with what went out and what came back."""

    def __init__(self, **credential: Any) -> None:
        super().__init__(connector, credential=credential)
        self.traffic: list[tuple[Request, sdk.Response]] = []
        self.lose: list[str] = []
        """Paths whose next answer to a write gets lost on its way back."""
        self._answer = self.twin.send
        self.twin.send = self._send

    async def _send(self, request: Request) -> sdk.Response:
        response = await self._answer(request)
        self.traffic.append((request, response))
        for path in self.lose:
            if request.method != "GET" and request.url.endswith(path):
                self.lose.remove(path)
                raise Interrupted("the line went dead")
        return response

    async def act(self, name: str, /, *, key: str = KEY, **params: Any) -> Any:
        return await self.run_action(name, params, key=key)

    async def rates(self, **changes: Any) -> Any:
        return await self.act("get_rates", **{**PARCEL, **changes})

    async def purchase(self) -> dict[str, str]:
        """Ask for rates, and return the params that buy the cheapest."""
        found = await self.rates()
        return {"shipment_id": found["shipment_id"], "rate_id": found["rates"][0]["id"]}

    @property
    def state(self) -> dict[str, Any]:
        return self.twin.state

    def labels(self) -> list[str]:
        """Return the tracking codes of all labels, the demo account's own left out."""
        bought = [s["tracking_code"] for s in self.state["shipments"].values()]
        return [code for code in bought if code][1:]


async def prepare(account: Account, name: str) -> dict[str, Any]:
    """Make what an action needs, and return params that are good for it."""
    if name == "buy_label":
        return await account.purchase() | {"insurance": "99.90"}
    if name == "void_label":
        bought = await account.act("buy_label", **await account.purchase())
        return {"shipment_id": bought["shipment_id"]}
    return {
        "verify_address": {"address": CUSTOMER},
        "get_rates": {
            **PARCEL,
            "length": 30,
            "width": 20,
            "height": "10.5",
            "carrier_account": "ca_2d1511f08839ac1f6bc539ae7cac5ead",
        },
        "track_parcel": {"tracking_code": "794644790999", "carrier": "FedEx"},
        "get_tracking": {"tracking_code": CODE},
    }[name]
