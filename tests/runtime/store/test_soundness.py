"""F30: a database that is missing, cut short, damaged or without its log is refused, in words that
name the cure; never is one silently made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from tramo.model.problem import TramoError
from tramo.store.database import open_database

from tests.runtime.store.kit import add_run

pytestmark = pytest.mark.sqlite


@pytest.fixture
async def closed(tmp_path):
    """A folder whose database was closed in order."""
    database = await open_database(tmp_path / "closed")
    for number in range(200):
        await add_run(database, f"run_{number}")
    await database.close()
    return tmp_path / "closed"


@pytest.fixture
async def killed(tmp_path):
    """A folder as it lies there when its process was killed."""
    database = await open_database(tmp_path / "open")
    for number in range(200):
        await add_run(database, f"run_{number}")
    shutil.copytree(tmp_path / "open", tmp_path / "killed")
    await database.close()
    return tmp_path / "killed"


async def refusal(folder: Path) -> TramoError:
    before = contents(folder)
    with pytest.raises(TramoError) as caught:
        await open_database(folder)
    assert contents(folder) == before, "a refusal changes nothing"
    assert "tramo restore" in caught.value.message or "tramo doctor" in caught.value.message
    return caught.value


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith("-shm")
    }


async def count(folder: Path) -> int | None:
    database = await open_database(folder)
    try:
        return await database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM run").scalar())
    finally:
        await database.close()


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


async def test_what_was_closed_or_killed_in_any_order_opens_again(closed, killed):
    for folder in (closed, killed, killed, closed):
        assert await count(folder) == 200


@pytest.mark.parametrize("size", [0, 50, 8_192, 40_000])
async def test_a_file_that_was_cut_short_is_refused(closed, size):
    cut(closed / "tramo.sqlite3", size)
    assert (await refusal(closed)).code == ("store.damaged" if size else "store.missing")


async def test_a_file_that_is_gone_is_not_made_anew(closed, killed):
    (closed / "tramo.sqlite3").unlink()
    assert (await refusal(closed)).code == "store.missing"
    (killed / "tramo.sqlite3").unlink()
    assert (await refusal(killed)).code == "store.missing"


async def test_a_file_that_an_older_tramo_left_and_somebody_removed_is_missed_beside_its_blobs(
    closed,
):
    (closed / "tramo.lock").write_bytes(b"")  # Older ones noted nothing.
    (closed / "tramo.sqlite3").unlink()
    (closed / "blobs" / "aa").mkdir(parents=True)
    assert (await refusal(closed)).code == "store.missing"


async def test_a_log_that_is_gone_after_a_kill_is_missed(killed):
    (killed / "tramo.sqlite3-wal").unlink()
    (killed / "tramo.sqlite3-shm").unlink()
    error = await refusal(killed)
    assert error.code == "store.log_missing"
    assert "tramo.sqlite3-wal is missing" in error.message


async def test_a_shared_memory_file_that_is_gone_is_no_matter(killed):
    (killed / "tramo.sqlite3-shm").unlink()
    assert await count(killed) == 200


@pytest.mark.parametrize("place", [0, 3, 18, 105, 8_192 + 4, 3 * 8_192 + 1])
async def test_flipped_bits_are_found(closed, place):
    raw = bytearray((closed / "tramo.sqlite3").read_bytes())
    raw[place : place + 16] = bytes(byte ^ 0xFF for byte in raw[place : place + 16])
    (closed / "tramo.sqlite3").write_bytes(raw)
    assert (await refusal(closed)).code == "store.damaged"


async def test_a_folder_in_the_place_of_the_file_is_refused(closed):
    (closed / "tramo.sqlite3").unlink()
    (closed / "tramo.sqlite3").mkdir()
    assert (await refusal(closed)).code == "store.damaged"


async def test_a_file_of_something_else_is_refused(closed):
    (closed / "tramo.sqlite3").write_bytes(b"PK\x03\x04" + os.urandom(8_192))
    assert (await refusal(closed)).code == "store.damaged"


async def test_a_first_start_that_was_cut_off_begins_again(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "tramo.lock").touch()
    (folder / "tramo.sqlite3").touch()
    assert await count(folder) == 0


async def test_two_on_one_folder_the_second_is_refused(tmp_path):
    database = await open_database(tmp_path)
    with pytest.raises(TramoError) as caught:
        await open_database(tmp_path)
    assert caught.value.code == "store.in_use"
    await add_run(database, "run_1")
    await database.close()
    assert await count(tmp_path) == 1


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@contextmanager
def mounted(folder: Path, options: str):
    """Give a folder a small disk of its own."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tramo", str(folder)], check=False
    )
    if done.returncode:
        pytest.skip("a disk of one's own needs the right to mount one (root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


async def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path, closed):
    with mounted(tmp_path / "disk", "size=8m"):
        shutil.copytree(closed, tmp_path / "disk" / "data")
        _remount(tmp_path / "disk", "ro")
        assert (await refusal(tmp_path / "disk" / "data")).code == "store.unwritable"
        with pytest.raises(TramoError) as caught:
            await open_database(tmp_path / "disk" / "new")
        assert caught.value.code == "store.unwritable"


async def test_a_disk_without_room_is_refused_in_words(tmp_path):
    with mounted(tmp_path / "disk", "size=16k"):
        with pytest.raises(TramoError) as caught:
            await open_database(tmp_path / "disk" / "data")
        assert caught.value.code in ("store.full", "store.unwritable")
        assert "tramo doctor" in caught.value.message
