"""How Shopify writes customers, orders and amounts in its webhooks. Makes them, keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tramo_shopify.twin import seed

CENT: Final = Decimal("0.01")
FREE_SHIPPING_FROM: Final = 150

Json = Mapping[str, Any]
Record = dict[str, Any]


def money(amount: Decimal) -> str:
    """Return an amount as Shopify writes it: text with two decimals."""
    return f"{amount.quantize(CENT):f}"


def bag(amount: Decimal, country: str) -> Record:
    """Return an amount in the shop's currency and in the one in which the customer pays."""
    currency, rate = seed.CURRENCIES[country]
    return {
        "shop_money": {"amount": money(amount), "currency_code": seed.SHOP["currency"]},
        "presentment_money": {"amount": money(amount * Decimal(rate)), "currency_code": currency},
    }


def address(number: int, person: seed.Person) -> Record:
    """Return a person's address."""
    return {
        "id": number,
        "first_name": person.first,
        "last_name": person.last,
        "name": f"{person.first} {person.last}",
        "company": None,
        "address1": person.street,
        "address2": None,
        "city": person.city,
        "province": person.province,
        "zip": person.postcode,
        "country": seed.COUNTRY_NAMES[person.country],
        "country_code": person.country,
        "phone": person.phone,
        "default": True,
    }


def customer(number: int, person: seed.Person, home: Record, at: str) -> Record:
    """Return a customer who has not bought anything yet."""
    subscribed = "subscribed" if "newsletter" in person.tags else "not_subscribed"
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Customer/{number}",
        "email": f"{_plain(person.first)}.{_plain(person.last)}.{number % 1000}@example.com",
        "first_name": person.first,
        "last_name": person.last,
        "phone": person.phone,
        "locale": person.language,
        "currency": seed.SHOP["currency"],
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "tax_exempt": False,
        "tags": person.tags,
        "orders_count": 0,
        "total_spent": "0.00",
        "email_marketing_consent": {
            "state": subscribed,
            "opt_in_level": "single_opt_in",
            "consent_updated_at": None,
        },
        "created_at": at,
        "updated_at": at,
        "default_address": {**home, "customer_id": number},
        "addresses": [{**home, "customer_id": number}],
    }


def line(number: int, variant: Json, quantity: int, country: str) -> Record:
    """Return a line of an order."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{number}",
        "product_id": variant["product_id"],
        "variant_id": variant["id"],
        "sku": variant["sku"],
        "title": variant["title"],
        "variant_title": variant["variant_title"],
        "name": f"{variant['title']} - {variant['variant_title']}",
        "vendor": variant["vendor"],
        "quantity": quantity,
        "current_quantity": quantity,
        "price": variant["price"],
        "price_set": bag(Decimal(variant["price"]), country),
        "total_discount": "0.00",
        "total_discount_set": bag(Decimal(0), country),
        "discount_allocations": [],
        "taxable": True,
        "requires_shipping": True,
        "gift_card": False,
        "fulfillment_status": None,
        "properties": [],
    }


def order(
    number: int, order_number: int, buyer: Json, lines: Sequence[Record], shipping_id: int, at: str
) -> Record:
    """Return an order that nobody has paid yet."""
    home = buyer["default_address"]
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{order_number}",
        "number": order_number - 1000,
        "order_number": order_number,
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "cancelled_at": None,
        "cancel_reason": None,
        "closed_at": None,
        "confirmed": True,
        "test": False,
        "financial_status": "pending",
        "fulfillment_status": None,
        "payment_gateway_names": ["bank_transfer"],
        "source_name": "web",
        "customer_locale": buyer["locale"],
        "email": buyer["email"],
        "contact_email": buyer["email"],
        "phone": buyer["phone"],
        "buyer_accepts_marketing": False,
        "note": None,
        "note_attributes": [],
        "tags": "",
        "discount_codes": [],
        "discount_applications": [],
        "billing_address": dict(home),
        "shipping_address": dict(home),
        "customer": {name: value for name, value in buyer.items() if name != "addresses"},
        "line_items": list(lines),
        "fulfillments": [],
        "refunds": [],
        "payment_terms": None,
        **_amounts(lines, home["country_code"], shipping_id),
    }


def _amounts(lines: Sequence[Json], country: str, shipping_id: int) -> Record:
    """Return an order's amounts, taxes included, in both currencies."""
    subtotal = sum((Decimal(item["price"]) * item["quantity"] for item in lines), Decimal(0))
    free = subtotal > FREE_SHIPPING_FROM
    shipping = Decimal(0) if free else Decimal(seed.SHIPPING[country])
    rate = Decimal(seed.TAX_RATES[country])
    tax = ((subtotal + shipping) * rate / (1 + rate)).quantize(CENT)
    amounts = {
        "subtotal_price": subtotal,
        "total_line_items_price": subtotal,
        "total_discounts": Decimal(0),
        "total_tax": tax,
        "total_price": subtotal + shipping,
        "current_total_price": subtotal + shipping,
    }
    shipping_line = {
        "id": shipping_id,
        "title": "Standard",
        "price": money(shipping),
        "price_set": bag(shipping, country),
    }
    return {
        "currency": seed.SHOP["currency"],
        "presentment_currency": seed.CURRENCIES[country][0],
        "taxes_included": True,
        "tax_lines": [
            {"title": "VAT", "rate": rate, "price": money(tax), "price_set": bag(tax, country)}
        ],
        **{name: money(amount) for name, amount in amounts.items()},
        **{f"{name}_set": bag(amount, country) for name, amount in amounts.items()},
        "total_shipping_price_set": bag(shipping, country),
        "shipping_lines": [shipping_line],
    }


def _plain(name: str) -> str:
    """Return a name without accents, for a mail address."""
    accents = str.maketrans("áàâãéêíóôõúüçñăâîșț", "aaaaeeiooouucnaaist")
    return name.lower().translate(accents)
