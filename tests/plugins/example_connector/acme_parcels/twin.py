"""An imitation of Acme Parcels: prices, parcels, idempotency keys, and signed news."""

from __future__ import annotations

import base64
import hashlib
import hmac
from decimal import Decimal
from typing import Any

from tramo import sdk

PAGE = 2
KEY_KEPT_MS = 24 * 60 * 60 * 1000
SERVICES = {"standard": "Standard", "express": "Express"}


class AcmeTwin(sdk.Twin):
    """One customer's account at Acme."""

    hosts = ("api.acme-parcels.example",)

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {"api_key": "demo-key", "webhook_secret": "demo-webhook-secret"}

    def fresh_state(self) -> dict[str, Any]:
        return {"parcels": {}, "keys": {}, "serial": 0}

    @sdk.route("GET", "/v1/account")
    async def account(self, request: sdk.TwinRequest) -> sdk.Response:
        return self._refusal(request) or sdk.json_response({"id": "acc_1", "company": "Demo shop"})

    @sdk.route("GET", "/v1/services")
    async def services(self, request: sdk.TwinRequest) -> sdk.Response:
        sold = [{"id": service, "name": name} for service, name in SERVICES.items()]
        return self._refusal(request) or sdk.json_response({"services": sold})

    @sdk.route("GET", "/v1/prices")
    async def prices(self, request: sdk.TwinRequest) -> sdk.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        weight = request.query.get("weight_g", "")
        if not weight.isdecimal() or not request.query.get("country"):
            return _problem(422, "country and weight_g are needed")
        amount, days = _price(request.query["country"], int(weight))
        return sdk.json_response({"amount": amount, "currency": "EUR", "days": days})

    @sdk.route("GET", "/v1/parcels")
    async def find(self, request: sdk.TwinRequest) -> sdk.Response:
        if "after" in request.query:
            return self._refusal(request) or self._after(request.query)
        known = self.state["keys"].get(request.query.get("idempotency_key", ""))
        found = [] if known is None else [self.state["parcels"][known["parcel"]]]
        return self._refusal(request) or sdk.json_response({"parcels": found})

    def _after(self, query: dict[str, str]) -> sdk.Response:
        ids = list(self.state["parcels"])
        after = ids.index(query["after"]) + 1 if query["after"] in ids else 0
        service = query.get("service")
        parcels = [
            parcel
            for parcel in (self.state["parcels"][name] for name in ids[after:])
            if service in (None, parcel["service"])
        ]
        page = parcels[:PAGE]
        return sdk.json_response({"parcels": page, "more": len(parcels) > len(page)})

    @sdk.route("POST", "/v1/parcels")
    async def create(self, request: sdk.TwinRequest) -> sdk.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        key = request.headers.get("idempotency-key", "")
        if not key:
            return _problem(400, "Idempotency-Key is needed")
        digest = hashlib.sha256(request.body).hexdigest()
        known = self.state["keys"].get(key)
        if known is not None and known["at"] > self.clock.now_ms() - KEY_KEPT_MS:
            if known["digest"] != digest:
                return _problem(409, "this Idempotency-Key came with another body before")
            return sdk.json_response(self.state["parcels"][known["parcel"]])
        return self._make(request, key, digest)

    def _make(self, request: sdk.TwinRequest, key: str, digest: str) -> sdk.Response:
        try:
            asked = request.json()
            country, weight = asked["country"], int(asked["weight_g"])
            reference, service = asked["reference"], asked["service"]
        except (ValueError, KeyError, TypeError):
            return _problem(422, "reference, country, weight_g and service are needed")
        if service not in SERVICES:
            return _problem(422, f"there is no service {service}")
        self.state["serial"] += 1
        number = self.state["serial"]
        amount, _ = _price(country, weight)
        parcel = {
            "id": f"par_{number}",
            "reference": reference,
            "service": service,
            "tracking_number": f"AC{number:09d}{country}",
            "label_url": f"https://api.acme-parcels.example/v1/labels/par_{number}.pdf",
            "amount": amount,
            "currency": "EUR",
        }
        self.state["parcels"][parcel["id"]] = parcel
        self.state["keys"][key] = {
            "at": self.clock.now_ms(),
            "digest": digest,
            "parcel": parcel["id"],
        }
        return sdk.json_response(parcel, 201)

    def happen(self, topic: str | None = None, payload: Any = None) -> sdk.Delivery | None:
        """The last parcel arrives; without one, a parcel that somebody sent before."""
        news = payload or {
            "id": f"news_{self.clock.now_ms()}_{len(self.state['parcels'])}",
            "type": topic or "parcel.delivered",
            "parcel": {
                "id": "par_0",
                "reference": "#1001",
                "tracking_number": "AC000000000ES",
                **next(reversed(self.state["parcels"].values()), {}),
                "delivered_at": "2026-11-20T10:00:00Z",
                "signed_by": "A. Torres",
            },
        }
        body = sdk.encode(news)
        timestamp = str(self.clock.now_ms() // 1000)
        digest = hmac.new(
            self.credential["webhook_secret"].encode(),
            timestamp.encode() + b"." + body,
            hashlib.sha256,
        ).digest()
        return sdk.Delivery(
            headers={
                "content-type": "application/json",
                "x-acme-timestamp": timestamp,
                "x-acme-signature": base64.b64encode(digest).decode(),
            },
            body=body,
        )

    def summarise(self, request: sdk.TwinRequest, response: sdk.Response) -> str:
        answer = response.json()
        if response.status >= 400:
            return f"Refused: {answer['detail']}"
        if request.method == "POST":
            return f"Parcel {answer['tracking_number']} for {answer['reference']}"
        return super().summarise(request, response)

    def _refusal(self, request: sdk.TwinRequest) -> sdk.Response | None:
        if request.headers.get("x-acme-key") != self.credential["api_key"]:
            return _problem(401, "the API key is wrong")
        return None


def _price(country: str, weight_g: int) -> tuple[Decimal, int]:
    base, days = (Decimal("4.90"), 2) if country in ("ES", "PT") else (Decimal("8.90"), 4)
    return base + Decimal("1.00") * (weight_g // 1000), days


def _problem(status: int, detail: str) -> sdk.Response:
    return sdk.json_response({"detail": detail}, status)
