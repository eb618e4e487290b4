"""A house in which time is moved by hand, with a mailbox and flows that fail."""

from __future__ import annotations

from typing import Any

from tramo.app.house import House
from tramo.app.port import SystemClock
from tramo.model.scope import Scope
from tramo.model.value import encode

OWNER = "olga@shop.example"


class MovedClock(SystemClock):
    """The machine's clock, as far ahead as a test says."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms

    def move(self, *, hours: float = 0, seconds: float = 0) -> None:
        self.ahead_ms += round(hours * 3_600_000 + seconds * 1_000)


class Shop:
    """What the tests do in a house."""

    def __init__(self, house: House, clock: MovedClock) -> None:
        self.house = house
        self.clock = clock
        self.scope = Scope(house.workspace_id, "test")
        self.addresses: dict[str, str] = {}

    async def people(self) -> None:
        await self.house.accounts.ensure_owner(name="Olga", email=OWNER, language="es")

    async def mailbox(self, name: str = "Mail") -> str:
        made = await self.house.connections.create(self.scope, "email", name, "twin", {})
        return made["id"]

    async def chat(self) -> str:
        made = await self.house.connections.create(self.scope, "slack", "Chat", "twin", {})
        return made["id"]

    async def publish(self, flow_id: str = "flow_fails", **settings: Any) -> None:
        """Publish a flow that fails for a delivery which says so."""
        document = {
            "format": 1,
            "id": flow_id,
            "name": "Tag orders",
            "nodes": [
                {"id": "order", "type": "core.webhook", "params": {}},
                {
                    "id": "tag",
                    "type": "core.set",
                    "label": "Tag it",
                    "params": {"fields": {"x": {"$expr": "order.body.total + 1"}}},
                },
            ],
            "edges": [{"from": "order", "to": "tag"}],
            **settings,
        }
        if flow_id in self.addresses:
            await self.house.flows.save_draft(self.scope, flow_id, document)
        else:
            await self.house.flows.create(self.scope, document)
        published = await self.house.flows.publish(self.scope, flow_id)
        self.addresses[flow_id] = published["addresses"][0]["url"].rpartition("/")[2]

    async def order(self, *, fails: bool, flow_id: str = "flow_fails") -> None:
        body = encode({} if fails else {"total": 1})
        answer = await self.house.door.deliver(
            self.addresses[flow_id],
            method="POST",
            headers={"content-type": "application/json"},
            query={},
            body=body,
        )
        assert answer.status < 300, answer.body

    async def look(self) -> None:
        """Let a moment pass, look, and take out what there is to say."""
        self.clock.move(seconds=2)
        await self.house.lookout.look()
        while await self.house.courier.deliver():
            pass

    async def mails(self, connection_id: str) -> list[dict[str, Any]]:
        twin = await self.house.connections.twin(self.scope, connection_id)
        return twin["items"]["inbox"]

    async def alerts(self, **query: Any) -> list[dict[str, Any]]:
        return (await self.house.alerts.list(self.scope, **query))["items"]

    async def notices(self, state: str | None = None) -> list[dict[str, Any]]:
        return (await self.house.notices.list(self.scope, state))["items"]

    async def flow(self, flow_id: str = "flow_fails") -> dict[str, Any]:
        return await self.house.flows.get(self.scope, flow_id)
