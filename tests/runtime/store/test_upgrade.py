"""A database of every format becomes what a new one is, keeps what it holds, and goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from tramo.store.database import open_database
from tramo.store.upgrade import HEAD

from tests import kit
from tests.runtime.store.shape import shape

pytestmark = pytest.mark.sqlite

FORMATS = sorted((Path(__file__).parent / "format").glob("*.sql"))
FOLDERS = sorted((Path(__file__).parents[3] / "schemas" / "history").glob("*.sql"))


def write_old(folder: Path, script: Path) -> Path:
    """Make a data folder as an older Tramo left it."""
    path = folder / "data" / "tramo.sqlite3"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(script.read_text())
    connection.close()
    return path


def look(path: Path) -> object:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = shape(connection)
    engine.dispose()
    return found


@pytest.mark.parametrize("script", FORMATS + FOLDERS, ids=lambda path: path.stem)
async def test_an_older_folder_becomes_what_a_new_one_is(tmp_path, script):
    old = write_old(tmp_path / "old", script)
    await (await open_database(old.parent)).close()
    new = tmp_path / "new"
    await (await open_database(new)).close()
    assert look(old) == look(new / "tramo.sqlite3")
    with sqlite3.connect(old) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


async def test_a_folder_of_a_build_in_between_gets_what_was_added_since(tmp_path):
    path = write_old(tmp_path, FOLDERS[-1])
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE stripped")
        connection.execute("DROP INDEX run_copies")
        connection.execute("CREATE TABLE pulse (name VARCHAR(40) NOT NULL PRIMARY KEY, at BIGINT)")
    connection.close()
    await (await open_database(path.parent)).close()
    assert not {"stripped", "pulse"} - set(look(path))
    with sqlite3.connect(path) as connection:
        indexes = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "run_copies" in indexes


async def test_runs_of_the_first_format_are_kept_and_go_on(tmp_path):
    path = write_old(tmp_path, FORMATS[0])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE run SET due_at = 1 WHERE due_at IS NOT NULL")
    connection.close()
    async with kit.opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
        runs = {item["flow_id"]: item for item in await kit.finished(house, count=3)}
        states = {flow: (run["state"], run["reason"]) for flow, run in runs.items()}
        assert states == {
            "flow_done": ("succeeded", None),
            "flow_late": ("succeeded", None),
            "flow_doubt": ("asking", "unknown_outcome"),
        }
        done = await kit.steps(house, runs["flow_done"]["id"])
        late = await kit.steps(house, runs["flow_late"]["id"])
        doubt = await kit.steps(house, runs["flow_doubt"]["id"])
        found = await house.runs.list(kit.owner(house), q="820982911946154508")
    assert str(done["sum"]["output"]["total"]) == "189.85"
    assert done["hook"]["output"]["body"]["id"] == 820982911946154508
    assert (late["call"]["attempts"], late["call"]["state"]) == (2, "failed")
    assert late["after"]["output"] == {"code": "vendor.unreachable"}
    assert (doubt["call"]["attempts"], doubt["call"]["state"]) == (1, "asking")
    assert len(found["items"]) == 3
