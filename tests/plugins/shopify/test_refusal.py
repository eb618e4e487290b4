"""How Shopify says no, and what becomes of a write whose answer is lost."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk

from tests.plugins.shopify.scene import Shop, every_action


@pytest.fixture
def shop() -> Shop:
    return Shop()


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
    with pytest.raises(sdk.CredentialRefused, match="Invalid API key or access token"):
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
    "set_price": "SetPrice",
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
