"""`once`: one step acts for a key, the others are passed by, whoever they belong to."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk
from tramo.app.house import open_house
from tramo.registry import discover

from tests.kit import document, finished, opened, owner, post, publish, settings, twin


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


class Parcel(sdk.Params):
    order: str


class Carrier:
    """A vendor whose answers are lost, or who refuses."""

    def __init__(self, error: sdk.ActionError) -> None:
        self.error = error
        self.calls = 0

    def definition(self) -> Any:
        connector = sdk.Connector("carrier", title="Carrier")

        @connector.action("ship", title="Ship", effect="keyed", key_window_s=86_400)
        async def ship(ctx: sdk.Context, params: Parcel) -> dict[str, Any]:
            """Ship a parcel, once for each key."""
            ctx.sending()
            self.calls += 1
            raise self.error

        return connector.tramo_connector()


@pytest.mark.parametrize(
    ("error", "calls"),
    [(sdk.Transient("no answer"), 1), (sdk.Rejected("no such address"), 2)],
    ids=["whether it happened is not known", "it certainly did not happen"],
)
async def test_another_run_acts_for_an_order_only_where_the_first_certainly_did_not(
    tmp_path, error, calls
):
    carrier = Carrier(error)
    registry = discover()
    registry.add(carrier.definition())
    ship = {
        "id": "ship",
        "type": "carrier.ship",
        "once": "order",
        "retry": {"attempts": 1},
        "params": {"order": {"$expr": "hook.body.id"}},
    }
    hook = {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}}
    async with open_house(settings(tmp_path), registry=registry) as house:
        address = (await publish(house, document([hook, ship], [("hook", "ship")])))["hook"]
        for count in (1, 2):
            await post(house, address, {"id": "7"})
            await finished(house, count=count)
    assert carrier.calls == calls
