"""A flow started from a record: this order, that customer, by the newest event that is stored."""

from __future__ import annotations

import pytest
from tramo.model.problem import TramoError
from tramo.model.scope import Scope

from tests.bench.order import ORDER
from tests.kit import (
    document,
    finished,
    opened,
    owner,
    post,
    publish,
    shopify_headers,
    twin,
)

HOOK = {
    "id": "hook",
    "type": "core.webhook",
    "params": {"keys": {"order": "body.order", "person": "body.person"}},
}


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path, synchronous="OFF") as house:
        yield house


async def refused(act) -> TramoError:
    with pytest.raises(TramoError) as caught:
        await act
    return caught.value


async def test_the_newest_event_about_a_record_starts_the_flow_again(house):
    address = (await publish(house, document([HOOK], [])))["hook"]
    for number, note in (("1", "first"), ("1", "second"), ("2", "third")):
        body = {"order": number, "person": "ana@example.com", "note": note, "id": 2**63}
        assert (await post(house, address, body))[0] == 200
    await finished(house, count=3)
    run_id = await house.records.start(owner(house), "flow_test", "order", "1")
    run = await house.runs.get(owner(house), run_id)
    assert run["event"]["payload"]["body"]["note"] == "second"
    assert run["event"]["payload"]["body"]["id"] == 2**63
    assert run["by_hand"] is True
    assert run["keys"] == [
        {"kind": "order", "value": "1"},
        {"kind": "person", "value": "ana@example.com"},
    ]
    run_id = await house.records.start(owner(house), "flow_test", "person", "ana@example.com")
    run = await house.runs.get(owner(house), run_id)
    assert run["event"]["payload"]["body"]["note"] in ("second", "third")


async def test_one_flows_orders_start_another_of_the_same_shop_and_no_other(house):
    shop = await twin(house, "shopify", shop="tramo-demo", client_secret="hush")
    order = {"id": "order", "type": "shopify.order_created", "connection": shop["id"]}
    await publish(house, document([order], []))
    address = shop["address"].rpartition("/")[2]
    status, _ = await post(house, address, ORDER, **shopify_headers(ORDER, "hush", "event-1"))
    assert status == 200
    [first] = await finished(house)
    number = next(key["value"] for key in first["keys"] if key["kind"] == "order")
    await publish(house, document([order], [], id="flow_second", name="Second"))
    run_id = await house.records.start(owner(house), "flow_second", "order", number)
    run = await house.runs.get(owner(house), run_id)
    assert (
        run["event"]["payload"]["id"]
        == ((await house.runs.get(owner(house), first["id"]))["event"]["payload"]["id"])
    )
    other = await house.connections.create(
        owner(house), "shopify", "Other", "twin", {"shop": "other", "client_secret": "x"}
    )
    await publish(
        house, document([{**order, "connection": other["id"]}], [], id="flow_third", name="Third")
    )
    error = await refused(house.records.start(owner(house), "flow_third", "order", number))
    assert (error.code, error.status) == ("record.no_event", 404)
    assert "shopify.order_created" in error.message


async def test_what_is_not_stored_is_said_and_nothing_starts(house):
    await publish(house, document([HOOK], []))
    error = await refused(house.records.start(owner(house), "flow_test", "order", "404"))
    assert error.params["types"] == "core.webhook"
    assert (await house.runs.list(owner(house)))["items"] == []
    error = await refused(
        house.records.start(owner(house), "flow_test", "order", "404", trigger="nobody")
    )
    assert error.code == "run.trigger_unknown"


async def test_the_trigger_with_the_newest_event_fires_where_there_are_several(house):
    second = {**HOOK, "id": "other"}
    addresses = await publish(house, document([HOOK, second], []))
    for node in ("hook", "other"):
        await post(house, addresses[node], {"order": "1"})
    await finished(house, count=2)
    run_id = await house.records.start(owner(house), "flow_test", "order", "1")
    assert (await house.runs.get(owner(house), run_id))["trigger"] == "other"
    run_id = await house.records.start(owner(house), "flow_test", "order", "1", trigger="hook")
    assert (await house.runs.get(owner(house), run_id))["trigger"] == "hook"


async def test_a_viewer_starts_nothing_and_a_stranger_finds_no_flow(house):
    await publish(house, document([HOOK], []))
    for scope, status in (
        (Scope(house.workspace_id, "user_v", "viewer"), 403),
        (Scope("ws_other", "user_x", "owner"), 404),
    ):
        error = await refused(house.records.start(scope, "flow_test", "order", "1"))
        assert error.status == status
