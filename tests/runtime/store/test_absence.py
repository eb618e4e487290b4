"""PostgreSQL goes and comes back: reads and writes say so in one way, and find it again."""

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
