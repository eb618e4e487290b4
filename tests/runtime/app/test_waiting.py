"""Runs that wait while their flow changes, in a whole house: moved ones go on, and only once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tramo.app.waiting import WaitingDesk
from tramo.model.scope import Scope

from tests.kit import document, opened, owner, post, publish, steps, twin
from tests.runtime.runner.kit import deliver, items, states, until

HOOK = {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}}
PAYING = document(
    [{"id": "hook", "type": "core.webhook", "params": {"keys": {"paid": "body.id"}}}], []
) | {"id": "flow_paid"}


def waiting(chat: dict[str, Any], said: str, *, first: str = "got it") -> dict[str, Any]:
    def tell(node: str, text: str) -> dict[str, Any]:
        params = {"channel": "#general", "text": text}
        return {
            "id": node,
            "type": "slack.post_message",
            "connection": chat["id"],
            "params": params,
        }

    event = {"type": "core.webhook", "key": "paid", "value": {"$expr": "hook.body.id"}}
    rest = {"id": "rest", "type": "core.wait", "params": {"event": event, "timeout_s": 3600}}
    nodes = [HOOK, tell("ack", first), rest, tell("done", said)]
    return document(nodes, [("hook", "ack"), ("ack", "rest"), ("rest", "done")])


async def standing(house: Any, count: int) -> tuple[dict[str, Any], str]:
    """Let runs wait on the first version."""
    chat = await twin(house, "slack")
    address = (await publish(house, waiting(chat, "old")))["hook"]
    paid = (await publish(house, PAYING))["hook"]
    await deliver(house, address, *({"id": number} for number in range(count)))
    await until(house, *["waiting"] * count, flow_id="flow_test")
    return chat, paid


async def replace(house: Any, flow: dict[str, Any], fate: Any) -> dict[str, Any]:
    scope = owner(house)
    await house.flows.put(scope, flow)
    return await house.flows.publish(scope, "flow_test", waiting=fate)


@pytest.mark.parametrize("restart", [False, True])
async def test_a_moved_run_does_what_the_new_version_says_and_nothing_twice(tmp_path, restart):
    async with opened(tmp_path) as house:
        chat, paid = await standing(house, 2)
        scope, new = owner(house), waiting(chat, "new", first="thank you")
        await house.flows.put(scope, new)
        looked = await house.flows.waiting(scope, "flow_test", "draft")
        assert looked == {"runs": 2, "looked_at": 2, "may_move": 2, "stay": []}
        answer = await house.flows.publish(scope, "flow_test", waiting="move")
        assert answer["waiting"] == {"fate": "move", "done": 2, "stay": [], "next": None}
        moved = await items(house, "flow_test")
        assert {run["version"] for run in moved} == {answer["version"]}
        (act,) = (await house.reruns.family(scope, moved[0]["id"]))["acts"]
        assert (act["what"], act["actor"]) == ("move", scope.actor)
        if not restart:
            await pay_and_look(house, paid)
    if restart:
        async with opened(tmp_path) as house:
            await pay_and_look(house, paid)


async def pay_and_look(house: Any, paid: str) -> None:
    await post(house, paid, {"id": 0})
    await until(house, "succeeded", "waiting", flow_id="flow_test")
    told = await steps(house, (await items(house, "flow_test"))[0]["id"])
    assert told["done"]["input"]["text"] == "new"
    assert told["ack"]["input"]["text"] == "got it", "what was said was said"
    assert (told["ack"]["attempts"], told["done"]["attempts"]) == (1, 1)


async def test_runs_stay_whose_wait_the_new_version_changes(tmp_path):
    async with opened(tmp_path) as house:
        chat, paid = await standing(house, 2)
        flow = waiting(chat, "new")
        flow["nodes"][2]["params"]["timeout_s"] = 7200
        flow["nodes"][2]["label"] = "Until it is paid"
        answer = await replace(house, flow, "move")
        assert answer["waiting"] == {
            "fate": "move",
            "done": 0,
            "stay": [{"why": "node", "node": "rest", "title": None, "runs": 2}],
            "next": None,
        }
        await post(house, paid, {"id": 1})
        await until(house, "waiting", "succeeded", flow_id="flow_test")
        told = await steps(house, (await items(house, "flow_test"))[1]["id"])
        assert told["done"]["input"]["text"] == "old"


async def test_runs_that_nobody_moved_at_once_can_be_moved_later(tmp_path):
    async with opened(tmp_path) as house:
        chat, _ = await standing(house, 1)
        await replace(house, waiting(chat, "new"), "stay")
        scope = owner(house)
        found = (await house.flows.versions(scope, "flow_test"))["items"]
        assert [(v["number"], v["live"], v["waiting"]) for v in found] == [
            (2, True, 0),
            (1, False, 1),
        ]
        settled = await house.flows.settle_waiting(scope, "flow_test", "move", None)
        assert settled["done"] == 1
        found = (await house.flows.versions(scope, "flow_test"))["items"]
        assert [v["waiting"] for v in found] == [1, 0]


async def test_runs_that_wait_end_where_whoever_publishes_says_so(tmp_path):
    async with opened(tmp_path) as house:
        chat, _ = await standing(house, 2)
        answer = await replace(house, waiting(chat, "new"), "cancel")
        assert answer["waiting"]["done"] == 2
        await until(house, "cancelled", "cancelled", flow_id="flow_test")


async def test_a_run_that_goes_on_while_others_are_moved_ends_on_its_version(tmp_path):
    async with opened(tmp_path) as house:
        chat, paid = await standing(house, 2)
        judged = WaitingDesk._judged

        async def slowly(*given: Any) -> Any:
            found = await judged(*given)
            await post(house, paid, {"id": 0})
            await until(house, "succeeded", "waiting", flow_id="flow_test")
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(WaitingDesk, "_judged", slowly)
            answer = await replace(house, waiting(chat, "new"), "move")
        assert answer["waiting"]["done"] == 1
        assert [(group["why"], group["runs"]) for group in answer["waiting"]["stay"]] == [
            ("busy", 1)
        ]
        told = await steps(house, (await items(house, "flow_test"))[0]["id"])
        assert told["done"]["input"]["text"] == "old"


async def test_a_moved_run_that_lay_at_hand_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setattr("tramo.runner.load.WORTH_KEEPING", 0)
    async with opened(tmp_path) as house:
        chat, paid = await standing(house, 1)
        async with asyncio.timeout(10):
            while not house.runner._loader._resting:  # It is laid aside after it is written.
                await asyncio.sleep(0.01)
        await replace(house, waiting(chat, "new"), "move")
        await post(house, paid, {"id": 0})
        await until(house, "succeeded", flow_id="flow_test")
        told = await steps(house, (await items(house, "flow_test"))[0]["id"])
        assert told["done"]["input"]["text"] == "new"


async def test_only_who_may_edit_moves_runs(tmp_path):
    async with opened(tmp_path) as house:
        await standing(house, 1)
        viewer = Scope(house.workspace_id, "user_viewer", "viewer")
        with pytest.raises(Exception, match="not change"):
            await house.flows.settle_waiting(viewer, "flow_test", "cancel", None)
        assert await states(house, "flow_test") == ["waiting"]
