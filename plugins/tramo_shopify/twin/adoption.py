"""Things that events from outside speak of: taken into the shop, as far as the event tells of them.

A run that starts from somebody's own event asks the twin for that very order; a shop that has
delivered it would know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tramo_shopify.twin import record, seed
from tramo_shopify.twin.shop import Shop

Told = Mapping[str, Any]


def adopt(shop: Shop, type: str, told: Any) -> None:
    """Take in what the output of a trigger tells; what cannot be used is left alone."""
    if not isinstance(told, Mapping):
        return
    match type.partition(".")[2]:
        case "order_created" | "order_updated" | "order_paid" | "order_cancelled":
            _order(shop, told)
        case "customer_created" if _number(told.get("id")):
            _customer(shop, told)
        case "refund_created":
            _order(shop, {"id": told.get("order_id"), "payment_status": "paid"})
        case "inventory_level_changed":
            _stock(shop, told)


def _order(shop: Shop, told: Told) -> None:
    number = _number(told.get("id"))
    if number is None or str(number) in shop.state["orders"]:
        return
    person = told.get("customer")
    buyer = _customer(shop, person if isinstance(person, Mapping) else {}, told.get("email"))
    currency = _text(told.get("currency")) or seed.SHOP["currency"]
    items = told.get("line_items")
    lines = [
        _line(shop, item, currency)
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, Mapping)
    ]
    at = _text(told.get("created_at")) or shop.now()
    named = _number(told.get("number")) or shop.state["next_number"]
    order = record.order(number, named, buyer, lines, shop.new_id(), at)
    amounts = {
        "subtotal_price": "subtotal",
        "total_discounts": "discount",
        "total_tax": "tax",
        "total_price": "total",
        "total_shipping_price": "shipping",
    }
    for theirs, ours in amounts.items():
        if told.get(ours) is not None:
            order[theirs] = str(told[ours])
            order[f"{theirs}_set"] = _bag(order[theirs], currency)
        else:
            shown = order[f"{theirs}_set"]["shop_money"]["amount"]
            order[f"{theirs}_set"] = _bag(shown, currency)
    order.update(currency=currency, presentment_currency=currency)
    for name in ("name", "email", "phone", "note", "cancelled_at", "cancel_reason"):
        order[name] = _text(told.get(name)) or order[name]
    if isinstance(tags := told.get("tags"), list):
        order["tags"] = ", ".join(map(str, tags))
    if isinstance(ways := told.get("payment_methods"), list) and ways:
        order["payment_gateway_names"] = [str(way) for way in ways]
    for name in ("shipping_address", "billing_address"):
        if isinstance(address := told.get(name), Mapping):
            order[name] = {**order[name], **_address(address)}
    if told.get("payment_status", "paid") != "pending":
        shop.pay(order)
    shop.keep(order)


def _customer(shop: Shop, told: Told, mail: Any = None) -> Any:
    number = _number(told.get("id")) or shop.new_id()
    known = shop.state["customers"].get(str(number))
    if known is not None:
        return known
    person = seed.Person(
        _text(told.get("first_name")) or "",
        _text(told.get("last_name")) or "",
        _text(told.get("language")) or "en",
        str(seed.SHOP["country"]),
        phone=_text(told.get("phone")),
        tags=", ".join(map(str, told["tags"])) if isinstance(told.get("tags"), list) else "",
    )
    made = record.customer(number, person, record.address(shop.new_id(), person), shop.now())
    made["email"] = _text(told.get("email")) or _text(mail)
    made["orders_count"] = _number(told.get("orders_count")) or 0
    if told.get("total_spent") is not None:
        made["total_spent"] = str(told["total_spent"])
    shop.state["customers"][str(number)] = made
    return made


def _address(told: Told) -> dict[str, Any]:
    theirs = {"line1": "address1", "line2": "address2", "postcode": "zip"}
    same = ("name", "company", "city", "province", "country_code", "phone")
    return {theirs.get(name, name): _text(told.get(name)) for name in (*theirs, *same)}


def _line(shop: Shop, told: Told, currency: str) -> dict[str, Any]:
    price = str(told.get("price") or "0.00")
    variant = {
        "id": _number(told.get("variant_id")) or shop.new_id(),
        "product_id": _number(told.get("product_id")) or shop.new_id(),
        "sku": _text(told.get("sku")),
        "title": _text(told.get("title")) or "Article",
        "variant_title": "",
        "vendor": _text(told.get("vendor")),
        "price": price,
    }
    quantity = _number(told.get("quantity")) or 1
    number = _number(told.get("id")) or shop.new_id()
    line = record.line(number, variant, quantity, str(seed.SHOP["country"]))
    line["price_set"] = _bag(price, currency)
    return line


def _stock(shop: Shop, told: Told) -> None:
    item, place = _number(told.get("item_id")), _number(told.get("location_id"))
    if item is None or place is None:
        return
    location = {"id": place, "name": f"Location {place}", "country_code": "ES", "active": True}
    shop.state["locations"].setdefault(str(place), location)
    article = {"id": item, "sku": _text(told.get("sku")), "levels": {}}
    known = shop.state["items"].setdefault(str(item), article)
    known["levels"].setdefault(str(place), _number(told.get("available")) or 0)


def _bag(amount: str, currency: str) -> dict[str, Any]:
    same = {"amount": amount, "currency_code": currency}
    return {"shop_money": dict(same), "presentment_money": dict(same)}


def _number(value: Any) -> int | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
