"""`once` inside a loop: one item acts for a key, the others are passed by."""

from __future__ import annotations

from tests.kit import document, finished, opened, owner, post, publish, twin


async def test_once_per_order_holds_among_the_items_of_a_loop(tmp_path):
    async with opened(tmp_path) as house:
        chat = await twin(house, "slack")
        each = {
            "id": "each",
            "type": "core.for_each",
            "params": {"items": [1, 2, 3], "at_once": 3},
        }
        tell = {
            "id": "tell",
            "type": "slack.post_message",
            "inside": "each",
            "connection": chat["id"],
            "once": "order",
            "params": {"channel": "#general", "text": "hello"},
        }
        hook = {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}}
        address = (await publish(house, document([hook, each, tell], [("hook", "each")])))["hook"]
        for _ in range(2):
            await post(house, address, {"id": 7})
        runs = await finished(house, count=2)
        steps = [
            step["state"]
            for run in runs
            for step in (await house.runs.get(owner(house), run["id"]))["steps"]
            if step["node"] == "tell"
        ]
        assert sorted(steps) == ["skipped"] * 5 + ["succeeded"]
