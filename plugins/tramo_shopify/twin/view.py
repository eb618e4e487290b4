"""What the shop answers to queries: views of its things under Shopify's GraphQL names."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tramo_shopify.twin import payment, seed
from tramo_shopify.twin.document import GraphqlError
from tramo_shopify.twin.payment import bag, gid
from tramo_shopify.twin.shop import Shop

View = dict[str, Any]
Json = Mapping[str, Any]

PAGE_LIMIT: Final = 250
_GID: Final = re.compile(r"gid://shopify/(\w+)/(\d+)\Z")
_TERM: Final = re.compile(r'(-?)(\w+):(>=|<=|>|<)?("(?:[^"\\]|\\.)*"|\'[^\']*\'|\S+)|(\S+)')


def find(things: Mapping[str, Any], kind: str, global_id: str) -> Any:
    """Return the thing of that kind and global id, or None."""
    match = _GID.match(global_id)
    return things.get(match[2]) if match and match[1] == kind else None


class Views:
    """The shop as its API shows it."""

    def __init__(self, shop: Shop, domain: str) -> None:
        self.shop = shop
        self.state = shop.state
        self.domain = domain
        self.roots: dict[str, Callable[..., Any]] = {
            "shop": self.shop_root,
            "order": self.order_root,
            "orders": self.orders_root,
            "inventoryItems": self.items_root,
            "productVariant": self.variant_root,
            "productVariants": self.variants_root,
            "locations": self.locations_root,
            "webhookSubscriptions": self.subscriptions_root,
        }

    # Roots -----------------------------------------------------------------------------------

    def shop_root(self) -> View:
        return {
            "__typename": "Shop",
            "id": gid("Shop", 548380009),
            "name": "Casa Lumina",
            "myshopifyDomain": self.domain,
            "currencyCode": seed.SHOP["currency"],
        }

    def order_root(self, id: str) -> View | None:
        order = find(self.state["orders"], "Order", id)
        return self.order(order) if order else None

    def orders_root(
        self,
        query: str | None = None,
        sortKey: str = "PROCESSED_AT",  # noqa: N803 - the vendor's names
        reverse: bool = False,
        **page: Any,
    ) -> View:
        field = "updated_at" if sortKey == "UPDATED_AT" else "created_at"
        chosen = [o for o in self.state["orders"].values() if _matches(o, query or "")]
        chosen.sort(key=lambda o: (o[field], o["id"]), reverse=bool(reverse))
        return connection("OrderConnection", chosen, self.order, **page)

    def items_root(self, query: str | None = None, **page: Any) -> View:
        chosen = [i for i in self.state["items"].values() if _matches(i, query or "")]
        return connection("InventoryItemConnection", chosen, self.item, **page)

    def variant_root(self, id: str) -> View | None:
        variant = find(self.variants(), "ProductVariant", id)
        return self.variant(variant) if variant else None

    def variants_root(
        self,
        query: str | None = None,
        sortKey: str = "ID",  # noqa: N803 - the vendor's names
        **page: Any,
    ) -> View:
        del sortKey
        chosen = [
            variant
            for variant in sorted(self.state["variants"], key=lambda each: each["id"])
            if _matches({**self._product(variant), **variant}, query or "")
        ]
        return connection("ProductVariantConnection", chosen, self.variant, **page)

    def locations_root(self, **page: Any) -> View:
        chosen = sorted(self.state["locations"].values(), key=lambda place: place["name"])
        return connection("LocationConnection", chosen, self.location, **page)

    def subscriptions_root(self, uri: str | None = None, **page: Any) -> View:
        chosen = [s for s in self.state["subscriptions"].values() if uri in (None, s["uri"])]
        return connection("WebhookSubscriptionConnection", chosen, self.subscription, **page)

    # Things ----------------------------------------------------------------------------------

    def order(self, order: Json) -> View:
        customer = order.get("customer")
        known = customer and self.state["customers"].get(str(customer["id"]), customer)
        return {
            "__typename": "Order",
            "id": gid("Order", order["id"]),
            "name": order["name"],
            "number": order["order_number"],
            "createdAt": order["created_at"],
            "updatedAt": order["updated_at"],
            "cancelledAt": order["cancelled_at"],
            "cancelReason": order["cancel_reason"] and order["cancel_reason"].upper(),
            "currencyCode": order["currency"],
            "presentmentCurrencyCode": order["presentment_currency"],
            "subtotalPriceSet": bag(order["subtotal_price_set"]),
            "totalDiscountsSet": bag(order["total_discounts_set"]),
            "totalShippingPriceSet": bag(order["total_shipping_price_set"]),
            "totalTaxSet": bag(order["total_tax_set"]),
            "totalPriceSet": bag(order["total_price_set"]),
            "displayFinancialStatus": order["financial_status"].upper(),
            "displayFulfillmentStatus": self._fulfilment_status(order),
            "paymentGatewayNames": order["payment_gateway_names"],
            "email": order["email"],
            "phone": order["phone"],
            "customerLocale": order["customer_locale"],
            "note": order["note"],
            "tags": tags(order),
            "sourceName": order["source_name"],
            "test": order["test"],
            "discountCodes": [code["code"] for code in order["discount_codes"]],
            "customer": self.customer(known) if known else None,
            "billingAddress": address(order["billing_address"]),
            "shippingAddress": address(order["shipping_address"]),
            "lineItems": lambda **page: connection(
                "LineItemConnection", order["line_items"], line, **page
            ),
            "refunds": lambda first=None: [
                payment.view(made, order["presentment_currency"])
                for made in order["refunds"][:first]
            ],
            "fulfillmentOrders": lambda **page: connection(
                "FulfillmentOrderConnection",
                self.state["fulfilments"][str(order["id"])],
                fulfilment,
                **page,
            ),
            "suggestedRefund": lambda **asked: payment.suggest(order, **asked),
        }

    def _fulfilment_status(self, order: Json) -> str:
        waiting = self.state["fulfilments"][str(order["id"])]
        held = any(part["status"] == "ON_HOLD" for part in waiting)
        return "ON_HOLD" if held else (order["fulfillment_status"] or "unfulfilled").upper()

    def customer(self, customer: Json) -> View:
        mail, phone = customer["email"], customer["phone"]
        consent = customer["email_marketing_consent"]["state"].upper()
        name = " ".join(n for n in (customer["first_name"], customer["last_name"]) if n)
        return {
            "__typename": "Customer",
            "id": gid("Customer", customer["id"]),
            "firstName": customer["first_name"],
            "lastName": customer["last_name"],
            "displayName": name or mail or "",
            "locale": customer["locale"] or "en",
            "tags": tags(customer),
            "note": customer["note"],
            "numberOfOrders": str(customer["orders_count"]),
            "createdAt": customer["created_at"],
            "amountSpent": {
                "__typename": "MoneyV2",
                "amount": customer["total_spent"],
                "currencyCode": customer["currency"],
            },
            "defaultEmailAddress": mail
            and {
                "__typename": "CustomerEmailAddress",
                "emailAddress": mail,
                "marketingState": consent,
            },
            "defaultPhoneNumber": phone
            and {"__typename": "CustomerPhoneNumber", "phoneNumber": phone},
        }

    def variants(self) -> dict[str, Any]:
        """Return the shop's variants by their number."""
        return {str(variant["id"]): variant for variant in self.state["variants"]}

    def _product(self, variant: Json) -> Any:
        return self.state["products"][str(variant["product_id"])]

    def variant(self, variant: Json) -> View:
        item = self.state["items"][str(variant["item_id"])]
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", variant["id"]),
            "sku": variant["sku"],
            "displayName": f"{variant['title']} - {variant['variant_title']}",
            "price": variant["price"],
            "compareAtPrice": variant.get("compare_at_price"),
            "inventoryQuantity": sum(item["levels"].values()),
            "inventoryItem": self.item(item),
            "product": self.product(self._product(variant)),
        }

    def product(self, product: Json) -> View:
        return {
            "__typename": "Product",
            "id": gid("Product", product["id"]),
            "title": product["title"],
            "vendor": product["vendor"],
            "productType": product["product_type"],
            "tags": tags(product),
        }

    def item(self, item: Json) -> View:
        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", item["id"]),
            "sku": item["sku"],
        }

    def location(self, location: Json) -> View:
        return {
            "__typename": "Location",
            "id": gid("Location", location["id"]),
            "name": location["name"],
            "isActive": location["active"],
        }

    def subscription(self, subscription: Json) -> View:
        return {
            "__typename": "WebhookSubscription",
            "id": gid("WebhookSubscription", subscription["id"]),
            "topic": subscription["topic"],
            "uri": subscription["uri"],
        }


