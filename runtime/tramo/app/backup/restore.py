"""Restoring a backup into an empty folder, such that nothing is repeated that must not be.

The whole archive is read and compared with its manifest before the folder is touched. Then its
files are unpacked beside their places, the database is checked, brought up to date and told that it
went back in time (`store/epoch.py`), and everything is moved into place, the database last: a
restore that is cut off leaves a folder that no server takes for a fresh one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from tramo.app.backup.archive import DATABASE, Manifest, unpack_archive, verify_archive
from tramo.app.backup.make import Told
from tramo.app.setting import Settings
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.store.database import open_database
from tramo.store.epoch import Raised, raise_epoch
from tramo.store.lock import ORPHAN_S, FileLock
from tramo.store.snapshot import check_database

STAGE: Final = "restoring"
LOCK: Final = "tramo.lock"
_IGNORED: Final = frozenset({LOCK, "lost+found"})
"""What an empty folder may hold: our own lock, and what a file system makes in its root."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was restored."""

    folder: Path
    manifest: Manifest
    raised: Raised


async def restore_backup(
    settings: Settings, file: Path, clock: Clock, *, told: Told = lambda *_: None
) -> Restored:
    """Bring a backup back into the data folder, which must be empty or not there.

    Raises TramoError that says what stands in the way; then the folder is as it was.
    """
    folder = settings.data
    _check_there(file)
    _check_empty(folder)
    try:
        verify_archive(file, lambda done, of: told("reading the backup", done, of))
        with _held(folder):
            _check_empty(folder)
            return await _restore(folder, file, clock, told)
    except OSError as error:
        raise TramoError(
            "restore.unwritable",
            f"The backup cannot be restored to {folder}: {error.strerror or error}. Nothing is "
            "left of it; choose a place with more room, or one that you may write to.",
            status=507,
        ) from None


def _check_there(file: Path) -> None:
    if not file.is_file():
        raise TramoError("backup.missing", f"There is no backup {file}.", status=404)


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise TramoError("restore.no_folder", f"{folder} is no folder. Name one with --data.")
    there = folder.is_dir() and sorted({path.name for path in folder.iterdir()} - _IGNORED)
    if there:
        raise TramoError(
            "restore.not_empty",
            f"{folder} is not empty ({', '.join(there[:3])}). A restore never overwrites anything: "
            "name an empty folder with --data, or move away what is in this one.",
            status=409,
        )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep servers out of a folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / LOCK)
    lock.acquire(ORPHAN_S)
    try:
        yield
    finally:
        lock.release()


async def _restore(folder: Path, file: Path, clock: Clock, told: Told) -> Restored:
    stage = folder / STAGE
    try:
        stage.mkdir(mode=0o700)
        manifest = unpack_archive(file, stage, lambda done, of: told("writing the files", done, of))
        check_database(stage / DATABASE)
        raised = await _raise(stage, clock.now_ms(), manifest.made_at)
        for name in ("blobs", "twins", DATABASE):
            if (stage / name).exists():
                (stage / name).rename(folder / name)
        _sync_folders(folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Restored(folder=folder, manifest=manifest, raised=raised)


async def _raise(stage: Path, now: int, made_at: int) -> Raised:
    database = await open_database(stage)
    try:
        return await database.write(lambda c: raise_epoch(c, now=now, made_at=made_at))
    finally:
        await database.close()


def _sync_folders(folder: Path) -> None:
    """Make sure that every name is on the disk; the files are."""
    for place, _, _ in os.walk(folder):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def mark_restored(settings: Settings, clock: Clock, *, made_at: str | None = None) -> Raised:
    """Tell a PostgreSQL database, which pg_restore has filled, that it went back in time.

    To be done before any server or worker starts. Raises TramoError.
    """
    if settings.database is None:
        raise TramoError(
            "usage.restore",
            "--mark-epoch is for a PostgreSQL database: name it with --database, or in "
            "TRAMO_DATABASE.",
        )
    at = None if made_at is None else _instant(made_at)
    database = await open_database(settings.data, settings.database)
    try:
        return await database.write(lambda c: raise_epoch(c, now=clock.now_ms(), made_at=at))
    finally:
        await database.close()


def _instant(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise TramoError(
            "usage.instant",
            f"“{text}” is no instant. Write it with its zone, such as 2026-11-22T03:00:00Z.",
        )
    return int(at.timestamp() * 1_000)
