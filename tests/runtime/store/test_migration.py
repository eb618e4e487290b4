"""Revisions on both databases: they lead to today's tables, however they are interrupted."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tramo.model.problem import TramoError
from tramo.model.value import decode, encode
from tramo.store import upgrade
from tramo.store.database import open_database
from tramo.store.migration.climb import climb, revisions
from tramo.store.migration.draft import differences, draft
from tramo.store.postgresql import PostgresqlHome
from tramo.store.sqlite import SqliteHome
from tramo.store.upgrade import HEAD, MARK, look, prepare

from tests.postgres import postgres_url
from tests.runtime.store.shape import Shape, shape

T = TypeVar("T")

OLDER = [each.revision for each in revisions()][:-1]
RUN = """
    INSERT INTO run (id, workspace_id, flow_id, version, event_id, trigger, state, by_hand, origin,
                     generation, seq, token, crashes, started_at, keys)
    VALUES ('run_1', 'ws_1', 'flow_1', 'v', 'evt_1', 'hook', 'waiting', FALSE, 'run_1',
            0, 0, 1, 0, 1, :keys)
"""
KEY = """
    INSERT INTO run_key (workspace_id, kind, value, run_id, connection_id)
    VALUES ('ws_1', 'order', :value, 'run_1', 'conn_1')
"""


class Place:
    """A database that a test opens as often as it likes."""

    def __init__(self, kind: str, folder: Path, url: str | None) -> None:
        self.kind = kind
        self.folder = folder
        self.url = url

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do something on a connection of its own, and commit."""
        if self.url is None:
            engine = create_engine(f"sqlite:///{self.folder / 'tramo.sqlite3'}", poolclass=NullPool)
            with engine.connect() as connection:
                found = work(connection)
                connection.commit()
            return found
        engine = create_async_engine(self.url.replace(":", "+asyncpg:", 1), poolclass=NullPool)
        async with engine.connect() as connection:
            found = await connection.run_sync(work)
            await connection.commit()
        await engine.dispose()
        return found

    async def make(self, revision: str) -> None:
        """Make an older format's tables, with a run whose steps added a key."""

        def work(connection: Connection) -> None:
            climb(connection, None, revision)
            MARK.create(connection)
            connection.execute(MARK.insert().values(version_num=revision))
            connection.execute(text(RUN), {"keys": encode([["order", "1", "conn_1"]])})
            connection.execute(text(KEY), [{"value": "1"}, {"value": "2"}])

        await self.do(work)

    async def open(self) -> None:
        await (await open_database(self.folder, self.url)).close()

    async def shape(self) -> Shape:
        return await self.do(shape)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Place("sqlite", tmp_path, None)
        return
    with postgres_url(tables=False) as url:
        yield Place("postgresql", tmp_path, url)


@pytest.fixture
def other(place: Place, tmp_path: Path) -> Iterator[Place]:
    """A new database of the same kind."""
    folder = tmp_path / "new"
    folder.mkdir()
    if place.url is None:
        yield Place("sqlite", folder, None)
        return
    with postgres_url(tables=False) as url:
        yield Place("postgresql", folder, url)


def test_no_table_column_or_index_is_without_its_revision():
    lines = [line for line in draft().splitlines() if not line.strip().startswith("#")]
    assert [line for line in lines if line.strip() != "pass"] == []


async def test_every_older_format_becomes_what_a_new_database_is(place: Place, other: Place):
    await other.open()
    new = await other.shape()
    assert await other.do(differences) == []
    for revision in OLDER:
        await place.make(revision)
        await place.open()
        assert await place.shape() == new, revision
        found = await place.do(lambda c: c.execute(text("SELECT keys FROM run")).scalar_one())
        keys = [["order", "1", "conn_1"], ["order", "2", "conn_1"]]
        assert decode(bytes(found)) == (keys if revision < "3" else keys[:1])
        await place.do(_drop_all)