# Parts --------------------------------------------------------------------------------------------


def connection(
    kind: str,
    things: Sequence[Any],
    view: Callable[[Any], View],
    first: int | None = None,
    after: str | None = None,
    **_: Any,
) -> View:
    """Return one page of things, by Relay cursors that name the last thing seen."""
    if first is None:
        raise GraphqlError("you must provide one of first or last", code="BAD_REQUEST")
    if not 0 <= first <= PAGE_LIMIT:
        raise GraphqlError(f"first must be between 0 and {PAGE_LIMIT}", code="BAD_REQUEST")
    start = 0
    if after is not None:
        ids = [str(thing["id"]) for thing in things]
        try:
            start = ids.index(b64decode(after, validate=True).decode()) + 1
        except ValueError:
            raise GraphqlError("Invalid cursor for current pagination sort") from None
    page = things[start : start + first]
    return {
        "__typename": kind,
        "nodes": [view(thing) for thing in page],
        "pageInfo": {
            "__typename": "PageInfo",
            "hasNextPage": start + first < len(things),
            "endCursor": b64encode(str(page[-1]["id"]).encode()).decode() if page else None,
        },
    }


def address(of: Json | None) -> View | None:
    if not of:
        return None
    names = ("name", "company", "address1", "address2", "city", "province", "zip", "phone")
    return {
        "__typename": "MailingAddress",
        "countryCodeV2": of["country_code"],
        **{name: of[name] for name in names},
    }


