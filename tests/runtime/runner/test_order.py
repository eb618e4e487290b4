"""What a run decides is written in the order it was decided in, however long a segment takes."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from tramo.runner import runner

from tests.kit import document, finished, opened, owner, post, publish, twin


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some segments take long on their way, as large ones do that become files."""
    lighten = runner.lighten
    chance = random.Random(7)

    async def late(*arguments: Any) -> bytes:
        await asyncio.sleep(chance.choice([0, 0, 0.01]))
        return await lighten(*arguments)

    monkeypatch.setattr(runner, "lighten", late)


@pytest.mark.usefixtures("slow_disk")
async def test_a_segment_that_takes_long_loses_nothing(tmp_path):
    async with opened(tmp_path) as house:
        chat = await twin(house, "slack")
        each = {
            "id": "each",
            "type": "core.for_each",
            "params": {"items": {"$expr": "hook.body.items"}, "at_once": 10},
        }
        find = {
            "id": "find",
            "type": "slack.find_user",
            "inside": "each",
            "connection": chat["id"],
            "on_error": "continue",
            "params": {"email": "nobody@example.com"},
        }
        count = {
            "id": "count",
            "type": "core.table_write",
            "inside": "each",
            "params": {"table": "c", "mode": "increment", "key": "k", "values": {"n": 1}},
        }
        flow = document(
            [{"id": "hook", "type": "core.webhook"}, each, find, count],
            [("hook", "each"), ("find", "count")],
        )
        address = (await publish(house, flow))["hook"]
        await post(house, address, {"items": list(range(30))})
        (item,) = await finished(house)
        run = await house.runs.get(owner(house), item["id"])
        assert (run["state"], len(run["steps"])) == ("succeeded", 62)
        rows = [s["output"]["row"]["n"] for s in run["steps"] if s["node"] == "count"]
        assert sorted(rows) == list(range(1, 31))
        ended = {s["node"]: s["ended_at"] for s in run["steps"] if s["node"] == "each"}
        assert ended["each"] >= max(s["ended_at"] for s in run["steps"] if s["node"] == "count")
