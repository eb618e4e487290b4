"""Backups: whole or refused, made beside a server, restored into an empty folder only."""

from __future__ import annotations

import asyncio
import io
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from backports import zstd
from tramo.app.backup import archive
from tramo.app.backup.make import make_backup
from tramo.app.backup.restore import restore_backup
from tramo.app.port import SystemClock
from tramo.model.problem import TramoError
from tramo.store import epoch
from tramo.store.database import open_database
from tramo.store.snapshot import copy_database

from tests.kit import document, finished, opened, owner, post, publish, settings, steps, twin

pytestmark = pytest.mark.sqlite

FLOW = document(
    [
        {"id": "hook", "type": "core.webhook"},
        {"id": "shown", "type": "core.set", "params": {"fields": {"got": {"$expr": "hook.body"}}}},
    ],
    [("hook", "shown")],
)
BIG = {"text": "x" * 200_000}


async def furnish(folder: Path, file: Path, runs: int = 3):
    """Make a backup of a house with some runs while it goes on, and return what it says."""
    async with opened(folder) as house:
        await twin(house, "slack", bot_token="xoxb-1")
        address = (await publish(house, FLOW))["hook"]
        for _ in range(runs - 1):
            await post(house, address, {"text": "small"})
        await post(house, address, BIG)
        await finished(house, count=runs)
        made = await asyncio.to_thread(back_up, folder, file)
        await post(house, address, {"text": "later"})
        await finished(house, count=runs + 1)
        return made


def back_up(folder: Path, file: Path):
    return make_backup(settings(folder), file, made_at=SystemClock().now_ms())


def elsewhere(tmp_path: Path, **fields):
    return settings(tmp_path / "elsewhere", key_file=tmp_path / "keys" / "key.toml", **fields)


async def restore(tmp_path: Path, file: Path):
    return await restore_backup(elsewhere(tmp_path), file, SystemClock())


async def test_a_backup_beside_a_running_server_holds_one_instant_and_comes_back(tmp_path):
    made = await furnish(tmp_path, tmp_path / "one.tramo")
    assert made.manifest.counts["runs"] == 3
    assert made.manifest.counts["blobs"] > 0
    assert (made.missing_blobs, made.sealed) == (0, 1)
    done = await restore(tmp_path, made.file)
    assert (done.raised.epoch.number, done.raised.open_runs) == (1, 0)
    async with opened(tmp_path / "elsewhere", key_file=tmp_path / "keys" / "key.toml") as house:
        runs = (await house.runs.list(owner(house)))["items"]
        assert [run["state"] for run in runs] == ["succeeded"] * 3
        shown = (await steps(house, runs[0]["id"]))["shown"]
        assert shown["output"] == {"got": BIG}
        (kept,) = (await house.connections.list(owner(house)))["items"]
        assert kept["connector"] == "slack"
        assert (await house.connections.test(owner(house), kept["id"]))["ok"]


async def test_a_backup_never_holds_the_master_key(tmp_path):
    made = await furnish(tmp_path, tmp_path / "one.tramo")
    secret = (tmp_path / "keys" / "key.toml").read_text().split('secret = "')[1].split('"')[0]
    with zstd.open(made.file) as packed:
        raw = packed.read()
    assert b"SQLite format 3" in raw
    assert secret.encode() not in raw


async def test_a_backup_that_was_changed_anywhere_is_refused_before_anything_is_touched(tmp_path):
    made = await furnish(tmp_path, tmp_path / "one.tramo")
    whole = made.file.read_bytes()
    draw = random.Random(20261122)
    file = tmp_path / "broken.tramo"
    for raw in (b"", b"no archive", *(whole[: draw.randrange(len(whole))] for _ in range(15))):
        file.write_bytes(raw)
        with pytest.raises(TramoError) as caught:
            await restore(tmp_path, file)
        assert caught.value.code == "backup.damaged"
        assert not (tmp_path / "elsewhere").exists()
    verdicts = []
    for _ in range(40):
        place = draw.randrange(len(whole))
        flipped = bytes([whole[place] ^ 1 << draw.randrange(8)])
        file.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        verdicts.append(_verdict(file, made.manifest))
    assert verdicts.count("refused") > 35
    assert "wrong" not in verdicts  # A bit that stands for nothing may be another one.


def _verdict(file: Path, manifest: archive.Manifest) -> str:
    try:
        return "right" if archive.verify_archive(file) == manifest else "wrong"
    except TramoError:
        return "refused"


@pytest.mark.parametrize(
    "name", ["../up", "/abs", "blobs/../../up", "twins/../x.json", "tramo.lock", "server.json"]
)
async def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path, name):
    file = tmp_path / "slip.tramo"
    with file.open("wb") as raw, archive.write_archive(raw) as made:
        made.add(archive.DATABASE, _empty_database(tmp_path))
        made.add(name, _empty_database(tmp_path))
        made.finish(version="1", made_at=0, counts={})
    with pytest.raises(TramoError, match="no file of a backup"):
        await restore(tmp_path, file)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
