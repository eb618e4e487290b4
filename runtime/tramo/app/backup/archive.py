"""The file of a backup: a tar of plain files, compressed with Zstandard, its manifest at the end.

The manifest names every member with its size and SHA-256; an archive without one was cut off. What
may lie in one is a short list of names, so that no archive writes anywhere else than into the
folder it is restored to. This module knows nothing of databases.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from tramo.model.problem import TramoError
from tramo.store.snapshot import Progress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    import backports.zstd as zstd

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "tramo.sqlite3"
_PART: Final = r"[A-Za-z0-9_]+"
_NAME: Final = re.compile(
    rf"tramo\.sqlite3|blobs/{_PART}/{_PART}/[0-9a-f]{{32}}|twins/{_PART}\.json"
)
CHUNK_BYTES: Final = 1024 * 1024
LEVEL: Final = 3


class Member(msgspec.Struct, frozen=True):
    """What the manifest says of a file."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: int
    version: str
    """The Tramo that made it."""
    made_at: int
    """The instant whose state it holds, in milliseconds since the epoch."""
    counts: dict[str, int]
    members: dict[str, Member]


class Writer:
    """Adds files to an archive that is being made."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path, progress: Progress = lambda _done, _all: None) -> None:
        """Add a file; raises FileNotFoundError when there is none."""
        with path.open("rb") as file:
            head = tarfile.TarInfo(name)
            head.size = file.seek(0, io.SEEK_END)
            head.mode = 0o600
            file.seek(0)
            counted = _Counted(file, lambda done: progress(done, head.size))
            self._tar.addfile(head, counted)  # type: ignore[arg-type] - it only reads
        self.members[name] = Member(head.size, counted.sha256)

    def finish(self, *, version: str, made_at: int, counts: dict[str, int]) -> Manifest:
        """Add the manifest."""
        manifest = Manifest(
            format=FORMAT, version=version, made_at=made_at, counts=counts, members=self.members
        )
        raw = msgspec.json.encode(manifest)
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode = len(raw), 0o600
        self._tar.addfile(head, io.BytesIO(raw))
        return manifest


@contextmanager
def write_archive(file: IO[bytes]) -> Iterator[Writer]:
    """Make an archive in a file that is open for writing."""
    # The checksum covers what no member's own does: the manifest.
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: LEVEL,
        zstd.CompressionParameter.checksum_flag: 1,
    }
    packed = zstd.ZstdFile(file, "wb", options=options)
    with packed, tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        yield Writer(tar)


def verify_archive(path: Path, progress: Progress = lambda _done, _all: None) -> Manifest:
    """Read an archive to its end and return its manifest; raises TramoError unless all of it is as
    it was written."""
    return _walk(path, _Nowhere, progress)


def unpack_archive(
    path: Path, folder: Path, progress: Progress = lambda _done, _all: None
) -> Manifest:
    """Write an archive's files into a folder and sync them; raises TramoError, and OSError."""

    def place(name: str) -> IO[bytes]:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600, exist_ok=False)
        return target.open("wb")

    return _walk(path, place, progress)


class _Nowhere(io.RawIOBase):
    """Takes what is only to be looked at."""

    def __init__(self, _name: str) -> None:
        super().__init__()

    def write(self, data: Any) -> int:
        return len(data)


def _walk(path: Path, place: Callable[[str], Any], progress: Progress) -> Manifest:
    found: dict[str, Member] = {}
    try:
        with path.open("rb") as file:
            total = file.seek(0, io.SEEK_END)
            file.seek(0)
            with (
                zstd.ZstdFile(file, "rb") as packed,
                tarfile.open(fileobj=packed, mode="r|") as tar,
            ):
                for head in tar:
                    raw = tar.extractfile(head) if head.isreg() else None
                    if raw is None or head.name in found:
                        raise _refused(path, f"“{head.name[:200]}” is no file of a backup")
                    if head.name == MANIFEST:
                        return _agree(path, _read_manifest(path, raw.read()), found)
                    if not _NAME.fullmatch(head.name):
                        raise _refused(path, f"“{head.name[:200]}” is no file of a backup")
                    found[head.name] = _copy(raw, place(head.name))
                    progress(file.tell(), total)
    except (TramoError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a reader stumbles over, it is not whole
        raise _refused(path, f"it cannot be read ({error})") from None
    raise _refused(path, "it ends before its manifest")


def _copy(raw: IO[bytes], target: Any) -> Member:
    counted = _Counted(raw, lambda _done: None)
    with target:
        while chunk := counted.read(CHUNK_BYTES):
            target.write(chunk)
        if not isinstance(target, _Nowhere):
            sync(target)
    return Member(counted.done, counted.sha256)


def sync(file: IO[bytes]) -> None:
    """Make sure that what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _read_manifest(path: Path, raw: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise _refused(path, f"its manifest cannot be read ({error})") from None
    if manifest.format > FORMAT:
        raise TramoError(
            "backup.newer",
            f"{path} was made by a newer Tramo ({manifest.version}). Restore it with that one.",
        )
    return manifest


def _agree(path: Path, manifest: Manifest, found: dict[str, Member]) -> Manifest:
    for name in sorted(manifest.members.keys() | found.keys()):
        if manifest.members.get(name) != found.get(name):
            raise _refused(path, f"“{name}” is not what was backed up")
    if DATABASE not in found:
        raise _refused(path, "it holds no database")
    return manifest


def _refused(path: Path, why: str) -> TramoError:
    return TramoError(
        "backup.damaged",
        f"{path} is not a whole backup of Tramo: {why}. Nothing was changed. Take another backup.",
    )


class _Counted:
    """Reads a file and keeps count: of the bytes, and what they hash to."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file = file
        self._told = told
        self._hash = hashlib.sha256()
        self.done = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._hash.update(chunk)
        self.done += len(chunk)
        self._told(self.done)
        return chunk

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
