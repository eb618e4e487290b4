"""The demo shop's EasyPost account on its first day: one label bought, three parcels tracked."""

from __future__ import annotations

from tramo_easypost.twin.book import Book
from tramo_easypost.twin.journey import Journeys
from tramo_easypost.twin.shipment import Shipments

SHOP = {
    "name": "Casa Lumina",
    "company": "Casa Lumina S.L.",
    "street1": "Calle de Alcalá 21",
    "city": "Madrid",
    "state": "Madrid",
    "zip": "28014",
    "country": "ES",
    "phone": "+34910000000",
}
CUSTOMER = {
    "name": "Lucía Fernández",
    "street1": "Avinguda Diagonal 405",
    "city": "Barcelona",
    "zip": "08008",
    "country": "ES",
}
ON_THE_WAY = (
    ("9400110898825022579493", "USPS", "delivered"),
    ("1Z999AA10123456784", "UPS", "in_transit"),
    ("794644790138", "FedEx", "out_for_delivery"),
)


def open_account(book: Book) -> None:
    """Fill an empty account."""
    journeys, shipments = Journeys(book), Shipments(book)
    for code, carrier, status in ON_THE_WAY:
        tracker = journeys.open(code, carrier, status, mode=book.mode)
        book.note("tracker.created", tracker, {})
    shipment = shipments.make(
        {
            "from_address": SHOP,
            "to_address": CUSTOMER,
            "parcel": {"weight": 22, "length": 12, "width": 9, "height": 4},
            "reference": "#1001",
            "options": {"label_format": "PDF"},
        }
    )
    shipments.buy(shipment["id"], {"rate": {"id": shipment["rates"][0]["id"]}})
