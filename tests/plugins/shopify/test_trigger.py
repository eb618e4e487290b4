"""Deliveries: who signed them, what they tell, and what a trigger makes of them."""

from __future__ import annotations

import base64
import hmac
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.testing import NotGenuine
from tramo_shopify import connector
from tramo_shopify.trigger import belongs, read

from tests.plugins.contract import contract_path
from tests.plugins.shopify.scene import Shop, make_twin

shopify = connector.tramo_connector()
TOPICS = sorted(t.manifest.trigger.topic for t in shopify.triggers.values())  # type: ignore[union-attr]


def output(topic: str, payload: Any) -> Any:
    for trigger in shopify.triggers.values():
        if trigger.manifest.trigger and trigger.manifest.trigger.topic == topic:
            assert trigger.output is not None
            return trigger.output(payload)
    raise AssertionError(topic)


def sample(resource: str, key: str) -> Any:
    """Return the vendor's first sample of a resource, exact, as a delivery would carry it."""
    samples = sdk.decode(contract_path("shopify", "rest_2026-07.samples.json").read_bytes())
    for entry in samples["samples"][resource]:
        answer = entry["response"] or {}
        found = answer.get(key) or (answer.get(f"{key}s") or [None])[0]
        if found:
            return found
    raise AssertionError(resource)


# Signature and headers ----------------------------------------------------------------------------


def test_the_signature_is_the_one_of_the_check_vector() -> None:
    body = b'{"id":450789469,"name":"#1001"}'
    expected = "Y3S0OcgdRab3yE7clVq/m9rzY5a6y13OKkjMFe0FjeI="
    assert shopify.door is not None
    rule = shopify.door.signature
    assert (rule.algorithm, rule.encoding, rule.base, rule.prefix) == (
        "sha256",
        "base64",
        "{body}",
        "",
    )
    assert base64.b64encode(hmac.digest(b"hush", body, rule.algorithm)).decode() == expected
    twin = make_twin()
    twin.credential["client_secret"] = "hush"
    assert twin.deliver("ORDERS_CREATE", body).headers[rule.header] == expected


def test_the_signing_key_is_a_secret_field() -> None:
    assert shopify.credential is not None
    assert shopify.door is not None
    secrets = sdk.secret_fields(shopify.credential)
    assert secrets == {"access_token", "client_secret"}
    assert shopify.door.signature.secret in secrets


def headers(family: str, **given: str) -> dict[str, str]:
    return {f"{family}-{name.replace('_', '-')}": value for name, value in given.items()}


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
def test_both_families_of_headers_are_read(family: str) -> None:
    assert shopify.door is not None
    signed = {shopify.door.signature.header, *shopify.door.signature.other_headers}
    assert f"{family}-hmac-sha256" in signed
    delivery = sdk.Delivery(
        headers=headers(family, topic="orders/create", event_id="e-1", webhook_id="w-1"),
        body=b'{"id": 820982911946154508, "total_price": 10.10}',
    )
    [incoming] = read(delivery)  # type: ignore[misc]
    assert (incoming.topic, incoming.delivery_id) == ("ORDERS_CREATE", "e-1")
    assert incoming.payload == {"id": 820982911946154508, "total_price": Decimal("10.10")}


