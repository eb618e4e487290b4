"""F29: a restored house repeats nothing unasked, whoever begins the run that would."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tramo.app.backup.make import make_backup
from tramo.app.backup.restore import mark_restored, restore_backup
from tramo.app.play import JumpingClock
from tramo.app.port import SystemClock
from tramo.model.problem import TramoError
from tramo.store import epoch
from tramo.store.database import open_database

from tests.kit import document, owner, post, publish, settings, steps, twin
from tests.postgres import postgres_url
from tests.runtime.runner.kit import items, jump, opened, until
from tests.runtime.store.kit import add_run

pytestmark = pytest.mark.sqlite

TELL = {
    "id": "tell",
    "type": "slack.post_message",
    "params": {"channel": "#orders", "text": "Hello"},
}


def told(connection: str) -> dict:
    return {**TELL, "connection": connection}


async def back_up(folder: Path, name: str = "one.tramo") -> Path:
    file = folder / name
    now = SystemClock().now_ms()
    await asyncio.to_thread(make_backup, settings(folder / "old"), file, made_at=now)
    return file


async def bring_back(folder: Path, file: Path) -> Path:
    """Restore a backup, with the key of before, into a folder of a house."""
    place = folder / "new"
    await restore_backup(settings(place), file, SystemClock())
    (place / "keys").mkdir()
    key = (folder / "old" / "keys" / "key.toml").read_bytes()
    (place / "keys" / "key.toml").write_bytes(key)
    (place / "keys" / "key.toml").chmod(0o600)
    return place


async def messages(house, connection: str) -> int:
    ledger = (await house.connections.twin(owner(house), connection))["ledger"]
    return sum("chat.postMessage" in entry["path"] for entry in ledger)


async def test_a_waiting_run_asks_and_so_does_what_it_calls(tmp_path):
    clock = JumpingClock()
    called = document(
        [{"id": "start", "type": "core.flow_called"}, {**TELL}], [("start", "tell")], id="flow_b"
    )
    async with opened(tmp_path / "old", clock) as house:
        chat = (await twin(house, "slack", bot_token="xoxb-1"))["id"]
        called["nodes"][1]["connection"] = chat
        await publish(house, called)
        call = {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_b"}}
        wait = {"id": "rest", "type": "core.wait", "params": {"seconds": 3_600}}
        flow = document(
            [{"id": "hook", "type": "core.webhook"}, wait, call, told(chat)],
            [("hook", "rest"), ("rest", "call"), ("rest", "tell")],
        )
        address = (await publish(house, flow))["hook"]
        await post(house, address, {"n": 1})
        await until(house, "waiting")
        file = await back_up(tmp_path)
        jump(house, clock, 4_000)
        await until(house, "succeeded", "succeeded")
        assert await messages(house, chat) == 2
    clock = JumpingClock()
    place = await bring_back(tmp_path, file)
    async with opened(place, clock) as house:
        sent = await messages(house, chat)
        jump(house, clock, 4_000)
        await until(house, "asking", "asking")
        assert await messages(house, chat) == sent, "nothing was sent again"
        first, second = await items(house)
        step = (await steps(house, first["id"]))["tell"]
        assert step["error"].code == "step.unknown_outcome"
        assert "restored from a backup" in step["error"].message
        await post(house, address, {"n": 2})
        await until(house, "asking", "asking", "waiting")
        jump(house, clock, 4_000)
        await until(house, "asking", "asking", "succeeded", "succeeded")
        assert await messages(house, chat) == sent + 2, "what begins after it is as ever"
        for run in (second, first):
            await house.doubts.answer(owner(house), run["id"], "tell", outcome="happened")
        await until(house, *["succeeded"] * 4)
        assert await messages(house, chat) == sent + 2


async def test_a_mark_of_postgresql_is_as_good_as_a_restore(tmp_path):
    with postgres_url() as url:
        database = await open_database(tmp_path, url)
        await add_run(database, "run_1", state="waiting")
        await database.close()
        raised = await mark_restored(
            settings(tmp_path, database=url), SystemClock(), made_at="2026-11-22T03:00:00Z"
        )
        assert (raised.epoch.number, raised.open_runs) == (1, 1)
        assert raised.epoch.made_at == 1_795_316_400_000
        database = await open_database(tmp_path, url)
        found = await database.read(lambda c: epoch.restored_from(c, "run_1"))
        assert found == raised.epoch.made_at
        await database.close()


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T03:00:00"])
async def test_an_instant_needs_its_zone(tmp_path, text):
    with pytest.raises(TramoError, match="zone"):
        await mark_restored(
            settings(tmp_path, database="postgresql://x"), SystemClock(), made_at=text
        )


async def test_a_firing_that_is_made_up_for_after_a_restore_asks(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path / "old", clock) as house:
        chat = (await twin(house, "slack", bot_token="xoxb-1"))["id"]
        every = {"id": "tick", "type": "core.schedule", "params": {"every_s": 3_600}}
        await publish(house, document([every, told(chat)], [("tick", "tell")]))
        file = await back_up(tmp_path)
        jump(house, clock, 3_700)
        house.scheduler.changed()
        await until(house, "succeeded")
    place = await bring_back(tmp_path, file)
    database = await open_database(place / "data")
    later = clock.now_ms() + 60_000  # It took that long until somebody restored it.
    await database.write(lambda c: c.exec_driver_sql("UPDATE epoch SET raised_at = ?", (later,)))
    await database.close()
    clock.jump_to(later)
    async with opened(place, clock) as house:
        await until(house, "asking")
        jump(house, clock, 3_700)
        house.scheduler.changed()
        await until(house, "asking", "succeeded")
