"""Another try of a run that had done something for some items of a list."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.app.run.rerun import Change

from tests.kit import document, owner, publish
from tests.runtime.app.run.vendor import event, order_hook, start, until


def refunding(vendor, items: str = "hook.body.lines") -> dict[str, Any]:
    """A flow that calls the vendor once for each line."""
    url = {"$text": vendor.url("/line/") + "{{ item }}"}
    nodes = [
        order_hook(),
        {"id": "each", "type": "core.for_each", "params": {"items": {"$expr": items}}},
        {
            "id": "refund",
            "type": "core.http_request",
            "inside": "each",
            "params": {"method": "POST", "url": url, "json": {"$expr": "item"}},
        },
    ]
    return document(nodes, [("hook", "each")])


async def failed_at_c(house, vendor, **fields: Any) -> str:
    await publish(house, refunding(vendor, **fields))
    await house.variables.put(owner(house), "lines", list("abc"))
    vendor.moods["/line/c"] = "refuse"
    run_id = await start(house, event(lines=list("abc")))
    await until(house, run_id, "failed")
    vendor.moods.clear()
    return run_id


def refunds(vendor) -> str:
    return "".join(path[-1] for path, _ in vendor.heard)


async def test_a_list_that_lost_its_order_is_refused_for_some_of_it_is_done(open_shop):
    house, vendor = open_shop
    run_id = await failed_at_c(house, vendor)
    change = Change(event=event(lines=list("xabc")))
    made = await house.reruns.rerun(owner(house), run_id, change=change)
    run = await until(house, made["id"], "failed")
    assert (run["error"]["code"], run["error"]["params"]) == ("loop.items_changed", {"item": 1})
    assert refunds(vendor) == "abc"


@pytest.mark.parametrize(
    ("lines", "sent"),
    [("abd", "d"), ("abcd", "cd"), ("ab", ""), ("a", "")],
    ids=["one mended", "one more", "one less", "two less"],
)
async def test_a_list_may_change_where_nothing_was_done_yet(open_shop, lines, sent):
    house, vendor = open_shop
    run_id = await failed_at_c(house, vendor)
    change = Change(event=event(lines=list(lines)))
    made = await house.reruns.rerun(owner(house), run_id, change=change)
    await until(house, made["id"], "succeeded")
    assert refunds(vendor) == "abc" + sent


async def test_what_a_third_try_may_not_repeat_is_what_any_before_it_did(open_shop):
    house, vendor = open_shop
    run_id = await failed_at_c(house, vendor)
    vendor.moods["/line/e"] = "refuse"
    second = await house.reruns.rerun(
        owner(house), run_id, change=Change(event=event(lines=list("abde")))
    )
    await until(house, second["id"], "failed")
    third = await house.reruns.rerun(
        owner(house), second["id"], change=Change(event=event(lines=list("abce")))
    )
    run = await until(house, third["id"], "failed")
    assert run["error"]["params"] == {"item": 3}
    assert refunds(vendor) == "abcde"


async def test_what_failed_is_not_tried_again_for_another_list_of_variables(open_shop):
    house, vendor = open_shop
    run_id = await failed_at_c(house, vendor, items="vars.lines")
    await house.variables.put(owner(house), "lines", list("cab"))
    made = await house.reruns.rerun(owner(house), run_id)
    run = await until(house, made["id"], "failed")
    assert run["error"]["code"] == "loop.items_changed"
    await house.variables.put(owner(house), "lines", list("abc"))
    made = await house.reruns.rerun(owner(house), run_id)
    await until(house, made["id"], "succeeded")
    assert refunds(vendor) == "abcc"
