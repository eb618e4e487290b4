"""A commit whose answer was lost: written once, whatever became of it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, insert, select, text, update
from tramo.store import table
from tramo.store.commit import Call, StoreUnavailable, write_group
from tramo.store.database import open_database

from tests.postgres import postgres_url


def add(connection, name: str) -> str:
    connection.execute(insert(table.workspace).values(id=name, name=name, created_at=1))
    return name


def cut(connection) -> None:
    """End the connection's own backend, as a server that goes away does."""
    connection.connection.driver_connection.terminate()


@pytest.fixture
async def database(tmp_path):
    with postgres_url() as url:
        database = await open_database(tmp_path, url)
        yield database
        await database.close()


async def names(database) -> list[str]:
    return await database.read(lambda c: list(c.execute(select(table.workspace.c.id)).scalars()))


async def test_a_line_that_breaks_before_the_commit_stores_nothing_and_is_made_anew(database):
    def broken(connection):
        add(connection, "ws_lost")
        cut(connection)
        connection.execute(select(1))

    with pytest.raises(StoreUnavailable):
        await database.write(broken)
    assert await database.write(lambda c: add(c, "ws_next")) == "ws_next"
    assert await names(database) == ["ws_next"]


@pytest.mark.parametrize("committed", [True, False], ids=["it was committed", "it was not"])
async def test_a_commit_whose_answer_was_lost_is_asked_about(database, monkeypatch, committed):
    """The line is cut at the commit; the database alone knows on which side of it."""
    cuts = iter([True])

    def losing(connection, transaction_commit):
        if next(cuts, False):
            if committed:
                transaction_commit(connection)
            cut(connection)
            connection.exec_driver_sql("SELECT 1")  # Finds out that the line is broken.
        else:
            transaction_commit(connection)

    from sqlalchemy.engine.base import Connection

    original = Connection._commit_impl
    monkeypatch.setattr(Connection, "_commit_impl", lambda self: losing(self, original))
    calls = []

    def once(connection):
        calls.append(1)
        return add(connection, "ws_1")

    assert await database.write(once) == "ws_1"
    assert await names(database) == ["ws_1"]
    assert len(calls) == (1 if committed else 2)


async def test_a_reader_whose_line_broke_reads_all_the_same(database):
    await database.write(lambda c: add(c, "ws_1"))
    assert await names(database) == ["ws_1"]
    await database.write(
        lambda c: c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        ).all()
    )
    assert await asyncio.gather(*(names(database) for _ in range(8))) == [["ws_1"]] * 8


async def test_nobody_can_cancel_database_work_half_way(database):
    async def write(number: int) -> None:
        await database.write(lambda c: add(c, f"ws_{number}"))

    tasks = [asyncio.create_task(write(number)) for number in range(200)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    count = await database.read(
        lambda c: c.execute(select(func.count()).select_from(table.workspace)).scalar_one()
    )
    assert count == 200
    open_ones = await database.read(
        lambda c: c.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%'"
            )
        ).scalar_one()
    )
    assert open_ones == 0


async def test_a_group_is_written_although_one_of_its_units_fails(database):
    def broken(connection):
        connection.execute(insert(table.workspace).values(id=None, name=None, created_at=None))

    def group(connection):
        connection.rollback()
        units = [
            Call(lambda c: add(c, "ws_1"), plain=True),
            Call(broken),
            Call(lambda c: add(c, "ws_2")),
        ]
        return write_group(connection, units)

    with postgres_url() as url:
        from tramo.store.postgresql import PostgresqlHome

        home = await asyncio.to_thread(PostgresqlHome, url)
        outcomes: list = []
        await asyncio.to_thread(home.write, lambda c: outcomes.extend(group(c)))
        await asyncio.to_thread(home.close)
    assert [outcomes[0], outcomes[2]] == ["ws_1", "ws_2"]
    assert isinstance(outcomes[1], Exception)


async def test_two_processes_that_hold_each_other_up_both_write_in_the_end(tmp_path):
    with postgres_url() as url:
        one = await open_database(tmp_path / "one", url)
        other = await open_database(tmp_path / "other", url)
        for name in ("ws_1", "ws_2"):
            await one.write(lambda c, name=name: add(c, name))

        def rename(first: str, second: str, to: str):
            def work(connection) -> str:
                for name in (first, second):
                    workspace = table.workspace
                    connection.execute(
                        update(workspace).where(workspace.c.id == name).values(name=to)
                    )
                    connection.execute(text("SELECT pg_sleep(0.2)"))
                return to

            return work

        done = await asyncio.gather(
            one.write(rename("ws_1", "ws_2", "one"), plain=True),
            other.write(rename("ws_2", "ws_1", "other"), plain=True),
        )
        await one.close()
        await other.close()
    assert done == ["one", "other"]