def _drop_all(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        return
    for name in shape(connection):
        connection.execute(text(f'DROP TABLE "{name}"'))
    connection.execute(text("DROP TABLE alembic_version"))
    connection.exec_driver_sql("PRAGMA user_version=0")


async def test_a_database_at_todays_format_costs_one_query(place: Place):
    await place.open()
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    def again(connection: Connection) -> None:
        event.listen(connection, "before_cursor_execute", note)
        prepare(connection)

    await place.do(again)
    assert len(asked) == 1
    assert "alembic_version" in asked[0]


@pytest.mark.sqlite
def test_a_new_database_and_one_of_today_do_not_import_alembic(tmp_path: Path):
    source = """
import asyncio, pathlib, sys
from tramo.store.database import open_database
async def main():
    for _ in range(2):
        await (await open_database(pathlib.Path(sys.argv[1]))).close()
asyncio.run(main())
print("alembic" in sys.modules)
"""
    said = subprocess.run(
        [sys.executable, "-c", source, tmp_path], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "False"


async def test_a_newer_format_is_refused_unless_it_says_that_this_tramo_may_work_on_it(
    place: Place,
):
    await place.open()
    before = await place.shape()
    number = int(HEAD.partition(".")[0])
    mark = "UPDATE alembic_version SET version_num = :mark"
    for newer in (f"{number + 1}.{number}", f"{number + 7}.{number}"):
        await place.do(lambda c, newer=newer: c.execute(text(mark), {"mark": newer}))
        await place.open()
        assert (await place.do(look)).after == newer
    newest = f"{number + 1}.{number + 1}"
    await place.do(lambda c: c.execute(text(mark), {"mark": newest}))
    with pytest.raises(TramoError, match=rf"format {number + 1}.*knows {number}.*newer") as caught:
        await place.open()
    assert caught.value.code == "store.newer"
    assert await place.shape() == before


async def test_the_database_of_another_program_is_left_alone(place: Place):
    await place.do(lambda c: c.execute(text('CREATE TABLE "user" (id INTEGER PRIMARY KEY)')))
    with pytest.raises(TramoError, match="another program") as caught:
        await place.open()
    assert caught.value.code == "store.foreign"
    await place.do(MARK.create)
    await place.do(lambda c: c.execute(MARK.insert().values(version_num="ae1027a6acf")))
    with pytest.raises(TramoError, match="ae1027a6acf"):
        await place.open()
    assert set(await place.shape()) == {"user"}


# Interrupted -------------------------------------------------------------------------------------


def is_change(statement: str) -> bool:
    return not statement.lstrip().upper().startswith(("SELECT", "PRAGMA MAIN", "SET LOCAL"))


def at_changes(work: Callable[[], None]) -> Iterator[None]:
    """Call `work` before each statement that changes something, and before each commit."""

    def statement(*arguments: Any) -> None:
        if is_change(arguments[2]):
            work()

    def commit(_connection: Connection) -> None:
        work()

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", commit)


watching = contextmanager(at_changes)


def contents(path: Path) -> list[str]:
    """Return all that a file holds, after whatever was left in its log is taken back."""
    with sqlite3.connect(path) as connection:
        found = [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]
    connection.close()
    return found


@pytest.mark.sqlite
@pytest.mark.parametrize("script", ["1", "2"])
def test_a_kill_at_any_statement_leaves_the_file_as_it_was(tmp_path: Path, script: str):
    path = tmp_path / "data" / "tramo.sqlite3"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.executescript((Path(__file__).parent / "format" / f"{script}.sql").read_text())
    connection.close()
    before = contents(path)
    copies: list[Path] = []

    def copy() -> None:
        """Keep what a kill at this instant would leave on the disk."""
        copies.append(tmp_path / f"copy_{len(copies)}")
        shutil.copytree(path.parent, copies[-1])

    with watching(copy):
        SqliteHome(path.parent).close()
    assert len(copies) > 40
    for number, kept in enumerate(copies):
        assert contents(kept / path.name) == before, f"killed before change {number}"
    after = contents(path)
    assert f"INSERT INTO \"alembic_version\" VALUES('{HEAD}');" in after
    SqliteHome(copies[-1]).close()
    assert contents(copies[-1] / path.name) == after


@pytest.mark.sqlite
def test_a_kill_while_a_new_file_is_made_leaves_the_making_to_the_next_start(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    copies: list[Path] = []

    def copy() -> None:
        copies.append(tmp_path / f"copy_{len(copies)}")
        shutil.copytree(folder, copies[-1])

    with watching(copy):
        SqliteHome(folder).close()
    whole = contents(folder / "tramo.sqlite3")
    assert len(copies) > 40
    for kept in copies[::7] + copies[-1:]:
        SqliteHome(kept).close()
        assert contents(kept / "tramo.sqlite3") == whole


def dies_at(number: int, work: Callable[[], object]) -> bool:
    """Do something in a process that dies before its `number`th change; False when it has fewer."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = number

    def die() -> None:
        nonlocal left
        left -= 1
        if not left:
            os._exit(9)

    try:
        with watching(die):
            work()
    finally:
        os._exit(0)


def opened(place: Place) -> SqliteHome | PostgresqlHome:
    return SqliteHome(place.folder) if place.url is None else PostgresqlHome(place.url)


async def test_a_server_that_dies_while_it_changes_tables_leaves_them_to_the_next(place: Place):
    """Every change of the last revision and some of those before it, with real deaths."""
    every = 1 if place.kind == "postgresql" else 4  # Of SQLite the test above tries them all.
    for revision, step in ((OLDER[0], 40), (OLDER[-1], every)):
        await place.make(revision)
        before = await place.shape()
        deaths = 1
        while dies_at(deaths, lambda: opened(place)):
            assert await place.shape() == before, f"dead before change {deaths}"
            assert not (await place.do(look)).ready
            deaths += step
        assert deaths > step
        assert (await place.do(look)).ready
        await place.do(_drop_all)


async def test_of_two_servers_one_changes_the_tables_and_the_other_waits():
    with postgres_url(tables=False) as url:
        place = Place("postgresql", Path(), url)
        for revision in (None, OLDER[0]):
            await place.do(_drop_all)
            if revision is not None:
                await place.make(revision)
            made: list[str] = []

            def note(*arguments: Any, made: list[str] = made) -> None:
                if "CREATE TABLE" in arguments[2]:
                    made.append(arguments[2].split("(")[0].split()[-1])

            event.listen(Engine, "before_cursor_execute", note)
            try:
                servers = (asyncio.to_thread(PostgresqlHome, url) for _ in range(4))
                for server in await asyncio.gather(*servers):
                    server.close()
            finally:
                event.remove(Engine, "before_cursor_execute", note)
            assert made.count("pulse") == 1
            assert await place.do(differences) == []


@pytest.mark.parametrize(
    ("name", "hold_it"),
    [
        ("TABLE_S", "LOCK TABLE run IN ACCESS EXCLUSIVE MODE"),
        ("TURN_S", f"SELECT pg_advisory_xact_lock({upgrade.ADVISORY_KEY})"),
    ],
)
async def test_who_holds_a_table_or_the_turn_too_long_stops_the_change_and_not_everybody(
    monkeypatch, name: str, hold_it: str
):
    monkeypatch.setattr(upgrade, name, 0.2)
    with postgres_url(tables=False) as url:
        place = Place("postgresql", Path(), url)
        await place.do(_drop_all)
        await place.make(OLDER[-1])
        before = await place.shape()
        held, done = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            engine = create_async_engine(url.replace(":", "+asyncpg:", 1), poolclass=NullPool)
            async with engine.begin() as connection:
                await connection.execute(text(hold_it))
                held.set()
                await done.wait()
            await engine.dispose()

        async with asyncio.TaskGroup() as group:
            group.create_task(hold())
            await held.wait()
            with pytest.raises(TramoError, match=r"0\.2 s.*Nothing was changed") as caught:
                await asyncio.to_thread(PostgresqlHome, url)
            done.set()
        assert caught.value.code == "store.tables_in_use"
        assert await place.shape() == before
        (await asyncio.to_thread(PostgresqlHome, url)).close()
        assert (await place.do(look)).ready
