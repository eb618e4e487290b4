"""The data folder: whether it can be written, on what kind of disk it is, and how much room there
is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tramo.app.backup.archive import DATABASE as FILE_NAME
from tramo.app.cli.reach import SERVER_FILE
from tramo.app.doctor.check import Check, error, ok, show_bytes, warn
from tramo.model.problem import TramoError
from tramo.model.value import decode
from tramo.store.lock import is_locked

LOCK: Final = "tramo.lock"
ENOUGH_BYTES: Final = 1_000_000_000
LEAST_BYTES: Final = 100_000_000
LEAST_NODES: Final = 1_000
NETWORKED: Final = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|lustre|davfs|virtiofs|sshfs|fuse(\..+)?"
)


def look_at_folder(folder: Path) -> Iterator[Check]:
    """Look at the data folder; it is not made where it is not there."""
    place = folder
    while not place.exists():
        place = place.parent
    yield _folder(folder, place)
    yield _kind(place)
    yield from _room(place)
    yield _holder(folder)


def _folder(folder: Path, place: Path) -> Check:
    if not place.is_dir():
        return error("folder", f"{place} is a file, not a folder.", "Name another one with --data.")
    if not os.access(place, os.W_OK | os.X_OK) or _read_only(place):
        return error(
            "folder",
            f"{place} cannot be written by this user.",
            "Give the folder to the user that runs Tramo, mount it for writing, or name another "
            "one with --data.",
        )
    if place != folder:
        return ok("folder", f"{folder} is not there yet; it is made at the first start.")
    left = [name for name in ("blobs", "twins", "restoring") if (folder / name).is_dir()]
    log = (folder / f"{FILE_NAME}-wal").exists()
    if not (folder / FILE_NAME).exists() and (left or log):
        return error(
            "folder",
            f"The database {FILE_NAME} is missing from {folder}, though other data is there.",
            "Restore a backup into an empty folder: tramo restore FILE --data NEW_FOLDER",
        )
    mine = [path for name in (FILE_NAME, LOCK) if (path := folder / name).exists()]
    closed = [path for path in mine if not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        return error(
            "folder",
            f"{closed[0]} cannot be written by this user.",
            f"Give it to the user that runs Tramo: chown -R USER {folder}",
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        return warn(
            "folder",
            f"Others on this machine may look into {folder} (mode {mode:o}).",
            f"chmod 700 {folder}",
        )
    return ok("folder", f"{folder} can be written, and others cannot look into it.")


def _read_only(place: Path) -> bool:
    return bool(os.statvfs(place).f_flag & os.ST_RDONLY)


def _kind(place: Path) -> Check:
    kind = _file_system(place)
    if kind is None:
        return ok("disk kind", "What kind of disk the data folder is on cannot be told here.")
    if NETWORKED.fullmatch(kind):
        return warn(
            "disk kind",
            f"The data folder is on a network or user-space file system ({kind}). Its locks and "
            "its syncing may not hold, and SQLite needs both.",
            "Put the data folder on a local disk, or use PostgreSQL (TRAMO_DATABASE).",
        )
    if kind in ("tmpfs", "ramfs"):
        return warn(
            "disk kind",
            f"The data folder is in memory ({kind}): it is gone when the machine restarts.",
            "Put the data folder on a disk.",
        )
    if kind == "overlay":
        return warn(
            "disk kind",
            "The data folder is inside a container: it is gone when the container is removed.",
            "Mount a volume, and name it with --data.",
        )
    return ok("disk kind", f"The data folder is on a local disk ({kind}).")


def _file_system(place: Path) -> str | None:
    """Return the kind of file system that a folder is on, as Linux tells it."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    inside = place.resolve()
    found: tuple[int, str] | None = None
    for line in lines:
        head, _, tail = line.partition(" - ")
        mount = Path(re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), head.split()[4]))
        if inside.is_relative_to(mount) and (found is None or len(mount.parts) >= found[0]):
            found = len(mount.parts), tail.split()[0]
    return None if found is None else found[1]


def _room(place: Path) -> Iterator[Check]:
    room = os.statvfs(place)
    left = room.f_bavail * room.f_frsize
    said = f"{show_bytes(left)} are free for the data folder."
    cure = (
        "Make room on that disk, or keep runs for a shorter time (tramo retention set) and run "
        "tramo retention sweep."
    )
    if left < LEAST_BYTES:
        yield error("disk room", said, cure)
    elif left < ENOUGH_BYTES:
        yield warn("disk room", said, cure)
    else:
        yield ok("disk room", said)
    if room.f_files and room.f_favail < LEAST_NODES:
        said = f"Only {room.f_favail:,} more files fit on the disk of the data folder."
        yield error("disk files", said, "Remove small files that nobody needs from that disk.")


def _holder(folder: Path) -> Check:
    lock = folder / LOCK
    try:
        held = is_locked(lock)
    except OSError as refused:
        return error(
            "server",
            f"Whether a server has the folder open cannot be told ({refused.strerror}).",
            "Run tramo doctor as the user that runs Tramo.",
        )
    if not held:
        return ok("server", "No Tramo has the data folder open.")
    process = _holding_process(lock)
    who = f"process {process}" if process else "another process"
    address = served_at(folder)
    if address is None:
        return ok("server", f"The data folder is open in {who}, which serves no address.")
    return ok("server", f"The data folder is open in {who}, which serves {address}.")


def _holding_process(lock: Path) -> int | None:
    """Return who holds a lock, as Linux tells it."""
    node = lock.stat().st_ino
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        match line.split():
            case [_, "FLOCK", _, "WRITE", process, place, *_] if place.endswith(f":{node}"):
                return int(process) or None
            case _:
                continue
    return None


def served_at(folder: Path) -> str | None:
    """Return the address that the server which holds a folder has left there."""
    try:
        said: Any = decode((folder / SERVER_FILE).read_bytes())
    except (OSError, ValueError, TramoError):
        return None
    url = said.get("url") if isinstance(said, dict) else None
    return url if isinstance(url, str) else None