def test_without_an_event_id_the_webhook_id_marks_the_delivery() -> None:
    delivery = sdk.Delivery(
        headers=headers("x-shopify", topic="orders/create", webhook_id="w-1"), body=b"{}"
    )
    assert read(delivery)[0].delivery_id == "w-1"  # type: ignore[index]
    bare = sdk.Delivery(headers=headers("x-shopify", topic="orders/create"), body=b"{}")
    assert read(bare)[0].delivery_id is None  # type: ignore[index]


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"text"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_a_rejected_delivery(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        read(sdk.Delivery(headers=headers("x-shopify", topic="orders/create"), body=body))


def test_a_delivery_without_topic_is_a_rejected_delivery() -> None:
    with pytest.raises(ValueError, match="no topic"):
        read(sdk.Delivery(headers={}, body=b"{}"))


def test_another_shops_delivery_does_not_belong_here() -> None:
    def sent_by(shop: str) -> sdk.Delivery:
        return sdk.Delivery(headers=headers("x-shopify", shop_domain=shop), body=b"{}")

    for stored in ("casa-lumina", "casa-lumina.myshopify.com"):
        assert belongs(sent_by("casa-lumina.myshopify.com"), {"shop": stored})
        assert belongs(sent_by("Casa-Lumina.myshopify.com"), {"shop": stored})
        assert not belongs(sent_by("other-shop.myshopify.com"), {"shop": stored})
        assert belongs(sdk.Delivery(headers={}, body=b"{}"), {"shop": stored})


# What the vendor's own samples become -------------------------------------------------------------


@pytest.mark.contracts
def test_the_vendors_sample_order_becomes_an_order() -> None:
    payload = sample("order", "order")
    order = output("ORDERS_CREATE", payload)
    assert (order.id, order.name, order.number) == ("450789469", "#1001", 1001)
    assert (order.currency, str(order.total), str(order.tax)) == ("USD", "598.94", "11.94")
    assert (str(order.subtotal), str(order.discount)) == ("597.00", "10.00")
    assert order.payment_status == "partially_refunded"
    assert order.fulfilment_status == "unfulfilled"
    assert order.customer.id == "207119551"
    assert order.customer.tags == ["Léon", "Noël"]
    assert order.discount_codes == ["TENOFF"]
    assert order.line_items[0].sku == "IPOD2008GREEN"
    line = order.line_items[0]
    assert (str(line.price), str(line.discount), str(line.total)) == ("199.00", "3.34", "195.66")
    assert order.shipping_address.city == "Louisville"
    assert order.raw is payload


@pytest.mark.contracts
def test_the_vendors_sample_refund_becomes_a_refund() -> None:
    refund = output("REFUNDS_CREATE", sample("refund", "refund"))
    assert (refund.id, refund.order_id, refund.currency) == ("509562969", "450789469", "USD")
    assert str(refund.amount) == "209.00"
    assert [line.sku for line in refund.lines] == ["IPOD2008BLACK", "IPOD2008GREEN"]
    assert str(refund.lines[0].amount) == "195.66"


@pytest.mark.contracts
def test_the_vendors_sample_customer_becomes_a_customer() -> None:
    customer = output("CUSTOMERS_CREATE", sample("customer", "customer"))
    assert customer.name == "Steve Lastnameson"
    assert customer.email == "steve.lastnameson@example.com"
    assert customer.accepts_marketing is False
    assert str(customer.total_spent) == "0.00"


@pytest.mark.contracts
def test_the_vendors_sample_stock_level_becomes_a_stock_level() -> None:
    level = output("INVENTORY_LEVELS_UPDATE", sample("inventory_level", "inventory_level"))
    assert (level.item_id, level.location_id, level.available) == ("49148385", "655441491", 2)


@pytest.mark.contracts
def test_every_sample_of_the_vendor_can_be_read() -> None:
    samples = sdk.decode(contract_path("shopify", "rest_2026-07.samples.json").read_bytes())
    topics = {
        "order": "ORDERS_CREATE",
        "refund": "REFUNDS_CREATE",
        "customer": "CUSTOMERS_CREATE",
        "inventory_level": "INVENTORY_LEVELS_UPDATE",
    }
    read_count = 0
    for resource, topic in topics.items():
        for entry in samples["samples"][resource]:
            answer = entry["response"] or {}
            found = [answer.get(resource), *(answer.get(f"{resource}s") or [])]
            for payload in (p for p in found if isinstance(p, dict) and "created_at" in p):
                sdk.plain(output(topic, payload))
                read_count += 1
    assert read_count > 15


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "payload", [{}, {"ID": 1}, {"line_items": 3}, {"customer": "x"}, {"name": None}]
)
def test_a_payload_that_is_something_else_is_a_named_error(topic: str, payload: Any) -> None:
    with pytest.raises(ValueError, match="not a Shopify"):
        output(topic, payload)


def test_ids_beyond_a_double_and_trailing_zeros_pass_exactly() -> None:
    body = json.dumps(
        {
            "id": 820982911946154508,
            "name": "#9999",
            "created_at": "2026-11-20T10:00:00+01:00",
            "currency": "RON",
            "total_price": "10.10",
            "line_items": [
                {"id": 866550311766439020, "title": "T", "quantity": 3, "price": "10.10"}
            ],
        }
    ).encode()
    [incoming] = read(sdk.Delivery(headers=headers("x-shopify", topic="orders/paid"), body=body))  # type: ignore[misc]
    order = output(incoming.topic, incoming.payload)
    plain = sdk.encode(order)
    assert b'"id":"820982911946154508"' in plain
    assert b'"total":10.10' in plain
    assert b'"total":30.30' in plain
    assert order.raw["id"] == 820982911946154508


# What the twin delivers ---------------------------------------------------------------------------


async def test_a_happening_in_the_shop_is_heard_at_the_door() -> None:
    shop = Shop()
    [heard] = shop.deliver_webhook(shop.twin.happen("ORDERS_CREATE"))  # type: ignore[misc]
    assert heard.type == "shopify.order_created"
    order = shop.orders()[-1]
    assert heard.output["name"] == order["name"]
    keys = {(key.kind, key.value) for key in heard.keys}
    assert ("order", str(order["id"])) in keys
    assert ("order_name", order["name"]) in keys
    assert ("person", str(order["customer"]["id"])) in keys
    assert {("sku", line["sku"]) for line in order["line_items"]} <= keys


