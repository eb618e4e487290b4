"""Trials: one node, up to a node, from a node on; pinned data; and what must not happen twice."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tramo.app.run.rerun import Change
from tramo.app.run.trial import Trial
from tramo.model.part import Given
from tramo.model.problem import TramoError

from tests.kit import document, owner, publish
from tests.runtime.app.run.vendor import call, event, labelling, order_hook, start, until


async def confirmed(house, trial: dict[str, Any], flow: str = "flow_test") -> str:
    """Start a trial as a person does: read what it would do, then say yes."""
    try:
        return await house.trials.start(owner(house), flow, Trial(**trial))
    except TramoError as error:
        said = error.params["confirm"]
        return await house.trials.start(owner(house), flow, Trial(**trial, confirm=said))


def states(run: dict[str, Any]) -> dict[str, str]:
    return {
        step["node"]: "given"
        if step.get("given")
        else "kept"
        if step.get("copied")
        else step["state"]
        for step in run["steps"]
    }


def shop_flow(vendor) -> dict[str, Any]:
    """Order, a look at stock, a label (money), and a message."""
    more = {
        "id": "name",
        "type": "core.set",
        "params": {"fields": {"n": {"$expr": "look.body.number"}}},
    }
    nodes = [
        order_hook(),
        call(vendor, "look", "/look", "GET"),
        more,
        call(vendor, "label", "/label"),
        call(vendor, "tell", "/tell"),
    ]
    return document(nodes, [(a["id"], b["id"]) for a, b in pairwise(nodes)])


async def test_up_to_a_node_runs_what_leads_to_it_and_nothing_behind(open_shop):
    house, vendor = open_shop
    await house.flows.put(owner(house), shop_flow(vendor))
    trial = Trial(mode="until", node="name", event=event())
    run = await until(
        house, await house.trials.start(owner(house), "flow_test", trial), "succeeded"
    )
    assert states(run) == {"hook": "succeeded", "look": "succeeded", "name": "succeeded"}
    assert [node["id"] for node in run["document"]["nodes"]] == ["hook", "look", "name"]
    assert not vendor.calls("/label")


async def test_a_part_runs_although_the_rest_of_the_draft_is_broken(open_shop):
    house, vendor = open_shop
    flow = shop_flow(vendor)
    flow["nodes"][3]["params"] = {"url": {"$expr": "nobody."}}
    await house.flows.put(owner(house), flow)
    trial = Trial(mode="until", node="look", event=event())
    await until(house, await house.trials.start(owner(house), "flow_test", trial), "succeeded")
    with pytest.raises(TramoError) as caught:
        await house.trials.start(owner(house), "flow_test", Trial(event=event()))
    assert caught.value.code == "flow.problems"


async def test_what_acts_outside_is_confirmed_first_and_says_what_and_where(open_shop):
    house, vendor = open_shop
    await house.flows.put(owner(house), shop_flow(vendor))
    trial: dict[str, Any] = {"mode": "until", "node": "label", "event": event()}
    with pytest.raises(TramoError) as caught:
        await house.trials.start(owner(house), "flow_test", Trial(**trial))
    (effect,) = caught.value.params["effects"]
    assert (effect["node"], effect["host"], effect["effect"]) == (
        "label",
        "127.0.0.1",
        "never_repeat",
    )
    assert not vendor.heard
    stale = {**trial, "node": "tell", "confirm": caught.value.params["confirm"]}
    with pytest.raises(TramoError):  # What was confirmed is not what would be done.
        await house.trials.start(owner(house), "flow_test", Trial(**stale))
    await until(house, await confirmed(house, trial), "succeeded")
    assert len(vendor.calls("/label")) == 1


async def test_pinned_data_stands_in_for_nodes_with_every_digit(open_shop):
    house, vendor = open_shop
    scope = owner(house)
    await house.flows.put(scope, shop_flow(vendor))
    look = {"body": {"number": 9007199254740993, "price": Decimal("1.10")}}
    await house.pins.put(scope, "flow_test", "look", look)
    (pin,) = (await house.pins.list(scope, "flow_test"))["items"]
    assert pin["output"] == look
    assert str(pin["output"]["body"]["price"]) == "1.10"
    trial = Trial(mode="until", node="name", event=event(), pins=True)
    run = await until(house, await house.trials.start(scope, "flow_test", trial), "succeeded")
    assert states(run)["look"] == "given"
    assert run["steps"][2]["output"] == {"n": 9007199254740993}
    assert not vendor.heard
    assert "look" not in str((await house.flows.export(scope, "flow_test")).get("pins", ""))
    await house.pins.delete(scope, "flow_test", "look")
    assert (await house.pins.list(scope, "flow_test"))["items"] == []


async def test_a_pin_ends_even_what_is_settled_at_once_and_whole_loops(open_shop):
    house, _ = open_shop
    scope = owner(house)
    nodes = [
        {"id": "go", "type": "core.manual"},
        {
            "id": "all",
            "type": "core.for_each",
            "params": {"items": {"$expr": "go"}, "collect": True},
        },
        {
            "id": "one",
            "type": "core.set",
            "inside": "all",
            "params": {"fields": {"x": {"$expr": "item"}}},
        },
        {"id": "sum", "type": "core.set", "params": {"fields": {"n": {"$expr": "all.count"}}}},
    ]
    await house.flows.put(scope, document(nodes, [("go", "all"), ("all", "done", "sum")]))
    await house.pins.put(scope, "flow_test", "one", {"x": 7})
    run_id = await house.trials.start(scope, "flow_test", Trial(event=[1, 2], pins=True))
    run = await until(house, run_id, "succeeded")
    assert [s["output"] for s in run["steps"] if s["node"] == "one"] == [{"x": 7}] * 2
    await house.pins.put(scope, "flow_test", "all", {"count": 99}, "done")
    run_id = await house.trials.start(scope, "flow_test", Trial(event=[1, 2], pins=True))
    run = await until(house, run_id, "succeeded")
    assert states(run) == {"go": "succeeded", "all": "given", "one": "skipped", "sum": "succeeded"}
    assert run["steps"][-1]["output"] == {"n": 99}


async def test_one_node_runs_with_the_data_of_a_run_and_nothing_else_does(open_shop):
    house, vendor = open_shop
    await publish(house, shop_flow(vendor))
    first = await start(house, event())
    await until(house, first, "succeeded")
    heard = len(vendor.heard)
    made = await confirmed(house, {"mode": "only", "node": "tell", "run": first})
    run = await until(house, made, "succeeded")
    ran = {"hook": "succeeded", "name": "succeeded", "tell": "succeeded"}
    assert states(run) == {**ran, "look": "kept", "label": "kept"}
    assert (run["origin"], run["copied_from"], run["rerun"]) == (first, first, "part")
    assert [path for path, _ in vendor.heard[heard:]] == ["/tell"]


async def test_from_a_node_on_can_keep_what_was_done(open_shop):
    house, vendor = open_shop
    await publish(house, shop_flow(vendor))
    first = await start(house, event())
    await until(house, first, "succeeded")
    trial: dict[str, Any] = {"mode": "from", "node": "name", "run": first}
    with pytest.raises(TramoError) as caught:
        await house.trials.start(owner(house), "flow_test", Trial(**trial))
    assert [(it["node"], it["done"]) for it in caught.value.params["effects"]] == [
        ("label", True),
        ("tell", True),
    ]
    run_id = await house.trials.start(owner(house), "flow_test", Trial(**trial, keep=True))
    assert states(await until(house, run_id, "succeeded"))["label"] == "kept"
    assert len(vendor.calls("/label")) == 1
    # Said once more, it goes out once more, and under a key of its own.
    await until(house, await confirmed(house, trial), "succeeded")
    assert len(vendor.calls("/label")) == 2


async def test_what_a_trial_did_is_not_done_again_by_a_rerun(open_shop):
    """The order whose refund failed is refunded by a trial; the re-run must not refund it again."""
    house, vendor = open_shop
    await publish(house, shop_flow(vendor))
    vendor.moods["/label"] = "refuse"
    first = await start(house, event())
    await until(house, first, "failed")
    vendor.moods["/label"] = "ok"
    made = await confirmed(house, {"mode": "only", "node": "label", "run": first})
    await until(house, made, "succeeded")
    again = await house.reruns.rerun(owner(house), first)
    run = await until(house, again["id"], "succeeded")
    assert run["version"] != (await house.runs.get(owner(house), made))["version"]
    assert states(run)["label"] == "kept"
    assert states(run)["tell"] == "succeeded"
    assert len(vendor.calls("/label")) == 2  # the refused one, and the trial's


async def test_pinned_data_of_a_trial_never_reaches_the_runs_of_its_family(open_shop):
    house, vendor = open_shop
    scope = owner(house)
    await publish(house, shop_flow(vendor))
    vendor.moods["/tell"] = "refuse"
    first = await start(house, event())
    await until(house, first, "failed")
    vendor.moods["/tell"] = "ok"
    await house.pins.put(scope, "flow_test", "look", {"body": {"number": 77}})
    await house.pins.put(scope, "flow_test", "tell", {"said": "pinned"})
    trial = Trial(mode="from", node="name", run=first, pins=True, keep=True)
    made = await until(house, await house.trials.start(scope, "flow_test", trial), "succeeded")
    assert states(made)["tell"] == "given"
    again = await house.reruns.rerun(scope, first)
    run = await until(house, again["id"], "succeeded")
    outputs = {step["node"]: step["output"] for step in run["steps"]}
    assert outputs["name"] == {"n": 1}
    assert states(run)["tell"] == "succeeded"  # It was only pinned, never sent.
    assert len(vendor.calls("/tell")) == 2


async def test_a_changed_event_is_worked_out_anew_and_nothing_done_is_repeated(open_shop):
    house, vendor = open_shop
    await publish(house, shop_flow(vendor))
    vendor.moods["/tell"] = "refuse"
    first = await start(house, event())
    await until(house, first, "failed")
    vendor.moods["/tell"] = "ok"
    big = {**event("1002"), "body": {"order": "1002", "id": 820982911946154508}}
    made = await house.reruns.rerun(owner(house), first, change=Change(event=big))
    run = await until(house, made["id"], "succeeded")
    assert run["event"]["payload"] == big
    assert {"kind": "order", "value": "1002"} in run["keys"]
    assert states(run)["look"] == states(run)["tell"] == "succeeded"
    assert states(run)["label"] == "kept"
    assert vendor.calls("/tell")[-1] == big["body"]
    assert len(vendor.calls("/label")) == 1


async def test_a_changed_output_changes_what_follows_from_it(open_shop):
    house, vendor = open_shop
    await publish(house, shop_flow(vendor))
    vendor.moods["/tell"] = "refuse"
    first = await start(house, event())
    await until(house, first, "failed")
    vendor.moods["/tell"] = "ok"
    change = Change(steps=(Given("look", "", {"body": {"number": Decimal("5.50")}}),))
    made = await house.reruns.rerun(owner(house), first, change=change)
    run = await until(house, made["id"], "succeeded")
    shown = {step["node"]: step.get("output") for step in run["steps"]}
    assert shown["name"] == {"n": Decimal("5.50")}
    assert states(run)["look"] == "given"
    assert states(run)["label"] == "kept"
    assert len(vendor.calls("/label")) == 1
    # Another try of it goes on with the changed data.
    once_more = await house.reruns.rerun(owner(house), made["id"], "start")
    run = await until(house, once_more["id"], "succeeded")
    assert {s["node"]: s.get("output") for s in run["steps"]}["name"] == {"n": Decimal("5.50")}


async def test_a_trial_is_refused_where_there_is_nothing_to_try(open_shop):
    house, vendor = open_shop
    flow = labelling(vendor)
    flow["nodes"].append({"id": "alone", "type": "core.log", "params": {"message": "x"}})
    await house.flows.put(owner(house), flow)
    for trial, code in (
        (Trial(mode="only", node="nobody", event={}), "trial.node_unknown"),
        (Trial(mode="only", node="alone", event={}), "trial.no_trigger"),
        (Trial(mode="until", node="hook"), "run.start_with"),
    ):
        with pytest.raises(TramoError) as caught:
            await house.trials.start(owner(house), "flow_test", trial)
        assert caught.value.code == code
