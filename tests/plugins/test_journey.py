"""A journey through the whole house: in at the door, out through twins, doubts on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tramo.app.house import House, open_house
from tramo.app.setting import Settings
from tramo.model.scope import Scope
from tramo.ports.http import Interrupted, Request
from tramo.sdk import Response

FINAL = {"succeeded", "failed", "cancelled", "asking"}


class Journey:
    """A house with a chat and a mailbox, and a flow that tells both what was said."""

    def __init__(self, house: House, scope: Scope) -> None:
        self.house = house
        self.scope = scope
        self.chat = ""
        self.mail = ""

    async def begin(self) -> None:
        desk = self.house.connections
        self.chat = (await desk.create(self.scope, "slack", "Chat", "twin", {}))["id"]
        self.mail = (await desk.create(self.scope, "email", "Mail", "twin", {}))["id"]
        document = {
            "format": 1,
            "id": "flow_journey",
            "name": "Pass on what was said",
            "nodes": [
                {"id": "said", "type": "slack.message_posted", "connection": self.chat},
                {
                    "id": "tell",
                    "type": "slack.post_message",
                    "connection": self.chat,
                    "params": {"channel": "#vip", "text": {"$text": "Said: {{ said.text }}"}},
                },
                {
                    "id": "write",
                    "type": "email.send",
                    "connection": self.mail,
                    "params": {
                        "to": ["ana@example.com"],
                        "subject": {"$text": "In {{ tell.channel }}"},
                        "text": {"$expr": "said.text"},
                    },
                },
            ],
            "edges": [{"from": "said", "to": "tell"}, {"from": "tell", "to": "write"}],
        }
        flow = await self.house.flows.create(self.scope, document)
        assert flow["problems"] == []
        await self.house.flows.publish(self.scope, flow["id"])

    async def happen(self, payload: Any = None) -> dict[str, Any]:
        desk = self.house.connections
        return await desk.twin_deliver(self.scope, self.chat, "slack.message_posted", payload)

    async def runs(self) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while True:
                items = (await self.house.runs.list(self.scope))["items"]
                if all(item["state"] in FINAL for item in items):
                    return items
                await self.house.clock.sleep(0.02)

    def twin(self, connector: str, connection: str) -> Any:
        found = self.house.registry.connectors[connector]
        return self.house.twins.open(connection, found, found.twin.demo_credential()).twin

    async def ledger(self, connection: str) -> list[str]:
        twin = await self.house.connections.twin(self.scope, connection)
        return [entry["summary"] for entry in twin["ledger"]]


@pytest.fixture
async def journey(tmp_path: Path) -> AsyncIterator[Journey]:
    async with open_house(Settings(data=tmp_path / "data", key_file=tmp_path / "key")) as house:
        begun = Journey(house, Scope(workspace_id=house.workspace_id, actor="test"))
        await begun.begin()
        yield begun


SAID = {
    "type": "event_callback",
    "event_id": "Ev0001",
    "api_app_id": "A1",
    "event": {
        "type": "message",
        "channel": "C0DEMO0001",
        "user": "U0ANATORRES",
        "text": "820982911946154508 costs 10.10",
        "ts": "1760000000.000001",
    },
}


async def test_what_is_said_in_a_channel_reaches_another_channel_and_a_mailbox(
    journey: Journey,
) -> None:
    answer = await journey.happen(SAID)
    assert answer["status"] == 200
    (run,) = await journey.runs()
    assert run["state"] == "succeeded"
    said = "820982911946154508 costs 10.10"
    assert await journey.ledger(journey.chat) == [f"Message to #vip: Said: {said}"]
    assert await journey.ledger(journey.mail) == ["Mail to ana@example.com: In C0DEMO0004"]


async def test_the_same_event_twice_is_one_run_and_one_message(journey: Journey) -> None:
    for _ in range(2):
        assert (await journey.happen(SAID))["status"] == 200
    assert len(await journey.runs()) == 1
    assert len(await journey.ledger(journey.chat)) == 1


async def test_a_lost_answer_is_looked_up_and_not_sent_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = journey.twin("slack", journey.chat)
    carry = twin.send

    async def lose(request: Request) -> Response:
        answer = await carry(request)
        if request.url.endswith("chat.postMessage"):
            raise Interrupted("reset")
        return answer

    monkeypatch.setattr(twin, "send", lose)
    await journey.happen(SAID)
    (run,) = await journey.runs()
    posted = [line for line in await journey.ledger(journey.chat) if line.startswith("Message")]
    assert len(posted) == 1
    assert run["state"] == "succeeded"
    assert len(await journey.ledger(journey.mail)) == 1


async def test_a_letter_whose_answer_is_lost_is_asked_about_and_sent_once(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = journey.twin("email", journey.mail)
    keep = twin._keep

    def vanish(*letter: Any) -> None:
        keep(*letter)
        raise ConnectionResetError

    monkeypatch.setattr(twin, "_keep", vanish)
    await journey.happen(SAID)
    (run,) = await journey.runs()
    assert (run["state"], run["reason"]) == ("asking", "unknown_outcome")

    output = {"message_id": "<seen in the mailbox>", "accepted": [], "refused": []}
    answer = journey.house.runs.answer
    await answer(journey.scope, run["id"], "write", [], "happened", output)
    async with asyncio.timeout(20):
        while (await journey.runs())[0]["state"] == "asking":
            await journey.house.clock.sleep(0.02)
    (run,) = await journey.runs()
    assert run["state"] == "succeeded"
    assert len(twin.state["inbox"]) == 1
