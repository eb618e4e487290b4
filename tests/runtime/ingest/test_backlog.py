"""The backlog: in a crowd, deliveries are kept as they came, and each is read once, in its turn."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from tramo.ingest import backlog as backlogging
from tramo.ingest.door import Door
from tramo.model.event import Event
from tramo.model.problem import TramoError
from tramo.model.value import decode
from tramo.store import table
from tramo.store.backlog import Keep, Kept, count_backlog
from tramo.store.dictation import Doubtful
from tramo.store.epoch import raise_epoch
from tramo.store.run import Accept, NewRun
from tramo.store.sift import Sift

from tests.bench.order import ORDER
from tests.kit import document, finished, opened, owner, post, publish, shopify_headers, steps, twin

pytestmark = pytest.mark.sqlite

CROWD = 60


def hook(flow_id="flow_test", **params):
    copy = {"fields": {"n": {"$expr": "hook.body.n"}}}
    return document(
        [
            {"id": "hook", "type": "core.webhook", "params": params},
            {"id": "copy", "type": "core.set", "params": copy},
        ],
        [("hook", "copy")],
        id=flow_id,
    )


async def crowd(house, address, bodies=None, **headers):
    """Deliver many at once; return the answers."""
    bodies = [{"n": n} for n in range(CROWD)] if bodies is None else bodies
    return await asyncio.gather(*(post(house, address, body, **headers) for body in bodies))


async def read_all(house):
    """Wait until nothing is kept any more."""
    async with asyncio.timeout(30):
        while house.backlog.size or await house.database.read(count_backlog):
            await asyncio.sleep(0.01)


async def numbers(house) -> list[int]:
    """Return what runs have seen, in the order in which their events came."""
    items = await finished(house)
    found = [(await steps(house, item["id"]))["copy"]["output"]["n"] for item in items]
    return found[::-1]


@asynccontextmanager
async def closed_eyes(folder):
    """Open a house that keeps everything and reads nothing."""
    async with opened(folder) as house:
        read = house.door.read_kept
        house.backlog._crowd = 0
        house.backlog._loop.cancel()
        await asyncio.sleep(0)
        house.backlog._loop = asyncio.ensure_future(asyncio.Event().wait())
        try:
            yield house
        finally:
            house.door.read_kept = read


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


async def test_in_a_crowd_every_delivery_is_answered_and_makes_one_run(house):
    address = (await publish(house, hook()))["hook"]
    answers = await crowd(house, address)
    assert {status for status, _ in answers} == {200}
    kept = [answer["event"] for _, answer in answers if answer.get("kept")]
    assert 0 < len(kept) < CROWD  # The first ones met no crowd.
    await read_all(house)
    assert sorted(await numbers(house)) == list(range(CROWD))
    events = await house.database.read(lambda c: c.execute(select(table.event.c.id)).scalars())
    assert set(kept) < set(events)


async def test_what_is_written_while_the_last_look_finds_nothing_is_read_too(house, monkeypatch):
    """It lay there until the next delivery came, or the next start."""
    address = (await publish(house, hook()))["hook"]
    read, late = house.database.read, []

    async def overtaken(function):
        found = await read(function)
        if found == [] and house.backlog.wants(address, 1) and len(late) < 3:
            late.append(await post(house, address, {"n": CROWD + len(late)}))
        return found

    monkeypatch.setattr(house.database, "read", overtaken)
    await crowd(house, address)
    await read_all(house)
    assert [(status, answer["kept"]) for status, answer in late] == [(200, True)] * 3
    assert sorted(await numbers(house)) == list(range(CROWD + 3))


async def test_who_waits_for_the_runs_end_is_not_kept(house):
    address = (await publish(house, hook(answer="finished")))["hook"]
    answers = await crowd(house, address)
    assert [answer["output"]["n"] for _, answer in answers] == list(range(CROWD))


async def test_no_delivery_overtakes_another_one_of_its_address(house):
    address = (await publish(house, hook()))["hook"]
    crowding = asyncio.ensure_future(crowd(house, address))
    while not house.backlog.size:
        await asyncio.sleep(0)
    late = [await post(house, address, {"n": CROWD + n}) for n in range(3)]
    await crowding
    await read_all(house)
    assert late[0][1]["kept"]
    assert await numbers(house) == list(range(CROWD + 3))


async def test_another_address_does_not_wait_behind_a_crowd(house, monkeypatch):
    monkeypatch.setattr(backlogging, "SHARE", 0.0001)  # Nearly nothing of it is read meanwhile.
    address = (await publish(house, hook()))["hook"]
    other = (await publish(house, hook("flow_other")))["hook"]
    crowding = asyncio.ensure_future(crowd(house, address, [{"n": n} for n in range(400)]))
    while not house.backlog.size:
        await asyncio.sleep(0)
    while house.intake.entering:
        await asyncio.sleep(0)
    status, answer = await post(house, other, {"n": 1})
    assert (status, len(answer["runs"])) == (200, 1)
    await crowding


async def test_what_was_kept_is_read_after_the_next_start(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        answers = await crowd(house, address)
        assert all(answer["kept"] for _, answer in answers)
    async with opened(tmp_path) as house:
        assert (await post(house, address, {"n": CROWD}))[1]["kept"]  # It waits behind the others.
        await read_all(house)
        assert await numbers(house) == list(range(CROWD + 1))


async def test_a_delivery_that_came_twice_makes_one_run(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook(dedupe="body.n")))["hook"]
        await crowd(house, address, [{"n": n % 5} for n in range(20)])
    async with opened(tmp_path) as house:
        await read_all(house)
        assert sorted(await numbers(house)) == list(range(5))


async def test_what_cannot_be_read_is_kept_as_rejected(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        assert (await post(house, address, b"{broken"))[0] == 200
    async with opened(tmp_path) as house:
        await read_all(house)
        ((reason, body),) = await rejected(house)
        assert body == b"{broken"
        assert reason


async def test_what_nobody_listens_to_any_more_is_kept_as_rejected(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        await post(house, address, {"n": 1})
        await house.flows.pause(owner(house), "flow_test")
    async with opened(tmp_path) as house:
        await read_all(house)
        ((reason, body),) = await rejected(house)
        assert (reason, body) == ("Nothing listens at its address any more.", b'{"n":1}')


async def test_a_reader_that_breaks_loses_nothing(tmp_path, monkeypatch, caplog):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        await post(house, address, {"n": 1})

    async def breaks(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("tramo.ingest.door.Door._read_webhook", breaks)
    async with opened(tmp_path) as house:
        await read_all(house)
        assert await rejected(house) == [("It could not be read (ZeroDivisionError).", b'{"n":1}')]
    assert "could not be read" in caplog.text


async def test_what_cannot_be_stored_yet_is_read_again(tmp_path, monkeypatch):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        await crowd(house, address)
    monkeypatch.setattr(backlogging, "RETRY_S", 0.01)
    monkeypatch.setattr("tramo.ingest.intake.QUEUE_LIMIT", -1)  # The store is busy.
    async with opened(tmp_path) as house:
        await asyncio.sleep(0.1)
        assert sum((await house.database.read(count_backlog)).values()) == CROWD
        monkeypatch.undo()
        await read_all(house)
        assert sorted(await numbers(house)) == list(range(CROWD))


@pytest.mark.parametrize("error", [TramoError("vault.locked", "Not now.", status=503), KeyError])
async def test_an_address_that_cannot_be_read_holds_up_no_other(tmp_path, monkeypatch, error):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        other = (await publish(house, hook("flow_other")))["hook"]
        for each in (address, other):
            await crowd(house, each)
    reads = Door.read_kept

    async def read_kept(door, kept):
        if kept.address == address:
            raise error
        await reads(door, kept)

    monkeypatch.setattr(Door, "read_kept", read_kept)
    monkeypatch.setattr(backlogging, "RETRY_S", 1_000.0)
    async with opened(tmp_path) as house:
        async with asyncio.timeout(30):
            while set(await house.database.read(count_backlog)) != {address}:
                await asyncio.sleep(0.01)
        assert sorted(await numbers(house)) == list(range(CROWD))
    monkeypatch.undo()
    async with opened(tmp_path) as house:
        await read_all(house)
        assert len(await finished(house, count=2 * CROWD)) == 2 * CROWD


async def test_a_full_backlog_tells_senders_to_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(backlogging, "ADDRESS_MOST", 5)
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        answers = await crowd(house, address, [{"n": n} for n in range(8)])
        assert [status for status, _ in answers] == [200] * 5 + [503] * 3
        other = (await publish(house, hook("flow_other")))["hook"]
        assert (await post(house, other, {"n": 1}))[0] == 200


async def test_no_secret_is_written_down(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook(secret="very hush")))["hook"]
        assert (await post(house, address, {"n": 1}, x_tramo_secret="very hush"))[1]["kept"]
        assert (await post(house, address, {"n": 1}, x_tramo_secret="no"))[0] == 401
        (body,) = await house.database.read(
            lambda c: c.execute(select(table.backlog.c.body)).scalars().all()
        )
    assert b"very hush" not in body
    async with opened(tmp_path) as house:
        await read_all(house)
        assert await numbers(house) == [1]


async def test_a_secret_in_an_address_is_not_written_down_either(tmp_path):
    data = {"data[id]": "1", "data[list_id]": "a", "data[email]": "ana@example.com"}
    said = {"type": "subscribe", "fired_at": "2026-11-21 10:35:57", **data}
    flow = document(
        [
            {"id": "joined", "type": "mailchimp.person_subscribed"},
            {
                "id": "copy",
                "type": "core.set",
                "params": {"fields": {"n": {"$expr": "joined.email"}}},
            },
        ],
        [("joined", "copy")],
    )
    async with closed_eyes(tmp_path) as house:
        made = await twin(
            house, "mailchimp", api_key="0123456789abcdef-us21", webhook_secret="hush"
        )
        flow["nodes"][0]["connection"] = made["id"]
        await publish(house, flow)
        answer = await house.door.deliver(
            made["address"].rpartition("/in/")[2],
            method="POST",
            headers={"content-type": "application/x-www-form-urlencoded"},
            query={"secret": "hush", "lang": "ro"},
            body=urlencode(said).encode(),
        )
        assert decode(answer.body)["kept"]
        (body,) = await house.database.read(
            lambda c: c.execute(select(table.backlog.c.body)).scalars().all()
        )
    assert b"lang" in body
    assert b"hush" not in body
    async with opened(tmp_path) as house:
        await read_all(house)
        assert await numbers(house) == ["ana@example.com"]


async def test_a_vendors_deliveries_are_kept_too(tmp_path):
    flow = document(
        [
            {"id": "order", "type": "shopify.order_created"},
            {"id": "copy", "type": "core.set", "params": {"fields": {"n": "{{ order.id }}"}}},
        ],
        [("order", "copy")],
    )
    async with closed_eyes(tmp_path) as house:
        made = await twin(house, "shopify", shop="tramo-demo", client_secret="hush")
        flow["nodes"][0]["connection"] = made["id"]
        await publish(house, flow)
        address = made["address"].rpartition("/in/")[2]
        for name in ("a", "a", "b"):
            headers = shopify_headers(ORDER, "hush", name)
            status, answer = await post(house, address, ORDER, **headers)
            assert (status, answer["kept"]) == (200, True)
        assert (await post(house, address, ORDER, **shopify_headers(ORDER, "no", "c")))[0] == 401
    async with opened(tmp_path) as house:
        await read_all(house)
        assert len(await finished(house, count=2)) == 2


async def test_what_a_backup_brings_back_is_marked(tmp_path):
    async with closed_eyes(tmp_path) as house:
        address = (await publish(house, hook()))["hook"]
        await post(house, address, {"n": 1})
        await house.database.write(lambda c: raise_epoch(c, now=2, made_at=1))
    async with opened(tmp_path) as house:
        await read_all(house)
        (run,) = await finished(house)
        marked = await house.database.read(
            lambda c: c.execute(select(table.restored.c.run_id)).scalars().all()
        )
        assert run["id"] in marked


# In the store ------------------------------------------------------------------------------------


def kept(number=1) -> Kept:
    return Kept(
        address="there", id=f"evt_{number}", workspace_id="ws_1", received_at=number, body=b"{}"
    )


def told(number: int, run: str, kind=Accept):
    event = Event(
        id=f"evt_{number}",
        type="core.webhook",
        source="flow_a/hook",
        delivery_id=f"evt_{number}",
        received_at=number,
        payload=b"{}",
    )
    made = NewRun(
        id=run, workspace_id="ws_1", flow_id="f", version="v", trigger="hook", origin=run,
        due_at=1, started_at=1, keys=(),
    )  # fmt: skip
    return kind("ws_1", event, [made], kept=kept(number).place)


@pytest.mark.parametrize("kind", [Accept, Sift])
async def test_a_delivery_that_two_have_read_is_told_once(house, kind):
    submit = house.database.submit
    await asyncio.gather(submit(Keep(kept(1))), submit(Keep(kept(2))))
    both = await asyncio.gather(
        submit(told(1, "run_a", kind)), submit(told(1, "run_b", kind)), submit(told(2, "run_c"))
    )
    later = await submit(told(1, "run_d", kind))
    assert [each.duplicate for each in (*both, later)] == [False, True, False, True]
    runs = await house.database.read(lambda c: c.execute(select(table.run.c.id)).scalars().all())
    assert sorted(runs) == ["run_a", "run_c"]


async def test_a_scribe_keeps_and_tells_as_the_thread_does(tmp_path):
    async with opened(tmp_path) as house:
        submit, committer = house.database.submit, house.database.committer
        house.database.expect_much()
        async with asyncio.timeout(30):
            while committer.scribe is None:
                await asyncio.sleep(0.01)
        await submit(Keep(kept(1)))
        assert (await asyncio.gather(submit(told(1, "run_a"))))[0].duplicate is False
        assert (await submit(told(1, "run_b"))).duplicate
        assert await house.database.read(count_backlog) == {}


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
async def test_a_delivery_that_was_kept_by_a_lost_scribe_is_not_kept_twice(house, read):
    submit = house.database.submit
    await submit(Keep(kept(1)))
    if read:
        await submit(told(1, "run_a"))
    await submit(Doubtful(Keep(kept(1))))
    assert sum((await house.database.read(count_backlog)).values()) == (0 if read else 1)


async def test_a_killed_server_loses_nothing_that_was_kept(tmp_path):
    """The file as a kill leaves it is the one that lies there while the server is open."""
    async with closed_eyes(tmp_path / "a") as house:
        address = (await publish(house, hook()))["hook"]
        await crowd(house, address)
        with sqlite3.connect(tmp_path / "a" / "data" / "tramo.sqlite3") as driver:
            assert driver.execute("SELECT count(*) FROM backlog").fetchone() == (CROWD,)


async def rejected(house):
    columns = (table.rejected.c.reason, table.rejected.c.body)
    return await house.database.read(lambda c: [tuple(r) for r in c.execute(select(*columns))])
