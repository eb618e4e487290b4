"""A data folder of every released format opens, keeps what it holds, and goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, create_engine, inspect
from sqlalchemy.pool import StaticPool
from tramo.store.database import open_database
from tramo.store.table import SCHEMA_VERSION, metadata
from tramo.store.upgrade import widen

from tests import kit

HISTORY = Path(__file__).parent / "history"
FORMATS = sorted(HISTORY.glob("schema_*.sql"))


def write_old(folder: Path, script: Path) -> Path:
    """Make a data folder as an older Tramo left it."""
    path = folder / "data" / "tramo.sqlite3"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(script.read_text())
    connection.close()
    return path


def shape(path: Path) -> dict[str, set[str]]:
    """Return the columns and indexes of every table in a file."""
    engine = create_engine(f"sqlite:///{path}")
    there = inspect(engine)
    found = {
        name: {column["name"] for column in there.get_columns(name)}
        | {f"index {index['name']}" for index in there.get_indexes(name)}
        for name in there.get_table_names()
    }
    engine.dispose()
    return found


@pytest.mark.parametrize("script", FORMATS, ids=lambda path: path.stem)
async def test_an_older_folder_has_every_table_column_and_index_of_a_new_one(tmp_path, script):
    old = write_old(tmp_path / "old", script)
    await (await open_database(old.parent)).close()
    new = tmp_path / "new"
    await (await open_database(new)).close()
    assert shape(old) == shape(new / "tramo.sqlite3")
    with sqlite3.connect(old) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


async def test_a_folder_of_a_build_in_between_gets_what_was_added_since(tmp_path):
    await (await open_database(tmp_path)).close()
    path = tmp_path / "tramo.sqlite3"
    whole = shape(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE stripped")
        connection.execute("DROP INDEX run_copies")
        connection.execute("PRAGMA application_id=1")
    connection.close()
    assert shape(path) != whole
    await (await open_database(tmp_path)).close()
    assert shape(path) == whole


async def test_runs_of_the_first_format_are_kept_and_go_on(tmp_path):
    path = write_old(tmp_path, HISTORY / "schema_1.sql")
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


@pytest.mark.parametrize("script", FORMATS, ids=lambda path: path.stem)
def test_no_column_was_added_that_rows_of_older_formats_cannot_have(script):
    old = sqlite3.connect(":memory:")
    old.executescript(script.read_text())
    for table in metadata.sorted_tables:
        known = {row[1] for row in old.execute(f'PRAGMA table_info("{table.name}")')}
        for column in table.columns:
            if known and column.name not in known:
                told = column.nullable or column.server_default is not None
                assert told, f"{table.name}.{column.name} needs a server_default or null"
    old.close()


def test_a_column_without_a_default_is_refused_before_anything_is_changed():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    from sqlalchemy import Table

    before, after = MetaData(), MetaData()
    Table("thing", before, Column("id", Integer, primary_key=True))
    before.create_all(engine)
    Table(
        "thing",
        after,
        Column("id", Integer, primary_key=True),
        Column("fine", Integer),
        Column("size", Integer, nullable=False),
    )
    with engine.connect() as connection, pytest.raises(ValueError, match=r"thing\.size"):
        widen(connection, after)
    assert [column["name"] for column in inspect(engine).get_columns("thing")] == ["id"]