async def test_a_delivery_that_was_touched_is_not_genuine() -> None:
    shop = Shop()
    delivery = shop.twin.happen("ORDERS_CREATE")
    touched = sdk.Delivery(headers=delivery.headers, body=delivery.body + b" ")
    with pytest.raises(NotGenuine):
        shop.deliver_webhook(touched)
    shop.credential["client_secret"] = "another app's"
    with pytest.raises(NotGenuine):
        shop.deliver_webhook(delivery)
    shop.credential["client_secret"] = None
    with pytest.raises(NotGenuine):
        shop.deliver_webhook(delivery)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_twin_lets_every_trigger_happen(topic: str) -> None:
    twin = make_twin()
    deliveries = [twin.happen(topic) for _ in range(2)]
    for delivery in deliveries:
        [incoming] = read(delivery)  # type: ignore[misc]
        assert incoming.topic == topic
        assert belongs(delivery, twin.credential)
        plain = sdk.plain(output(topic, incoming.payload))
        assert plain["raw"] == incoming.payload
        digest = hmac.digest(b"twin-client-secret", delivery.body, "sha256")
        assert delivery.headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    first, second = (read(delivery)[0].delivery_id for delivery in deliveries)  # type: ignore[index]
    assert first != second


def test_every_key_of_every_trigger_leads_to_a_value() -> None:
    twin = make_twin()
    for trigger in shopify.triggers.values():
        manifest = trigger.manifest.trigger
        assert manifest is not None
        assert manifest.topic is not None
        assert trigger.output is not None
        [incoming] = read(twin.happen(manifest.topic))  # type: ignore[misc]
        plain = sdk.plain(trigger.output(incoming.payload))
        for kind, path in manifest.keys.items():
            assert all(isinstance(value, str) for value in follow(plain, path)), (kind, path)
            assert follow(plain, path), (trigger.manifest.type, kind, path)


def follow(value: Any, path: str) -> list[Any]:
    values = [value]
    for step in path.split("."):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        values = [item[name] for item in values]
        if many:
            values = [item for row in values for item in row]
    return values


def test_a_given_payload_is_delivered_unchanged() -> None:
    delivery = make_twin().happen("orders/paid", {"id": 7, "total_price": Decimal("1.10")})
    assert delivery.headers["x-shopify-topic"] == "orders/paid"
    assert delivery.body == b'{"id":7,"total_price":1.10}'


# Subscriptions and the account --------------------------------------------------------------------


async def test_subscribing_twice_leaves_one_subscription_per_topic() -> None:
    shop = Shop()
    address = "https://tramo.example/in/abc"
    assert shopify.subscribe is not None
    assert shopify.unsubscribe is not None
    await shopify.subscribe(shop.context(), ["ORDERS_CREATE"], address)
    await shopify.subscribe(shop.context(), ["ORDERS_CREATE", "ORDERS_PAID"], address)
    await shopify.subscribe(shop.context(), ["ORDERS_PAID"], "https://other.example/in/x")
    kept = [(s["topic"], s["uri"]) for s in shop.state["subscriptions"].values()]
    assert sorted(kept) == [
        ("ORDERS_CREATE", address),
        ("ORDERS_PAID", "https://other.example/in/x"),
        ("ORDERS_PAID", address),
    ]
    await shopify.unsubscribe(shop.context(), ["ORDERS_CREATE", "ORDERS_PAID"], address)
    await shopify.unsubscribe(shop.context(), ["ORDERS_CREATE", "ORDERS_PAID"], address)
    left = [s["uri"] for s in shop.state["subscriptions"].values()]
    assert left == ["https://other.example/in/x"]


async def test_an_address_without_tls_on_another_machine_is_refused() -> None:
    assert shopify.subscribe is not None
    with pytest.raises(sdk.Rejected, match="Address is invalid"):
        await shopify.subscribe(Shop().context(), ["ORDERS_CREATE"], "http://shop.example/in/a")


def test_personal_data_is_marked_in_what_triggers_output() -> None:
    for name, words in {"order_created": 5, "customer_created": 5}.items():
        schema = json.dumps(shopify.triggers[f"{name}@1"].manifest.output_schema)
        assert schema.count('"personal"') >= words, name


async def test_the_connection_test_says_whose_shop_it_is() -> None:
    assert shopify.test is not None
    account = await shopify.test(Shop().context())
    assert account == sdk.Account(name="Casa Lumina", id="casa-lumina.myshopify.com")


@pytest.mark.parametrize("given", ["casa-lumina", "casa-lumina.myshopify.com"])
def test_the_shop_may_be_given_with_or_without_its_domain(given: str) -> None:
    assert shopify.credential is not None
    account = msgspec.convert({"shop": given, "access_token": "t"}, shopify.credential)
    assert account.shop == "casa-lumina"  # type: ignore[attr-defined]
    assert "casa" not in repr(account)


@pytest.mark.parametrize("given", ["https://x.myshopify.com", "evil.example", "a/b", "", "A b"])
def test_no_other_host_can_be_named_as_the_shop(given: str) -> None:
    assert shopify.credential is not None
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"shop": given, "access_token": "t"}, shopify.credential)