async def test_an_archive_with_links_or_devices_is_refused(tmp_path, kind):
    file = tmp_path / "slip.tramo"
    with zstd.open(file, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        head = tarfile.TarInfo("tramo.sqlite3")
        head.type, head.linkname = kind, "/etc/passwd"
        tar.addfile(head, io.BytesIO())
    with pytest.raises(TramoError, match="no file of a backup"):
        await restore(tmp_path, file)


def _empty_database(folder: Path) -> Path:
    path = folder / "empty"
    path.write_bytes(b"")
    return path


async def test_a_restore_overwrites_nothing(tmp_path):
    made = await furnish(tmp_path, tmp_path / "one.tramo")
    mine = tmp_path / "elsewhere" / "data"
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine")
    with pytest.raises(TramoError, match=r"is not empty \(notes.txt\)") as caught:
        await restore(tmp_path, made.file)
    assert caught.value.code == "restore.not_empty"
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("there.tramo", "backup.exists"),
        ("nowhere/one.tramo", "backup.no_folder"),
        ("data/one.tramo", "backup.inside"),
    ],
)
async def test_a_backup_goes_to_a_new_file_outside_the_data(tmp_path, place, code):
    await furnish(tmp_path, tmp_path / "there.tramo", runs=1)
    with pytest.raises(TramoError) as caught:
        back_up(tmp_path, tmp_path / place)
    assert caught.value.code == code


def test_without_a_database_there_is_nothing_to_back_up(tmp_path):
    with pytest.raises(TramoError) as caught:
        back_up(tmp_path, tmp_path / "one.tramo")
    assert caught.value.code == "backup.nothing"
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing(tmp_path):
    await furnish(tmp_path, tmp_path / "one.tramo")
    before = sorted(tmp_path.iterdir())
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tramo.app.cli", "backup", str(tmp_path / "two.tramo")],
        capture_output=True, text=True,
        env={**os.environ, "TRAMO_DATA": str(tmp_path / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "[backup.unwritable]" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before


async def test_a_copy_is_one_instant_though_others_write_meanwhile(tmp_path):
    """Two rows that always change together are the same in every copy."""
    path = tmp_path / "db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("PRAGMA synchronous=OFF")
    writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, filler BLOB)")
    for _ in range(3_000):
        writer.execute("INSERT INTO t (n, filler) VALUES (0, zeroblob(4000))")

    def touch(done: int, of: int) -> None:
        writer.execute("UPDATE t SET n = n + 1 WHERE id IN (1, 3000)")

    copy_database(path, tmp_path / "copy", touch)
    wal = (tmp_path / "db-wal").stat().st_size
    with sqlite3.connect(tmp_path / "copy") as copy:
        numbers = {row[0] for row in copy.execute("SELECT n FROM t WHERE id IN (1, 3000)")}
    assert numbers == {0}
    assert (tmp_path / "db-wal").stat().st_size >= wal > 0, "a copy checkpoints nothing"
    writer.close()


async def test_a_restore_marks_every_run_that_may_have_come_further(tmp_path):
    from tests.runtime.store.kit import add_run

    database = await open_database(tmp_path)
    for number, state in enumerate(("succeeded", "failed", "waiting", "running", "queued")):
        await add_run(database, f"run_{number}", state=state)
    raised = await database.write(lambda c: epoch.raise_epoch(c, now=9_000, made_at=5_000))
    assert raised.epoch == epoch.Epoch(number=1, raised_at=9_000, made_at=5_000)
    assert raised.open_runs == 3
    found = [
        await database.read(lambda c, n=n: epoch.restored_from(c, f"run_{n}")) for n in range(5)
    ]
    assert found == [None, 5_000, 5_000, 5_000, 5_000]
    again = await database.write(lambda c: epoch.raise_epoch(c, now=20_000, made_at=10_000))
    assert again.epoch.number == 2
    assert await database.read(lambda c: epoch.restored_from(c, "run_2")) == 5_000
    assert await database.read(epoch.read_epoch) == again.epoch
    await database.write(lambda c: epoch.inherit(c, ["run_0"], "run_2"))
    assert await database.read(lambda c: epoch.restored_from(c, "run_0")) == 5_000
    await database.close()


async def test_without_a_word_a_backup_is_as_old_as_the_newest_thing_in_it(tmp_path):
    from tests.runtime.store.kit import add_run

    database = await open_database(tmp_path)
    assert (await database.write(lambda c: epoch.raise_epoch(c, now=1))).epoch.made_at == 0
    await add_run(database, "run_1")
    raised = await database.write(lambda c: epoch.raise_epoch(c, now=9_000))
    assert raised.epoch.made_at == 0
    await database.close()
