"""The group commit: durable, in one piece, and nobody fails for somebody else's mistake."""

from __future__ import annotations

import asyncio
import os
import sqlite3

import pytest
from sqlalchemy import func, insert, select, text
from tramo.model.event import Event
from tramo.model.problem import TramoError
from tramo.store import table
from tramo.store.commit import StoreUnavailable, Unit
from tramo.store.committer import PATIENCE_S, Busy
from tramo.store.database import open_database
from tramo.store.run import Accept


@pytest.fixture
async def database(tmp_path):
    database = await open_database(tmp_path)
    yield database
    await database.close()


def event(number: int, delivery: str | None = None) -> Event:
    return Event(
        id=f"evt_{number}",
        type="core.webhook",
        source="flow_a/hook",
        delivery_id=delivery or str(number),
        received_at=1,
        payload=b"{}",
    )


async def count(database, what=table.event) -> int:
    return await database.read(
        lambda c: c.execute(select(func.count()).select_from(what)).scalar_one()
    )


async def test_units_queued_together_share_commits(database):
    before = database.committer.groups
    await asyncio.gather(*(database.submit(Accept("ws_1", event(n), [])) for n in range(1_000)))
    assert await count(database) == 1_000
    assert database.committer.groups - before < 200


async def test_a_unit_that_fails_does_not_take_its_neighbours_along(database):
    def broken(connection):
        connection.execute(insert(table.workspace).values(id=None, name=None, created_at=None))

    good = [database.submit(Accept("ws_1", event(n), [])) for n in range(3)]
    bad = asyncio.ensure_future(database.write(broken))
    more = [database.submit(Accept("ws_1", event(n), [])) for n in range(3, 6)]
    with pytest.raises(Exception, match="NOT NULL"):
        await bad
    await asyncio.gather(*good, *more)
    assert await count(database) == 6


async def test_of_the_same_delivery_in_one_group_the_first_is_stored(database):
    units = [Accept("ws_1", event(n, "same"), []) for n in range(5)]
    answers = await asyncio.gather(*(database.submit(unit) for unit in units))
    assert [answer.duplicate for answer in answers] == [False, True, True, True, True]
    assert await count(database) == 1


async def test_the_writing_connection_syncs_at_every_commit_and_readers_cannot_write(database):
    level = await database.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one())
    mode = await database.read(lambda c: c.execute(text("PRAGMA journal_mode")).scalar_one())
    assert (level, mode) == (2, "wal")
    with pytest.raises(Exception, match="readonly"):
        await database.read(
            lambda c: c.execute(insert(table.workspace).values(id="x", name="x", created_at=1))
        )


async def test_a_second_process_is_refused_and_told_why(database):
    with pytest.raises(TramoError) as caught:
        await open_database(database.folder)
    assert caught.value.code == "store.in_use"


async def test_a_folder_of_a_newer_tramo_is_refused(tmp_path):
    database = await open_database(tmp_path)
    await database.close()
    with sqlite3.connect(tmp_path / "tramo.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '999.999'")
    with pytest.raises(TramoError) as caught:
        await open_database(tmp_path)
    assert caught.value.code == "store.newer"


async def test_a_full_disk_is_an_answer_to_come_back_and_the_store_goes_on_after_it(database):
    pages = await database.write(lambda c: c.execute(text("PRAGMA page_count")).scalar_one())
    await database.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}"))
    big = Event(
        id="evt_big",
        type="core.webhook",
        source="s",
        delivery_id="big",
        received_at=1,
        payload=b"{" + os.urandom(500_000),
    )
    with pytest.raises(StoreUnavailable):
        await database.submit(Accept("ws_1", big, []))
    await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000"))
    assert not (await database.submit(Accept("ws_1", big, []))).duplicate


class Slow(Unit[str]):
    def apply(self, connection):
        import time

        time.sleep(PATIENCE_S + 1)
        return "written"


async def test_who_will_not_wait_is_told_to_come_back_and_hears_of_the_write_later(database):
    heard: list[str] = []
    with pytest.raises(Busy):
        await database.committer.submit_impatiently(Slow(), heard.append)
    await database.write(lambda c: None)
    assert heard == ["written"]


async def test_closing_writes_what_has_queued(tmp_path):
    database = await open_database(tmp_path)
    futures = [database.submit(Accept("ws_1", event(n), [])) for n in range(50)]
    await database.close()
    await asyncio.gather(*futures)
    with sqlite3.connect(tmp_path / "tramo.sqlite3") as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (50,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
