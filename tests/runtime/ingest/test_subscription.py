"""Which events versions name: in triggers, in waits, in delays."""

from __future__ import annotations

import pytest

from tests.kit import document, opened, owner, publish, twin


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
async def shop(house):
    return await twin(house, "shopify", shop="tramo-demo", client_secret="hush")


def waiting(shop, **params):
    return document(
        [
            {"id": "order", "type": "shopify.order_created", "connection": shop["id"]},
            {"id": "pause", "type": "core.wait", "params": params},
        ],
        [("order", "pause")],
    )


async def test_waits_and_leave_conditions_are_awaited_and_their_vendor_is_subscribed(house, shop):
    flow = waiting(
        shop,
        event={"type": "shopify.order_paid", "key": "order"},
        leave_on=[{"type": "shopify.order_cancelled", "key": "order"}],
        timeout_s=60,
    )
    await publish(house, flow)
    workspace = house.workspace_id
    named = {"shopify.order_paid", "shopify.order_cancelled"}
    assert house.subscriptions.awaited_types(workspace) == named
    wanted = house.subscriptions.using_connection(workspace, shop["id"])
    assert wanted == named | {"shopify.order_created"}


async def test_a_paused_flows_runs_go_on_waiting_but_nothing_new_is_asked_of_the_vendor(
    house, shop
):
    await publish(house, waiting(shop, event={"type": "shopify.order_paid", "key": "order"}))
    await house.flows.pause(owner(house), "flow_test")
    workspace = house.workspace_id
    assert house.subscriptions.awaits(workspace, "shopify.order_paid")
    assert house.subscriptions.using_connection(workspace, shop["id"]) == set()


async def test_a_delayed_trigger_listens_to_the_accounts_that_its_flow_works_with(house, shop):
    other = await twin(house, "shopify", shop="other-shop", client_secret="hush")
    flow = document(
        [
            {
                "id": "later",
                "type": "core.after",
                "params": {"type": "shopify.order_created", "key": "order", "seconds": 60},
            },
            {
                "id": "read",
                "type": "shopify.get_order",
                "connection": shop["id"],
                "params": {"order_id": {"$expr": "later.id"}},
            },
        ],
        [("later", "read")],
    )
    await publish(house, flow)
    index, workspace = house.subscriptions, house.workspace_id
    event = (workspace, shop["id"], "shopify.order_created")
    assert [route.node_id for route in index.for_event(*event)] == ["later"]
    assert index.for_event(workspace, other["id"], "shopify.order_created") == []
    assert index.connections_of(workspace, "flow_test") == {shop["id"]}
    flow["nodes"].pop()
    await publish(house, {**flow, "edges": []})
    assert [r.node_id for r in index.for_event(workspace, other["id"], event[2])] == ["later"]
    index.remove_flow(workspace, "flow_test")
    assert index.for_event(workspace, other["id"], event[2]) == []