def line(item: Json) -> View:
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", item["id"]),
        "sku": item["sku"],
        "title": item["title"],
        "quantity": item["quantity"],
        "taxable": item["taxable"],
        "requiresShipping": item["requires_shipping"],
        "vendor": item["vendor"],
        "product": {"__typename": "Product", "id": gid("Product", item["product_id"])},
        "variant": {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", item["variant_id"]),
        },
        "originalUnitPriceSet": bag(item["price_set"]),
        "discountAllocations": [],
    }


def fulfilment(part: Json) -> View:
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", part["id"]),
        "status": part["status"],
        "fulfillmentHolds": [hold(held) for held in part["holds"]],
    }


def hold(held: Json) -> View:
    return {
        "__typename": "FulfillmentHold",
        "id": gid("FulfillmentHold", held["id"]),
        "handle": held["handle"],
        "heldByRequestingApp": held["ours"],
    }


def tags(thing: Json) -> list[str]:
    return [tag.strip() for tag in thing["tags"].split(",") if tag.strip()]


def _matches(thing: Json, query: str) -> bool:
    """Tell whether a thing fits a search: terms joined by AND, the common fields, free words."""
    for match in _TERM.finditer(query):
        negated, field, compare, wanted, word = match.groups()
        if word is not None:
            if word.upper() != "AND" and word.lower() not in str(thing).lower():
                return False
            continue
        wanted = re.sub(r"\\(.)", r"\1", wanted.strip("\"'"))
        if _fits(thing, field, compare or "", wanted) == bool(negated):
            return False
    return True


def _fits(thing: Json, field: str, compare: str, wanted: str) -> bool:
    if field == "tag":
        return wanted.lower() in (tag.lower() for tag in tags(thing))
    if field == "status":
        closed = bool(thing.get("cancelled_at"))
        return {"open": not closed, "cancelled": closed}.get(wanted, True)
    names = {"fulfillment_status": "fulfillment_status", "id": "id", "sku": "sku"}
    value = thing.get(names.get(field, field))
    if field == "fulfillment_status":
        value = value or "unfulfilled"
    if field not in thing and field not in names:
        return True  # Shopify ignores filters that it does not know.
    text = str(value)
    match compare:
        case ">":
            return text > wanted
        case ">=":
            return text >= wanted
        case "<":
            return text < wanted
        case "<=":
            return text <= wanted
        case _:
            return text.lower().lstrip("#") == wanted.lower().lstrip("#")
