"""Deliveries: who signed them, what they tell, and the webhooks that bring them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.ingest.signature import is_genuine
from tramo.testing import NotGenuine
from tramo_easypost import connector, event

from tests.plugins.contract import contract_path
from tests.plugins.easypost.account import CODE, Account

easypost = connector.tramo_connector()
assert easypost.door is not None
door = easypost.door
TOPICS = {
    trigger.manifest.trigger.topic: trigger.manifest.type
    for trigger in easypost.triggers.values()
    if trigger.manifest.trigger is not None
}
ADDRESS = "https://tramo.example/in/abc"


@pytest.fixture
def account() -> Account:
    return Account()


def delivery(payload: Any) -> sdk.Delivery:
    body = payload if isinstance(payload, bytes) else sdk.encode(payload)
    return sdk.Delivery(headers={"content-type": "application/json"}, body=body)


def news(status: str, before: str | None = None, **over: Any) -> dict[str, Any]:
    tracker = {"id": "trk_1", "tracking_code": CODE, "status": status, "mode": "production"}
    return {
        "object": "Event",
        "id": "evt_1",
        "description": "tracker.updated",
        "previous_attributes": {} if before is None else {"status": before},
        "result": tracker | over,
    }


# Signatures ---------------------------------------------------------------------------------------


@pytest.mark.contracts
def test_the_recipe_accepts_the_vectors_signature_and_no_other() -> None:
    file = json.loads(contract_path("signature-vectors-services.json").read_bytes())
    (vector,) = (vector for vector in file["vectors"] if vector["vendor"] == "easypost")
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    body, secret = vector["body"].encode(), vector["secret"]
    genuine = sdk.Delivery(headers=headers, body=body)
    assert is_genuine(door.signature, secret, genuine, 0)
    assert not is_genuine(door.signature, "another", genuine, 0)
    assert not is_genuine(door.signature, None, genuine, 0)
    assert not is_genuine(
        door.signature, secret, sdk.Delivery(headers=headers, body=body + b" "), 0
    )
    bare = {"x-hmac-signature": headers["x-hmac-signature"].removeprefix("hmac-sha256-hex=")}
    assert not is_genuine(door.signature, secret, sdk.Delivery(headers=bare, body=body), 0)


@pytest.mark.contracts
def test_the_twin_signs_as_the_vector_does() -> None:
    file = json.loads(contract_path("signature-vectors-services.json").read_bytes())
    (vector,) = (vector for vector in file["vectors"] if vector["vendor"] == "easypost")
    account = Account()
    account.twin.credential["webhook_secret"] = vector["secret"]
    signed = account.twin.deliver(sdk.decode(vector["body"].encode()))
    assert signed.headers["x-hmac-signature"] == vector["headers"]["X-Hmac-Signature"]


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_what_the_twin_delivers_is_signed_and_starts_its_trigger(topic: str) -> None:
    account = Account()
    made = account.twin.happen(topic)
    (heard,) = account.deliver_webhook(made)
    assert heard.type == TOPICS[topic]
    assert heard.delivery_id
    assert {"tracking", "shipment"} & {key.kind for key in heard.keys}
    with pytest.raises(NotGenuine):
        account.deliver_webhook(sdk.Delivery(headers=made.headers, body=made.body + b" "))
    (again,) = account.deliver_webhook(account.twin.happen(topic))
    assert again.delivery_id != heard.delivery_id


def test_without_a_secret_nothing_is_genuine() -> None:
    account = Account(webhook_secret=None)
    with pytest.raises(NotGenuine):
        account.deliver_webhook(account.twin.happen())


# What deliveries tell -----------------------------------------------------------------------------


@pytest.mark.contracts
def test_the_vendors_sample_event_becomes_tracking_news() -> None:
    body = contract_path("easypost", "samples", "event-tracker.updated.json").read_bytes()
    (incoming,) = door.read(delivery(body))  # type: ignore[misc]
    assert (incoming.topic, incoming.delivery_id) == ("tracker.updated", "evt_1")
    found = event.tracking_output(incoming.payload)
    assert (found.tracking_number, found.carrier, found.status) == ("1", "FedEx", "in_transit")
    assert (found.previous_status, found.status_changed) == ("in_transit", False)
    assert found.estimated_delivery == "2024-08-05T00:00:00Z"
    assert len(found.events) == 7
    last = found.events[-1]
    assert (last.city, last.province, last.postcode) == ("EDISON", "NJ", "08817")
    assert str(incoming.payload["result"]["weight"]) == "614.4"
    assert found.raw is incoming.payload


def test_the_addresses_of_other_services_are_not_kept() -> None:
    told = news("delivered") | {"pending_urls": ["https://user:pass@other.example/hook"]}
    (incoming,) = door.read(delivery(told))  # type: ignore[misc]
    assert "pending_urls" not in incoming.payload


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"x"', b"\xff", b'{"object": "Event"}'])
def test_a_body_that_is_no_event_is_a_rejected_delivery(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        door.read(delivery(body))


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_an_event_about_something_else_is_a_rejected_delivery(topic: str) -> None:
    told = {"object": "Event", "id": "evt_1", "description": topic, "result": {"object": "Rate"}}
    with pytest.raises(ValueError, match="shaped"):
        door.read(delivery(told))


def test_an_event_that_nothing_listens_to_starts_nothing() -> None:
    assert door.read(delivery(news("x") | {"description": "scan_form.updated"})) == []


@pytest.mark.parametrize(
    ("params", "told", "starts"),
    [
        ({}, news("delivered", "in_transit"), True),
        ({}, news("in_transit", "in_transit"), False),
        ({}, news("in_transit"), False),
        ({"changes_only": False}, news("in_transit"), True),
        ({"statuses": ["delivered"]}, news("delivered", "in_transit"), True),
        ({"statuses": ["failure", "delivered"]}, news("in_transit", "pre_transit"), False),
        ({"statuses": ["in_transit"], "changes_only": False}, news("in_transit"), True),
    ],
)
def test_a_filter_lets_the_wanted_news_through(params: Any, told: Any, starts: bool) -> None:
    trigger = easypost.triggers["tracking_updated@1"]
    assert trigger.matches is not None
    output = sdk.plain(event.tracking_output(told))
    assert trigger.matches(msgspec.convert(params, trigger.params), output) is starts


# Parcels on their way -----------------------------------------------------------------------------


async def test_a_parcel_travels_from_its_label_to_its_door(account: Account) -> None:
    label = await account.act("buy_label", **await account.purchase())
    code = label["tracking_number"]
    seen: list[str] = []
    while "delivered" not in seen:
        (heard,) = account.deliver_webhook(account.twin.happen())
        assert heard.output["tracking_number"] == code
        assert heard.output["shipment_id"] == label["shipment_id"]
        seen.append(heard.output["status"])
        await account.clock.sleep(3600)
    assert sorted(set(seen), key=seen.index) == [
        "pre_transit",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]
    assert heard.output["finished"] is True
    assert heard.output["signed_by"] == "John Tester"
    (other,) = account.deliver_webhook(account.twin.happen())
    assert other.output["tracking_number"] != code, "a parcel that arrived stays where it is"


def test_a_parcel_can_be_late(account: Account) -> None:
    before = account.state["trackers"]
    due = next(t for t in before.values() if t["tracking_code"] == CODE)["est_delivery_date"]
    (heard,) = account.deliver_webhook(account.twin.move(CODE, "in_transit", "delayed"))
    assert heard.output["status_detail"] == "delayed"
    assert heard.output["status_changed"] is False
    assert heard.output["estimated_delivery"] > due


def test_a_parcel_can_arrive_at_once(account: Account) -> None:
    (heard,) = account.deliver_webhook(account.twin.move(CODE, "delivered"))
    assert (heard.output["status"], heard.output["previous_status"]) == ("delivered", "in_transit")
    assert heard.output["status_changed"] is True


async def test_every_fourth_parcel_is_late_once_and_arrives_all_the_same(account: Account) -> None:
    await account.act("track_parcel", tracking_code="1Z0000000000000001")
    details: list[str] = []
    for _ in range(30):
        (heard,) = account.deliver_webhook(account.twin.happen())
        details.append(heard.output["status_detail"])
    assert details.count("delayed") >= 1
    assert details.count("arrived_at_destination") >= 3


async def test_a_refund_comes_through_for_the_label_that_was_voided(account: Account) -> None:
    label = await account.act("buy_label", **await account.purchase())
    await account.act("void_label", shipment_id=label["shipment_id"])
    (heard,) = account.deliver_webhook(account.twin.happen("refund.successful"))
    assert heard.output["shipment_id"] == label["shipment_id"]
    assert heard.output["status"] == "refunded"
    voided = await account.act("void_label", shipment_id=label["shipment_id"])
    assert voided["status"] == "refunded"


async def test_a_batch_names_its_shipments_and_their_orders(account: Account) -> None:
    await account.rates()
    (heard,) = account.deliver_webhook(account.twin.happen("batch.updated"))
    assert (heard.output["count"], heard.output["purchased"]) == (2, 1)
    assert {key.value for key in heard.keys if key.kind == "order"} == {"#1001", "1002"}


def test_a_given_event_is_delivered_unchanged(account: Account) -> None:
    told = news("delivered", "in_transit")
    made = account.twin.happen("tracker.updated", told)
    assert made.body == sdk.encode(told)
    assert account.twin.happen("scan_form.updated") is None


async def test_the_twin_learns_of_a_parcel_from_outside(account: Account) -> None:
    told = news("in_transit", "pre_transit", id="trk_out", tracking_code="EZ9", carrier="UPS")
    told["result"]["created_at"] = "2026-11-20T10:00:00Z"
    output = sdk.plain(event.tracking_output(told))
    for _ in range(2):
        account.twin.learn("easypost.tracking_updated", output)
    found = await account.act("get_tracking", tracking_code="EZ9")
    assert (found["id"], found["status"]) == ("trk_out", "in_transit")
    count = len(account.state["trackers"])
    for strange in (None, {}, {"raw": 1}, {"raw": {"result": {"id": 7}}}):
        account.twin.learn("easypost.tracking_updated", strange)
    assert len(account.state["trackers"]) == count


# Subscriptions ------------------------------------------------------------------------------------


async def test_subscribing_twice_leaves_one_webhook_with_the_newest_secret(
    account: Account,
) -> None:
    assert easypost.subscribe is not None
    assert easypost.unsubscribe is not None
    await easypost.subscribe(account.context(), ["tracker.updated"], ADDRESS)
    (webhook,) = account.state["webhooks"].values()
    webhook["disabled_at"] = "2026-11-20T10:00:00Z"
    changed = account.context(credential={"webhook_secret": "another-secret-of-ours"})
    await easypost.subscribe(changed, ["tracker.updated", "batch.updated"], ADDRESS)
    (webhook,) = account.state["webhooks"].values()
    assert (webhook["secret"], webhook["disabled_at"]) == ("another-secret-of-ours", None)

    other = "https://other.example/in/x"
    await easypost.subscribe(account.context(), ["tracker.updated"], other)
    for _ in range(2):
        await account.clock.sleep(1)
        await easypost.unsubscribe(account.context(), ["tracker.updated"], ADDRESS)
    assert [kept["url"] for kept in account.state["webhooks"].values()] == [other]


async def test_subscribing_without_a_secret_says_what_is_missing() -> None:
    account = Account(webhook_secret=None)
    assert easypost.subscribe is not None
    with pytest.raises(sdk.BadParams, match="webhook secret"):
        await easypost.subscribe(account.context(), ["tracker.updated"], ADDRESS)
    assert account.traffic == []


def test_personal_data_is_marked_in_what_triggers_output() -> None:
    for name in ("tracking_updated@1", "tracking_started@1"):
        assert '"personal": "name"' in json.dumps(easypost.triggers[name].manifest.output_schema)
    for name in ("verify_address@1", "get_rates@1"):
        schema = json.dumps(easypost.actions[name].manifest.params_schema)
        assert all(f'"personal": "{kind}"' in schema for kind in ("name", "address", "phone"))
