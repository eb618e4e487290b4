"""A secret that a vendor sends back reaches neither journal nor views."""

from __future__ import annotations

from sqlalchemy import select
from tramo import sdk
from tramo.store import table

from tests.kit import document, finished, opened, owner, publish, steps, twin

SECRET = "xoxb-canary-820982911946154508"


async def test_a_vendor_that_echoes_the_token_is_masked_in_outputs_errors_and_the_file(tmp_path):
    async with opened(tmp_path) as house:
        scope = owner(house)
        chat = await twin(house, "slack", bot_token=SECRET)
        step = {
            "type": "slack.find_user",
            "connection": chat["id"],
            "params": {"email": "ana@example.com"},
        }
        nodes = [{"id": "start", "type": "core.manual"}, {"id": "ask", **step}]
        await publish(house, document(nodes, [("start", "ask")]))

        async def echo(request):
            said = request.headers["authorization"]
            return sdk.json_response({"ok": False, "error": f"strange {said}"})

        definition = house.registry.connectors["slack"]
        house.twins.open(chat["id"], definition, {}).twin._answer = echo
        run_id = await house.flows.start(scope, "flow_test", {}, version="published")
        await finished(house)
        assert SECRET not in str(await steps(house, run_id))
        bodies = await house.database.read(
            lambda c: c.execute(select(table.segment.c.body)).scalars().all()
        )
        assert all(SECRET.encode() not in body for body in bodies)
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file() and "twins" not in path.parts:
            assert SECRET.encode() not in path.read_bytes(), path
