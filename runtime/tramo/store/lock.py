"""One process per data folder: a lock that the system drops when the process dies."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from tramo.model.problem import TramoError

LOOK_S: Final = 0.25
"""Whoever only looks whether the folder is in use holds the lock for an instant."""
ORPHAN_S: Final = 2.0
"""The scribe of a server that was killed holds it until it has noticed."""
PAUSE_S: Final = 0.05


class FileLock:
    """An advisory lock on a file, held for the life of the process that took it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, within_s: float = LOOK_S) -> None:
        """Take the lock, or raise TramoError naming the folder."""
        import fcntl

        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(round(within_s / PAUSE_S)):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(PAUSE_S)
            else:
                self._descriptor = descriptor
                return
        os.close(descriptor)
        raise TramoError(
            "store.in_use",
            f"Another Tramo has {self.path.parent} open. Stop it, or choose another folder "
            "with --data.",
            status=409,
        )

    @property
    def descriptor(self) -> int:
        """The open file: a process that inherits it holds the lock too, as long as it lives."""
        assert self._descriptor is not None
        return self._descriptor

    def read(self) -> str:
        """Return what the last holder wrote down."""
        assert self._descriptor is not None
        return os.pread(self._descriptor, 100, 0).decode("ascii", "replace").strip()

    def write(self, text: str) -> None:
        """Write something down, durably, for the next holder."""
        assert self._descriptor is not None
        os.pwrite(self._descriptor, f"{text}\n".ljust(10).encode(), 0)
        os.fsync(self._descriptor)

    def release(self) -> None:
        """Let others in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read_left(path: Path) -> str:
    """Return what the last holder wrote down, without asking for the lock."""
    return path.read_text("ascii", "replace")[:100].strip() if path.exists() else ""


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds the lock."""
    lock = FileLock(path)
    if not path.exists():
        return False
    try:
        lock.acquire()
    except TramoError:
        return True
    lock.release()
    return False
