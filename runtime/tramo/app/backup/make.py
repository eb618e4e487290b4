"""Making a backup: the database as it stands, its blobs and the twins' memories, in one file.

The server goes on meanwhile; it is not asked, so that a server that is stuck can be backed up too.
Nobody else needs to hold the folder either: then this takes its lock, so that none comes in
between. The database is copied first. Blobs are on the disk before a row names them and are never
changed, so that those found afterwards are all that the copy names, but for what retention removed
in these seconds; twins, like the vendors they stand for, may know more than the copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tramo import __version__
from tramo.app.backup.archive import DATABASE, Manifest, Writer, sync, write_archive
from tramo.app.setting import Settings
from tramo.model.problem import TramoError
from tramo.store.lock import FileLock
from tramo.store.snapshot import copy_database, read_facts

Told = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""

_BLOB_FILE: Final = "[0-9a-f]" * 32


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that is on the disk."""

    file: Path
    size: int
    manifest: Manifest
    missing_blobs: int
    """Big values that the database names and that were not there."""
    sealed: int
    """Connections whose secrets need the master key."""


def make_backup(
    settings: Settings, file: Path, *, made_at: int, told: Told = lambda *_: None
) -> Made:
    """Write a backup to a new file.

    `made_at` is now. Raises TramoError that says what stands in the way.
    """
    source = settings.data / DATABASE
    if not source.exists():
        raise TramoError(
            "backup.nothing",
            f"There is no database of Tramo in {settings.data}. Name its folder with --data.",
            status=404,
        )
    file = Path(os.path.abspath(file))
    _check_target(file, settings.data)
    copy, part = (file.with_name(f".{file.name}.{kind}") for kind in ("database", "part"))
    try:
        with _sole_user(settings.data):
            copy_database(source, copy, lambda done, of: told("copying the database", done, of))
            made = _archive(settings.data, file, copy, part, made_at, told)
        part.rename(file)
        _sync_folder(file.parent)
        return made
    except OSError as error:
        raise TramoError(
            "backup.unwritable",
            f"The backup cannot be written to {file.parent}: {error.strerror or error}. "
            "Nothing is left of it; choose a place with more room, or one that you may write to.",
            status=507,
        ) from None
    finally:
        for leftover in (copy, part):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def _check_target(file: Path, data: Path) -> None:
    if file.exists():
        raise TramoError(
            "backup.exists",
            f"{file} is there already and is not overwritten. Choose another name, or remove it.",
            status=409,
        )
    if not file.parent.is_dir():
        raise TramoError(
            "backup.no_folder", f"The folder {file.parent} is not there. Make it first."
        )
    if file.resolve().is_relative_to(data.resolve()):
        raise TramoError(
            "backup.inside",
            f"{file} lies inside the data folder, and would be lost with it. Choose another place, "
            "best on another disk.",
        )


@contextmanager
def _sole_user(data: Path) -> Iterator[None]:
    """Keep others out of a folder that nobody holds; one that a server holds is left to it."""
    lock = FileLock(data / "tramo.lock")
    try:
        lock.acquire()
    except TramoError as error:
        if error.code != "store.in_use":
            raise
    try:
        yield
    finally:
        lock.release()


def _archive(data: Path, file: Path, copy: Path, part: Path, made_at: int, told: Told) -> Made:
    facts = read_facts(copy)
    with part.open("xb") as raw:
        part.chmod(0o600)
        with write_archive(raw) as archive:
            archive.add(DATABASE, copy, lambda done, of: told("packing the database", done, of))
            blobs = _add_blobs(archive, data / "blobs", told)
            twins = _add_twins(archive, data / "twins")
            counts = {**facts.counts, "blobs": len(blobs), "twins": twins}
            manifest = archive.finish(version=__version__, made_at=made_at, counts=counts)
        sync(raw)
        size = raw.tell()
    missing = len(facts.blobs - blobs)
    return Made(file=file, size=size, manifest=manifest, missing_blobs=missing, sealed=facts.sealed)


def _add_blobs(archive: Writer, folder: Path, told: Told) -> set[str]:
    """Add every blob, and return their ids."""
    found: set[str] = set()
    paths = sorted(folder.glob(f"*/*/{_BLOB_FILE}"))
    for number, path in enumerate(paths, 1):
        owner, name = path.parts[-2:]
        with suppress(FileNotFoundError):  # Retention removed it meanwhile.
            archive.add(f"blobs/{path.parts[-3]}/{owner}/{name}", path)
            found.add(f"blob_{owner}_{name}")
        told("packing big values", number, len(paths))
    return found


def _add_twins(archive: Writer, folder: Path) -> int:
    count = 0
    for path in sorted(folder.glob("*.json")):
        with suppress(FileNotFoundError):
            archive.add(f"twins/{path.name}", path)
            count += 1
    return count


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
