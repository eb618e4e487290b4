"""PostgreSQL goes and comes back, or lets nothing be written for a while: reads and writes say so
in one way, and find it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database, open_database

from tests.postgres import PostgresServer, execute


@pytest.fixture
def server():
    with tempfile.TemporaryDirectory(prefix="tramo-absence-") as place:
        Path(place).chmod(0o755)  # PostgreSQL may run as another user.
        server = PostgresServer(Path(place), fsync=False)
        server.start()
        yield server
        server.kill()


async def read(database: Database) -> int:
    return await database.read(lambda connection: connection.scalar(text("select 1")))


async def write(database: Database) -> None:
    await database.write(
        lambda connection: connection.execute(text("create table if not exists t ()"))
    )


async def test_whoever_reads_while_the_database_is_gone_is_told_to_come_back(server, tmp_path):
    execute(server.url(), "create database tramo")
    database = await open_database(tmp_path / "data", server.url("tramo"))
    try:
        assert await read(database) == 1
        server.kill()
        for _ in range(9):  # Each reading connection: as it breaks, and when it was broken before.
            with pytest.raises(StoreUnavailable):
                await read(database)
        server.start()
        assert await read(database) == 1
    finally:
        await database.close()


DROPPED = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tramo'"


@pytest.mark.parametrize(
    ("closed", "opened", "reads"),
    [
        (
            "alter database tramo set default_transaction_read_only = on",
            "alter database tramo reset default_transaction_read_only",
            True,
        ),
        (
            "alter database tramo allow_connections off",
            "alter database tramo allow_connections on",
            False,
        ),
        ("alter database tramo rename to away", "alter database away rename to tramo", False),
    ],
    ids=["read-only", "nobody is let in", "not there"],
)
async def test_a_database_that_takes_no_writes_is_written_again_when_it_does(
    server, tmp_path, closed, opened, reads
):
    execute(server.url(), "create database tramo")
    database = await open_database(tmp_path / "data", server.url("tramo"))
    try:
        if reads:
            execute(server.url(), closed)
            execute(server.url(), DROPPED)
        else:
            execute(server.url(), DROPPED)
            execute(server.url(), closed)
        for _ in range(9):
            with pytest.raises(StoreUnavailable):
                await write(database)
            if reads:
                assert await read(database) == 1
            else:
                with pytest.raises(StoreUnavailable):
                    await read(database)
        execute(server.url(), opened)
        await write(database)
        assert await read(database) == 1
    finally:
        await database.close()


@pytest.mark.parametrize(
    "state",
    ["40001", "53100", "53200", "55P03", "57014", "58030", "XX001"],
)
async def test_a_write_that_postgresql_is_hindered_in_is_one_to_be_tried_again(
    server, tmp_path, state
):
    """No room, no memory, a lock, a statement's time, a disk: none of it is the writer's mistake,
    so that a run waits with what a vendor answered instead of losing it."""
    execute(server.url(), "create database tramo")
    database = await open_database(tmp_path / "data", server.url("tramo"))
    raised = text(f"do $$ begin raise exception 'no' using errcode = '{state}'; end $$")
    try:
        with pytest.raises(StoreUnavailable):
            await database.write(lambda connection: connection.execute(raised))
        await write(database)
    finally:
        await database.close()
