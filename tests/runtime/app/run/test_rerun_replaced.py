"""Another try on a version in which another kind of node has taken an id that was in use."""

from __future__ import annotations

from typing import Any

from tests.kit import document, owner, publish
from tests.runtime.app.run.vendor import call, event, labelling, start, until

NOTED = {
    "id": "label",
    "type": "core.table_write",
    "params": {"table": "labels", "key": {"$expr": "hook.body.order"}, "values": {"bought": True}},
}


def flow_with(vendor, label: dict[str, Any]) -> dict[str, Any]:
    flow = labelling(vendor, call(vendor, "tell", "/tell"))
    flow["nodes"][1] = label
    return flow


async def noted_and_failed(house, vendor) -> str:
    """What has the id of the label wrote a row; then it failed."""
    await publish(house, flow_with(vendor, NOTED))
    vendor.moods["/tell"] = "refuse"
    run_id = await start(house, event())
    await until(house, run_id, "failed")
    await publish(house, flow_with(vendor, call(vendor, "label", "/label")))
    return run_id


async def test_what_another_kind_of_node_did_does_not_count_for_it(open_shop):
    house, vendor = open_shop
    run_id = await noted_and_failed(house, vendor)
    vendor.moods.clear()
    made = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, made["id"], "succeeded")
    assert len(vendor.calls("/label")) == 1
    assert await generation(house, made["id"]) == 1  # Under a key that nobody has seen.


async def test_what_it_did_itself_counts_for_a_third_try(open_shop):
    house, vendor = open_shop
    run_id = await noted_and_failed(house, vendor)
    second = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, second["id"], "failed")
    vendor.moods.clear()
    third = await house.reruns.rerun(owner(house), second["id"])
    await until(house, third["id"], "succeeded")
    assert (len(vendor.calls("/label")), await generation(house, third["id"])) == (1, 1)


async def test_back_on_the_version_of_old_what_was_done_on_it_still_counts(open_shop):
    house, vendor = open_shop
    run_id = await noted_and_failed(house, vendor)
    second = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, second["id"], "failed")
    await publish(house, flow_with(vendor, {**NOTED, "label": "Note it"}))
    vendor.moods.clear()
    third = await house.reruns.rerun(owner(house), second["id"], "failed", "newest")
    await until(house, third["id"], "succeeded")
    run = await house.runs.get(owner(house), third["id"])
    assert [step["node"] for step in run["steps"] if step.get("copied")] == ["label"]


async def test_a_call_of_another_flow_takes_nothing_over_from_the_one_called_before(open_shop):
    house, vendor = open_shop
    await publish_called(house, "flow_old", "/old", vendor)
    await publish_called(house, "flow_new", "/new", vendor)
    await publish(house, flow_with(vendor, calling("flow_old")))
    vendor.moods["/then"] = "refuse"
    run_id = await start(house, event())
    await until(house, run_id, "failed")
    vendor.moods.clear()
    await publish(house, flow_with(vendor, calling("flow_new")))
    made = await house.reruns.rerun(owner(house), run_id, "failed", "newest")
    await until(house, made["id"], "succeeded")
    assert (len(vendor.calls("/old")), len(vendor.calls("/new"))) == (1, 1)


def calling(flow: str) -> dict[str, Any]:
    return {"id": "label", "type": "core.call_flow", "params": {"flow": flow}}


async def publish_called(house, flow: str, path: str, vendor) -> None:
    nodes = [{"id": "called", "type": "core.flow_called"}]
    for id, to in (("send", path), ("then", "/then")):
        params = {"method": "POST", "url": vendor.url(to)}
        nodes.append({"id": id, "type": "core.http_request", "params": params})
    edges = [("called", "send"), ("send", "then")]
    await publish(house, document(nodes, edges, id=flow, name=flow))


async def generation(house, run_id: str) -> int:
    return (await house.reruns.history.row(owner(house), run_id)).generation
