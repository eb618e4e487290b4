"""The order of the benchmarks: 3.8 KB, three line items, ids beyond 2^53, prices as text, as
Shopify sends them."""

from __future__ import annotations

import json


def _line(number: int, title: str, sku: str, quantity: int, price: str) -> dict[str, object]:
    money = {"amount": price, "currency_code": "EUR"}
    return {
        "id": 866550311766439020 + number,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{866550311766439020 + number}",
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 567 + number,
        "name": title,
        "price": price,
        "price_set": {"shop_money": money, "presentment_money": money},
        "product_exists": True,
        "product_id": 632910392 + number,
        "properties": [],
        "quantity": quantity,
        "requires_shipping": True,
        "sku": sku,
        "taxable": True,
        "title": title,
        "total_discount": "0.00",
        "variant_id": 808950810 + number,
        "variant_inventory_management": "shopify",
        "vendor": "Casa Llum",
        "tax_lines": [{"title": "IVA", "price": "4.20", "rate": 0.21}],
    }


def _address() -> dict[str, object]:
    return {
        "first_name": "Carmen",
        "last_name": "Vidal",
        "address1": "Carrer del Mar 7",
        "address2": "2º B",
        "phone": "+34 600 000 000",
        "city": "Valencia",
        "zip": "46001",
        "province": "Valencia",
        "country": "Spain",
        "company": None,
        "latitude": 39.4699,
        "longitude": -0.3763,
        "name": "Carmen Vidal",
        "country_code": "ES",
        "province_code": "V",
    }


def _money(amount: str) -> dict[str, object]:
    money = {"amount": amount, "currency_code": "EUR"}
    return {"shop_money": money, "presentment_money": money}


ORDER: bytes = json.dumps(
    {
        "id": 820982911946154508,
        "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
        "name": "#2047",
        "order_number": 2047,
        "email": "carmen.vidal@example.com",
        "currency": "EUR",
        "created_at": "2026-11-20T10:15:00+01:00",
        "processed_at": "2026-11-20T10:15:00+01:00",
        "financial_status": "paid",
        "fulfillment_status": None,
        "test": True,
        "subtotal_price": "156.90",
        "total_tax": "32.95",
        "total_price": "189.85",
        "total_price_set": _money("189.85"),
        "total_discounts": "0.00",
        "total_weight": 1704,
        "tags": "web, returning",
        "note": "Llamar al timbre",
        "source_name": "web",
        "customer": {
            "id": 115310627314723954,
            "email": "carmen.vidal@example.com",
            "first_name": "Carmen",
            "last_name": "Vidal",
            "state": "enabled",
            "verified_email": True,
            "currency": "EUR",
            "tags": "vip-candidate",
            "tax_exempt": False,
        },
        "billing_address": _address(),
        "shipping_address": _address(),
        "line_items": [
            _line(0, "Bolsa de lona", "BOL-NAT-01", 2, "24.90"),
            _line(1, "Taza azul", "TAZ-AZU-02", 3, "17.10"),
            _line(2, "Manta de lana 140x200", "MAN-LAN-03", 1, "55.80"),
        ],
        "shipping_lines": [
            {"id": 271878346596884015, "title": "Standard", "price": "10.00", "code": "standard"}
        ],
    },
    ensure_ascii=False,
    separators=(",", ":"),
).encode()
