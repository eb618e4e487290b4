"""Whether the file in a data folder is the one that was left there: asked before it is opened.

SQLite takes an empty file for a new database, and opens one without its log as if there had never
been one. Nobody's orders may vanish like that: the lock file remembers that there is a database,
and whether it has a log. What does not fit is refused, in words that name the cure.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from tramo.model.problem import TramoError
from tramo.store.lock import FileLock
from tramo.store.snapshot import check_database, damaged

THERE: Final = "there"
"""The last holder of the folder had a database in it."""
OPEN: Final = "open"
"""And had it open when it was last heard of, so that there is a log beside it."""

CHECKED_BYTES: Final = 32_000_000
"""A file up to this size is read to its end at every start: a twentieth of a second at most."""
LOCK: Final = "tramo.lock"
_REMAINS: Final = ("blobs", "twins", "restoring")
_MAGIC: Final = b"SQLite format 3\0"
_HEAD_BYTES: Final = 100


def check_file(path: Path, left: str) -> None:
    """Raise TramoError for a database that is missing, cut short, damaged or without its log."""
    if path.is_dir():
        raise damaged(path, "it is a folder")
    log = path.with_name(f"{path.name}-wal")
    logged = log.exists() and log.stat().st_size > 0
    size = path.stat().st_size if path.exists() else 0
    if not size:
        _check_new(path, left, logged)
        return
    check_log(path, left)
    _check_size(path, size, logged)
    if size <= CHECKED_BYTES:
        check_database(path, quick=True, still=not logged)


def check_log(path: Path, left: str) -> None:
    """Raise TramoError for a database without the log that the last holder left beside it."""
    log = path.with_name(f"{path.name}-wal")
    if left == OPEN and not log.exists():
        raise TramoError(
            "store.log_missing",
            f"{log.name} is missing beside {path}. Tramo was not stopped in order, so that what it "
            "stored last is in that file. Put it back, or restore a backup: tramo restore FILE "
            f"--data NEW_FOLDER. If you know that nothing is lost, remove {path.parent / LOCK}.",
        )


def note(lock: FileLock, what: str) -> None:
    """Remember something for the next holder; where the disk takes nothing, it knows less."""
    with suppress(OSError):
        if what == OPEN:
            _sync_folder(lock.path.parent)  # So that the log outlasts a power failure too.
        lock.write(what)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_new(path: Path, left: str, logged: bool) -> None:
    """Refuse to begin anew where there has been a database."""
    folder = path.parent
    remains = [
        name for name in _REMAINS if (folder / name).is_dir() and any((folder / name).iterdir())
    ]
    if not (left or logged or remains):
        return
    what = "is empty" if path.exists() else "is missing"
    raise TramoError(
        "store.missing",
        f"The database {path} {what}, though this folder had one. Nothing was changed. Put the "
        "file back, or restore a backup: tramo restore FILE --data NEW_FOLDER. To begin anew, name "
        "an empty folder with --data; if the data is in PostgreSQL, name it with --database.",
    )


def _check_size(path: Path, size: int, logged: bool) -> None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
        raise damaged(path, "it does not begin as a database does")
    page = int.from_bytes(head[16:18], "big")
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    # A checkpoint that was cut off may have left a shorter file; what is missing is in the log.
    if not logged and size < page * pages:
        raise damaged(path, f"it is cut short: {size:,} bytes of {page * pages:,} are there")


def explained(error: BaseException, path: Path) -> BaseException:
    """Return the error that tells people why a database cannot be opened, where we know why."""
    if isinstance(error, TramoError):
        return error
    said = str(getattr(error, "orig", None) or error)
    low = said.lower()
    if "malformed" in low or "not a database" in low:
        return damaged(path, said)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "disk is full" in low:
        return TramoError(
            "store.full",
            f"The disk of {path.parent} is full. Make room on it and start again; tramo doctor "
            "tells how much there is.",
            status=503,
        )
    closed = ("readonly", "unable to open", "disk i/o", "permission")
    if isinstance(error, OSError) or any(word in low for word in closed):
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else said
        return TramoError(
            "store.unwritable",
            f"{path.parent} cannot be written ({why}). Give the folder to the user that runs "
            "Tramo, or name another one with --data; tramo doctor tells more.",
        )
    return error
