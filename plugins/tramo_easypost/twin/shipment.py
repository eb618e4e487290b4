"""Addresses, shipments, labels and refunds as the twin keeps them: EasyPost's own objects."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tramo_easypost.twin.book import Book
from tramo_easypost.twin.journey import DAY_MS, Journeys
from tramo_easypost.twin.shape import Refusal
from tramo_easypost.twin.tariff import (
    chosen_accounts,
    quote,
    read_amount,
    read_country,
    read_parcel,
    verify,
)

RATES_KEPT_MS: Final = 7 * DAY_MS
PREMIUM: Final = Decimal("0.005")
FILES: Final = "https://easypost-files.s3.us-west-2.amazonaws.com/files/postage_label/"
FORMATS: Final = {
    "PNG": "image/png",
    "PDF": "application/pdf",
    "ZPL": "application/zpl",
    "EPL2": "application/epl2",
}
ADDRESS_TEXTS: Final = (
    "name", "company", "street1", "street2", "city", "state", "zip", "country", "phone", "email",
)  # fmt: skip


class Shipments:
    """The shipments of one account."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.known: dict[str, Any] = book.state["shipments"]

    def write_address(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make an address, verified if that was asked for."""
        country = read_country(given)
        address: dict[str, Any] = {
            "id": self.book.new_id("adr"),
            "object": "Address",
            "created_at": self.book.at(),
            "updated_at": self.book.at(),
            **{name: given.get(name) for name in ADDRESS_TEXTS},
            "country": country,
            "mode": self.book.mode,
            "carrier_facility": given.get("carrier_facility"),
            "residential": given.get("residential"),
            "federal_tax_id": given.get("federal_tax_id"),
            "state_tax_id": None,
            "verifications": {},
        }
        if not given.get("verify") and not given.get("verify_strict"):
            return address
        problems = verify(given)
        if problems and given.get("verify_strict"):
            fields = ((problem["field"], problem["message"]) for problem in problems)
            raise Refusal(422, "ADDRESS.VERIFY.FAILURE", "Unable to verify address.", *fields)
        if not problems:
            address |= {
                name: str(address[name]).upper()
                for name in ADDRESS_TEXTS[:7]
                if address[name] is not None
            }
            address["residential"] = not address["company"]
        details = {} if problems else {"time_zone": "Europe/Madrid"}
        done = {"success": not problems, "errors": problems, "details": details}
        return {**address, "verifications": {"delivery": done}}

    def make(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make a shipment with its rates."""
        size = read_parcel(given["parcel"])
        accounts = chosen_accounts(given.get("carrier_accounts") or [])
        rates, messages = quote(
            given["from_address"], given["to_address"], size["weight"], accounts
        )
        id, at, mode = self.book.new_id("shp"), self.book.at(), self.book.mode
        shipment: dict[str, Any] = {
            "id": id,
            "object": "Shipment",
            "created_at": at,
            "updated_at": at,
            "is_return": bool(given.get("is_return")),
            "messages": messages,
            "mode": mode,
            "options": {"currency": "USD", **given.get("options", {})},
            "reference": given.get("reference"),
            "status": "unknown",
            "tracking_code": None,
            "from_address": self.write_address(given["from_address"]),
            "to_address": self.write_address(given["to_address"]),
            "insurance": None,
            "parcel": {
                "id": self.book.new_id("prcl"),
                "object": "Parcel",
                "created_at": at,
                "updated_at": at,
                **size,
                "predefined_package": None,
                "mode": mode,
            },
            "postage_label": None,
            "rates": [
                {
                    "id": self.book.new_id("rate"),
                    "object": "Rate",
                    "created_at": at,
                    "updated_at": at,
                    "mode": mode,
                    "shipment_id": id,
                    **rate,
                }
                for rate in rates
            ],
            "refund_status": None,
            "selected_rate": None,
            "tracker": None,
            "fees": [],
            "forms": [],
        }
        self.known[id] = shipment
        return shipment

    def find(self, id: str) -> dict[str, Any]:
        shipment = self.known.get(id)
        if shipment is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource could not be found.")
        return shipment

    def buy(self, id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Buy a shipment's label, once."""
        shipment = self.find(id)
        if shipment["postage_label"] is not None:
            message = "Postage already exists for this shipment."
            raise Refusal(422, "SHIPMENT.POSTAGE.EXISTS", message)
        rate = next((r for r in shipment["rates"] if r["id"] == asked["rate"]["id"]), None)
        if rate is None or rate["created_at"] < self.book.at(-RATES_KEPT_MS):
            message = "The rate is not available for this shipment."
            raise Refusal(422, "SHIPMENT.RATES.UNAVAILABLE", message)
        target = shipment["to_address"]
        if not target["name"] and not target["company"]:
            field = ("to_address.name", "the carrier needs a name or a company")
            raise Refusal(422, "SHIPMENT.POSTAGE.FAILURE", "Unable to create postage.", field)
        if self.book.state["wallet"] == "empty":
            raise Refusal(402, "PAYMENT_REQUIRED", "Insufficient funds in the wallet.")
        fees = [_fee("PostageFee", Decimal(rate["rate"]))]
        if "insurance" in asked:
            value = read_amount(asked["insurance"], "INSURANCE.PARAMETERS.INVALID", "insurance")
            shipment["insurance"] = str(value)
            fees.append(_fee("InsuranceFee", value * PREMIUM))
        code = _code(rate["carrier"], self.book.next_number())
        tracker = Journeys(self.book).open(
            code, rate["carrier"], "unknown", mode=self.book.mode, shipment=id
        )
        shipment |= {
            "updated_at": self.book.at(),
            "tracking_code": code,
            "selected_rate": rate,
            "postage_label": self._label(shipment["options"]),
            "tracker": tracker,
            "fees": fees,
        }
        return self.show(shipment)

    def _label(self, options: Mapping[str, Any]) -> dict[str, Any]:
        name = options.get("label_format")
        name = name if name in FORMATS else "PNG"
        id, at = self.book.new_id("pl"), self.book.at()
        return {
            "object": "PostageLabel",
            "id": id,
            "created_at": at,
            "updated_at": at,
            "date_advance": 0,
            "integrated_form": "none",
            "label_date": at,
            "label_resolution": 300,
            "label_size": "4x6",
            "label_type": "default",
            "label_file_type": FORMATS[name],
            "label_url": f"{FILES}{at[:10].replace('-', '')}/{id}.{name.lower()}",
        }

    def refund(self, id: str) -> dict[str, Any]:
        """Ask the carrier to take a label back."""
        shipment = self.find(id)
        refusal = None
        if shipment["postage_label"] is None:
            refusal = "Unable to request refund. The shipment has no postage."
        elif shipment["refund_status"] in ("submitted", "refunded"):
            refusal = "Unable to request refund. It has been requested before."
        elif self.show(shipment)["tracker"]["status"] not in ("unknown", "pre_transit"):
            refusal = "Unable to request refund. The parcel has been shipped."
        if refusal:
            raise Refusal(422, "SHIPMENT.REFUND.UNAVAILABLE", refusal)
        shipment |= {"refund_status": "submitted", "updated_at": self.book.at()}
        return self.show(shipment)

    def settle_refund(self) -> dict[str, Any]:
        """Let a carrier pay the oldest open refund; without any, one of a label of long ago."""
        shipment = next(
            (s for s in self.known.values() if s["refund_status"] == "submitted"),
            {"id": self.book.new_id("shp"), "tracking_code": _code("USPS", 7), "selected_rate": {}},
        )
        shipment["refund_status"] = "refunded"
        return {
            "id": self.book.new_id("rfnd"),
            "object": "Refund",
            "created_at": self.book.at(),
            "updated_at": self.book.at(),
            "tracking_code": shipment["tracking_code"],
            "confirmation_number": None,
            "status": "refunded",
            "carrier": shipment["selected_rate"].get("carrier", "USPS"),
            "shipment_id": shipment["id"],
        }

    def gather(self) -> dict[str, Any]:
        """Return a batch of the newest shipments, as its event shows it."""
        newest = list(self.known.values())[-3:]
        bought = sum(1 for shipment in newest if shipment["postage_label"])
        return {
            "id": self.book.new_id("batch"),
            "object": "Batch",
            "mode": self.book.mode,
            "state": "purchased" if bought == len(newest) else "created",
            "num_shipments": len(newest),
            "reference": None,
            "created_at": self.book.at(),
            "updated_at": self.book.at(),
            "scan_form": None,
            "shipments": [
                {
                    "batch_status": "postage_purchased" if s["postage_label"] else "created",
                    "batch_message": None,
                    "reference": s["reference"],
                    "tracking_code": s["tracking_code"],
                    "id": s["id"],
                }
                for s in newest
            ],
            "status": {
                "created": len(newest) - bought,
                "queued_for_purchase": 0,
                "creation_failed": 0,
                "postage_purchased": bought,
                "postage_purchase_failed": 0,
            },
            "pickup": None,
            "label_url": None,
        }

    def show(self, shipment: Mapping[str, Any]) -> dict[str, Any]:
        """Return a shipment with its tracker as it is now."""
        tracker = shipment["tracker"]
        if tracker is None:
            return dict(shipment)
        now = self.book.state["trackers"].get(tracker["id"], tracker)
        return {**shipment, "tracker": now, "status": now["status"]}


def _fee(kind: str, amount: Decimal) -> dict[str, Any]:
    text = str(amount.quantize(Decimal("0.00001")))
    return {"object": "Fee", "type": kind, "amount": text, "charged": True, "refunded": False}


def _code(carrier: str, number: int) -> str:
    looks = {
        "USPS": f"94346002083{number:011d}",
        "UPS": f"1ZE1234E{number:010d}",
        "FedEx": f"{794600000000 + number}",
        "DHLExpress": f"{7781000000 + number}",
    }
    return looks[carrier]
