"""What the actions do to a shop, what they refuse, and what they do when an answer is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tramo import sdk

from tests.plugins.shopify.scene import OTHER_KEY, Shop, every_action


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Orders -------------------------------------------------------------------------------------------


async def test_an_order_comes_with_its_ids_and_amounts_exact(shop: Shop) -> None:
    order = shop.paid_order()
    output = await shop.act("get_order", order_id=order["id"])
    assert output["id"] == str(order["id"])
    assert order["id"] > 2**53
    assert str(output["total"]) == order["total_price"]
    assert output["currency"] == "EUR"
    assert output["customer"]["id"] == str(order["customer"]["id"])
    assert [line["sku"] for line in output["line_items"]] == [
        line["sku"] for line in order["line_items"]
    ]
    lines = sum(line["total"] for line in output["line_items"])
    assert lines == output["subtotal"]


async def test_an_order_may_be_named_by_number_text_or_global_id(shop: Shop) -> None:
    order = shop.paid_order()
    for given in (order["id"], str(order["id"]), f"gid://shopify/Order/{order['id']}"):
        output = await shop.act("get_order", order_id=given)
        assert output["name"] == order["name"]


@pytest.mark.parametrize("given", ["#1001", "", "gid://shopify/Customer/1", "1; drop", "10.10"])
async def test_what_is_no_order_id_is_refused_before_anything_is_sent(
    shop: Shop, given: str
) -> None:
    with pytest.raises(sdk.BadParams) as refusal:
        await shop.act("get_order", order_id=given)
    assert refusal.value.code == "shopify.bad_id"
    assert shop.sent == []


async def test_an_order_that_is_not_there_is_a_refusal_that_names_it(shop: Shop) -> None:
    with pytest.raises(sdk.Rejected, match="no order 999") as refusal:
        await shop.act("get_order", order_id="999")
    assert refusal.value.code == "shopify.not_found"


async def test_an_order_with_many_lines_is_read_to_the_last_one(shop: Shop) -> None:
    order = shop.paid_order()
    line = order["line_items"][0]
    order["line_items"] = [{**line, "id": 10_000 + at, "sku": f"SKU-{at}"} for at in range(130)]
    output = await shop.act("get_order", order_id=order["id"])
    assert [line["sku"] for line in output["line_items"]] == [f"SKU-{at}" for at in range(130)]


async def test_a_search_pages_until_its_limit_and_can_go_on(shop: Shop) -> None:
    for _ in range(54):
        shop.twin.shop.place_order()
    first = await shop.act("search_orders", limit=40)
    assert len(first["orders"]) == 40
    assert first["has_more"]
    rest = await shop.act("search_orders", limit=250, cursor=first["next"])
    names = [order["name"] for order in first["orders"] + rest["orders"]]
    assert len(names) == len(set(names)) == 60
    assert not rest["has_more"]
    assert rest["next"] is None


async def test_a_search_finds_by_tag_and_status(shop: Shop) -> None:
    wanted = shop.paid_order()
    wanted["tags"] = "vip"
    found = await shop.act("search_orders", query="tag:vip AND financial_status:paid")
    assert [order["name"] for order in found["orders"]] == [wanted["name"]]


async def test_no_query_asks_for_more_than_shopify_allows(shop: Shop) -> None:
    order = shop.paid_order()
    for _ in range(60):
        shop.twin.shop.place_order()
    await shop.act("search_orders", limit=250)
    await shop.act("get_order", order_id=order["id"])
    costs = [json.loads(answer.body)["extensions"]["cost"] for answer in shop.answers]
    assert max(cost["requestedQueryCost"] for cost in costs) <= 1000


# Notes and tags -----------------------------------------------------------------------------------


async def test_a_note_is_appended_once_however_often_the_step_is_tried(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "Gift"
    number = str(order["id"])
    for _ in range(3):
        output = await shop.act("add_note", order_id=number, note="Call first")
    assert order["note"] == output["note"] == "Gift\nCall first"
    assert output["changed"] is False


async def test_a_note_that_only_contains_the_text_gets_it_as_a_line(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "Do not Call first please"
    await shop.act("add_note", order_id=str(order["id"]), note="Call first")
    assert order["note"].splitlines() == ["Do not Call first please", "Call first"]


async def test_a_note_can_be_replaced(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "old"
    await shop.act("add_note", order_id=str(order["id"]), note="new", mode="replace")
    assert order["note"] == "new"


async def test_tags_are_added_and_removed_and_repetition_changes_nothing(shop: Shop) -> None:
    order = shop.paid_order()
    order["tags"] = "web"
    number = str(order["id"])
    for _ in range(2):
        output = await shop.act("add_tags", id=number, tags=["vip", "web"])
        assert sorted(output["tags"]) == ["vip", "web"]
    for _ in range(2):
        output = await shop.act("remove_tags", id=number, tags=["VIP", "absent"])
        assert output["tags"] == ["web"]
    assert shop.twin.ledger[0].summary == f"Added tags vip, web to order {order['name']}"


async def test_customers_and_products_take_tags_too(shop: Shop) -> None:
    customer = next(iter(shop.state["customers"].values()))
    product = next(iter(shop.state["products"].values()))
    await shop.act("add_tags", id=customer["id"], kind="customer", tags=["b2b"])
    await shop.act("add_tags", id=product["id"], kind="product", tags=["new"])
    assert "b2b" in customer["tags"]
    assert product["tags"] == "new"


async def test_a_refused_tag_names_field_and_reason(shop: Shop) -> None:
    with pytest.raises(sdk.Rejected, match=r"refused id: .* does not exist"):
        await shop.act("add_tags", id="999", tags=["vip"])


# Cancelling ---------------------------------------------------------------------------------------


async def test_an_order_is_cancelled_with_money_and_stock_given_back(shop: Shop) -> None:
    order = shop.paid_order()
    sku = order["line_items"][0]["sku"]
    before = sum(shop.item(sku)["levels"].values())
    output = await shop.act("cancel_order", order_id=str(order["id"]), reason="fraud", refund=True)
    assert output["done"] is False
    assert output["job_id"]
    assert order["cancel_reason"] == "fraud"
    assert order["financial_status"] == "refunded"
    after = sum(shop.item(sku)["levels"].values())
    assert after == before + order["line_items"][0]["quantity"]


async def test_cancelling_twice_is_refused(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "reason": "other"}
    await shop.act("cancel_order", **params)
    with pytest.raises(sdk.Rejected, match="already been cancelled"):
        await shop.act("cancel_order", **params)


async def test_a_doubt_about_cancelling_is_settled_only_by_a_cancelled_order(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "reason": "other"}
    assert isinstance(await shop.probe("cancel_order", **params), sdk.Unknown)
    shop.lose.append("CancelOrder")
    with pytest.raises(sdk.Transient) as lost:
        await shop.act("cancel_order", **params)
    assert not lost.value.settled
    assert shop.last is not None
    assert shop.last.sent
    assert isinstance(await shop.probe("cancel_order", **params), sdk.Happened)


# Refunds ------------------------------------------------------------------------------------------


def refunded(order: dict[str, Any]) -> list[str]:
    return [t["amount"] for made in order["refunds"] for t in made["transactions"]]


async def test_an_amount_is_refunded_exactly(shop: Shop) -> None:
    order = shop.paid_order()
    output = await shop.act(
        "refund_order", order_id=str(order["id"]), amount=Decimal("10.10"), note="Scratched"
    )
    assert str(output["amount"]) == "10.10"
    assert refunded(order) == ["10.10"]
    assert output["note"].startswith("Scratched [tramo ")
    assert order["financial_status"] == "partially_refunded"


async def test_the_same_step_tried_again_refunds_once(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    shop.lose.append("CreateRefund")
    with pytest.raises(sdk.Transient):
        await shop.act("refund_order", **params)
    output = await shop.act("refund_order", **params)
    assert str(output["amount"]) == "5.00"
    assert refunded(order) == ["5.00"]
    assert shop.operations().count("CreateRefund") == 1
    found = await shop.probe("refund_order", **params)
    assert isinstance(found, sdk.Happened)
    assert found.output.id == output["id"]


async def test_another_step_refunds_again(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    await shop.act("refund_order", **params)
    found = await shop.probe("refund_order", key=OTHER_KEY, **params)
    assert isinstance(found, sdk.DidNotHappen)
    await shop.act("refund_order", key=OTHER_KEY, **params)
    assert refunded(order) == ["5.00", "5.00"]


async def test_lines_are_refunded_at_their_price_and_put_back_into_stock(shop: Shop) -> None:
    order = shop.paid_order()
    line = order["line_items"][0]
    location = shop.location()
    before = shop.item(line["sku"])["levels"][location]
    asked = {
        "line_item_id": str(line["id"]),
        "quantity": 1,
        "restock": "return",
        "location_id": location,
    }
    output = await shop.act("refund_order", order_id=str(order["id"]), lines=[asked])
    assert str(output["amount"]) == line["price_set"]["presentment_money"]["amount"]
    assert shop.item(line["sku"])["levels"][location] == before + 1


async def test_a_refund_is_in_the_currency_that_the_customer_paid(shop: Shop) -> None:
    order = next(
        o
        for o in _many_orders(shop)
        if o["presentment_currency"] == "RON" and o.get("transactions")
    )
    output = await shop.act(
        "refund_order", order_id=str(order["id"]), amount=Decimal("1.50"), currency="RON"
    )
    assert output["currency"] == "RON"
    with pytest.raises(sdk.BadParams, match="paid in RON, not in EUR"):
        await shop.act(
            "refund_order",
            key=OTHER_KEY,
            order_id=str(order["id"]),
            amount=Decimal("1.50"),
            currency="EUR",
        )


async def test_too_large_a_refund_is_refused_with_what_is_possible(shop: Shop) -> None:
    order = shop.paid_order()
    total = order["total_price_set"]["presentment_money"]["amount"]
    with pytest.raises(sdk.Rejected, match=f"can give back {total} EUR") as refusal:
        await shop.act(
            "refund_order", order_id=str(order["id"]), amount=Decimal(total) + Decimal("0.01")
        )
    assert refusal.value.code == "shopify.refund_too_large"
    assert order["refunds"] == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, "Say what to refund"),
        ({"amount": Decimal(0)}, "more than 0"),
        (
            {"lines": [{"line_item_id": "1", "quantity": 1, "restock": "return"}]},
            "needs a location",
        ),
    ],
)
async def test_a_refund_of_nothing_certain_is_not_sent(
    shop: Shop, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises(sdk.BadParams, match=reason):
        await shop.act("refund_order", order_id="1", **params)
    assert shop.sent == []


async def test_a_key_that_shopify_knows_for_another_refund_is_settled_by_the_mark(
    shop: Shop,
) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    await shop.act("refund_order", **params)
    made = order["refunds"].pop()
    hidden: list[Any] = [made]
    original = shop.twin.send

    async def reveal_after_the_mutation(request: Any) -> sdk.Response:
        answer = await original(request)
        if b"CreateRefund" in request.body and hidden:
            order["refunds"].append(hidden.pop())
        return answer

    shop.twin.send = reveal_after_the_mutation  # type: ignore[method-assign]
    output = await shop.act("refund_order", **{**params, "amount": Decimal("6.00")})
    assert output["id"] == str(made["id"])
    assert refunded(order) == ["5.00"]


def _many_orders(shop: Shop) -> list[dict[str, Any]]:
    fractions = iter([at * 0.037 % 1 for at in range(2000)])
    shop.twin.ids.fraction = lambda: next(fractions)  # type: ignore[method-assign]
    for _ in range(40):
        shop.twin.shop.place_order()
    return shop.orders()


# Fulfilment ---------------------------------------------------------------------------------------


async def test_an_order_is_held_once_and_released_by_its_own_name(shop: Shop) -> None:
    order = shop.paid_order()
    number = str(order["id"])
    part = shop.state["fulfilments"][number][0]
    first = await shop.act("hold_fulfilment", order_id=number)
    again = await shop.act("hold_fulfilment", order_id=number)
    assert (len(first["changed"]), again["changed"]) == (1, [])
    assert len(part["holds"]) == 1
    part["holds"].append({"id": 7, "handle": "stock check", "ours": False})
    released = await shop.act("release_fulfilment", order_id=number)
    assert released["on_hold"] is True
    assert [held["id"] for held in part["holds"]] == [7]
    released = await shop.act("release_fulfilment", order_id=number, everyone=True)
    assert released["on_hold"] is False
    assert part["status"] == "OPEN"


async def test_a_hold_whose_answer_was_lost_is_not_placed_twice(shop: Shop) -> None:
    number = str(shop.paid_order()["id"])
    shop.lose.append("HoldFulfilment")
    with pytest.raises(sdk.Transient):
        await shop.act("hold_fulfilment", order_id=number)
    await shop.act("hold_fulfilment", order_id=number)
    assert len(shop.state["fulfilments"][number][0]["holds"]) == 1


async def test_a_cancelled_order_cannot_be_held(shop: Shop) -> None:
    order = shop.paid_order()
    await shop.act("cancel_order", order_id=str(order["id"]), reason="other")
    with pytest.raises(sdk.Rejected, match="nothing left to hold"):
        await shop.act("hold_fulfilment", order_id=str(order["id"]))


# Stock --------------------------------------------------------------------------------------------


async def test_stock_changes_once_under_one_key(shop: Shop) -> None:
    location = shop.location()
    params = {"sku": "MUG-BLUE", "location_id": location, "delta": -3}
    before = shop.item()["levels"][location]
    outputs = [await shop.act("adjust_inventory", **params) for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert outputs[0]["available"] == before - 3
    assert shop.item()["levels"][location] == before - 3
    await shop.act("adjust_inventory", key=OTHER_KEY, **params)
    assert shop.item()["levels"][location] == before - 6


async def test_one_key_for_two_changes_is_refused(shop: Shop) -> None:
    location = shop.location()
    await shop.act("adjust_inventory", sku="MUG-BLUE", location_id=location, delta=1)
    with pytest.raises(sdk.Rejected) as refusal:
        await shop.act("adjust_inventory", sku="MUG-BLUE", location_id=location, delta=2)
    assert refusal.value.code == "shopify.key_reused"


async def test_a_stale_expectation_changes_nothing(shop: Shop) -> None:
    location = shop.location()
    before = shop.item()["levels"][location]
    params = {"sku": "MUG-BLUE", "location_id": location, "delta": 1}
    with pytest.raises(sdk.Rejected, match="not the persisted quantity"):
        await shop.act("adjust_inventory", **params, expected=before + 1)
    await shop.act("adjust_inventory", **params, expected=before)
    assert shop.item()["levels"][location] == before + 1


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"sku": "MUG-BLUE", "delta": 0}, "changes nothing"),
        ({"delta": 1}, "which article"),
        ({"sku": "NO-SUCH", "delta": 1}, "no articles with the SKU"),
        ({"sku": 'a" OR sku:*', "delta": 1}, "no articles with the SKU"),
        ({"inventory_item_id": "5", "delta": 1}, "could not be found"),
    ],
)
async def test_stock_of_nothing_certain_is_refused(
    shop: Shop, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises((sdk.BadParams, sdk.Rejected), match=reason):
        await shop.act("adjust_inventory", location_id=shop.location(), **params)


async def test_locations_are_offered_by_name(shop: Shop) -> None:
    every = await shop.list_choices("locations")
    assert [choice.label for choice in every] == ["Almacén Madrid", "Depozit Cluj", "Loja Lisboa"]
    assert [choice.label for choice in await shop.list_choices("locations", "lisb")] == [
        "Loja Lisboa"
    ]


# Customers ----------------------------------------------------------------------------------------


async def test_only_the_given_fields_of_a_customer_change(shop: Shop) -> None:
    customer = next(iter(shop.state["customers"].values()))
    mail = customer["email"]
    output = await shop.act(
        "update_customer", customer_id=customer["id"], first_name="Íris", language="pt-BR"
    )
    assert (customer["first_name"], customer["locale"], customer["email"]) == (
        "Íris",
        "pt-BR",
        mail,
    )
    assert output["name"] == f"Íris {customer['last_name']}"


async def test_an_address_that_is_taken_is_refused(shop: Shop) -> None:
    one, other = list(shop.state["customers"].values())[:2]
    with pytest.raises(sdk.Rejected, match="refused email: Email has already been taken"):
        await shop.act("update_customer", customer_id=one["id"], email=other["email"])


async def test_a_customer_without_changes_is_not_sent(shop: Shop) -> None:
    with pytest.raises(sdk.BadParams, match="at least one field"):
        await shop.act("update_customer", customer_id="1")
    assert shop.sent == []


# The three layers of refusal ----------------------------------------------------------------------


async def test_throttling_waits_as_long_as_the_bucket_needs_and_leaves_no_doubt(
    shop: Shop,
) -> None:
    shop.state["bucket"].update(available="4", at=shop.clock.now_ms())
    with pytest.raises(sdk.Transient) as refusal:
        await shop.act("add_tags", id=str(shop.paid_order()["id"]), tags=["vip"])
    assert refusal.value.settled
    assert refusal.value.retry_after_s == pytest.approx(0.1)  # (10 - 4) / 100, but not below 0.1
    assert refusal.value.code == "vendor.rate_limited"
    assert shop.paid_order()["tags"] == ""
    await shop.clock.sleep(0.1)
    await shop.act("add_tags", id=str(shop.paid_order()["id"]), tags=["vip"])


async def test_a_long_throttle_is_computed_from_the_numbers_given() -> None:
    wait_s = await _refused(
        {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {
                "cost": {
                    "requestedQueryCost": 900,
                    "throttleStatus": {"currentlyAvailable": 150, "restoreRate": 50},
                }
            },
        }
    )
    assert isinstance(wait_s, sdk.Transient)
    assert wait_s.retry_after_s == pytest.approx(15.0)


async def test_a_missing_scope_is_named() -> None:
    message = "Access denied for order field. Required access: `read_orders` access scope."
    refusal = await _refused(
        {"errors": [{"message": message, "extensions": {"code": "ACCESS_DENIED"}}]}
    )
    assert isinstance(refusal, sdk.Rejected)
    assert refusal.details == {"scope": "read_orders"}
    assert "read_orders" in refusal.message


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (
            {"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            sdk.Transient,
            "vendor.unavailable",
        ),
        (
            {"errors": [{"message": "x", "extensions": {"code": "SHOP_INACTIVE"}}]},
            sdk.CredentialRefused,
            "connection.refused",
        ),
        (
            {
                "errors": [
                    {"message": "x", "extensions": {"code": "IDEMPOTENCY_CONCURRENT_REQUEST"}}
                ]
            },
            sdk.Transient,
            "shopify.concurrent_request",
        ),
        (
            {
                "errors": [
                    {"message": "x", "extensions": {"code": "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"}}
                ]
            },
            sdk.Rejected,
            "shopify.earlier_attempt_failed",
        ),
        ({"errors": "Not Found"}, sdk.Rejected, "vendor.rejected"),
        ({"errors": [{"message": "Parse error"}]}, sdk.Rejected, "vendor.rejected"),
        ({"nothing": 1}, sdk.Transient, "vendor.unavailable"),
        ([], sdk.Transient, "vendor.unavailable"),
    ],
)
async def test_every_refusal_has_its_class(
    answer: Any, kind: type[sdk.ActionError], code: str
) -> None:
    refusal = await _refused(answer)
    assert type(refusal) is kind
    assert refusal.code == code


async def test_a_wrong_token_is_a_refused_credential(shop: Shop) -> None:
    with pytest.raises(sdk.CredentialRefused):
        await shop.act("get_order", credential={"access_token": "wrong"}, order_id="1")


async def test_a_query_that_travels_as_post_leaves_no_doubt(shop: Shop) -> None:
    await shop.act("get_order", order_id=str(shop.paid_order()["id"]))
    assert shop.last is not None
    assert not shop.last.sent
    await shop.act("add_tags", id=str(shop.paid_order()["id"]), tags=["vip"])
    assert shop.last.sent


async def _refused(answer: Any) -> sdk.ActionError:
    shop = Shop()

    async def send(request: Any) -> sdk.Response:
        return sdk.json_response(answer)

    shop.twin.send = send  # type: ignore[method-assign]
    with pytest.raises(sdk.ActionError) as refusal:
        await shop.act("get_order", order_id="1")
    return refusal.value


# Lost answers -------------------------------------------------------------------------------------

WRITES = {
    "add_tags": "AddTags",
    "remove_tags": "RemoveTags",
    "add_note": "SetOrderNote",
    "hold_fulfilment": "HoldFulfilment",
    "release_fulfilment": "ReleaseFulfilment",
    "refund_order": "CreateRefund",
    "adjust_inventory": "AdjustInventory",
    "update_customer": "UpdateCustomer",
}


def test_every_action_that_may_be_repeated_is_tried_with_a_lost_answer(shop: Shop) -> None:
    actions = [a.manifest for a in shop.definition.actions.values()]
    repeated = {a.type.split(".")[1] for a in actions if a.effect in ("repeatable", "keyed")}
    assert repeated == set(WRITES)


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_a_write_whose_answer_is_lost_takes_place_once(name: str) -> None:
    smooth, rough = Shop(), Shop()
    output = await every_action(smooth, name)
    rough.lose.append(WRITES[name])
    with pytest.raises(sdk.Transient) as lost:
        await every_action(rough, name)
    assert not lost.value.settled
    if name == "release_fulfilment":  # every_action would hold it once more
        again = await rough.act(name, order_id=str(rough.paid_order()["id"]))
    else:
        again = await every_action(rough, name)
    assert lasting(rough) == lasting(smooth)
    assert set(again) == set(output)


def lasting(shop: Shop) -> Any:
    """Return what the shop holds, without clockwork and bookkeeping."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            skipped = {"updated_at", "bucket", "keys", "next_id"}
            return {name: strip(item) for name, item in value.items() if name not in skipped}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return strip(shop.state)
