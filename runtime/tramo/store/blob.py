"""Big values as files under the data folder: written and synced before the commit that names them.

A blob belongs to one owner, a run or an event, and goes with it. Its id holds the owner and a hash
of its content, so that the same bytes written again, by whoever, are the same file. A file is a
row of chunks of at most `CHUNK_BYTES`, each packed on its own: a list may be written and read chunk
by chunk without ever being in memory as a whole. This module knows no table.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import re
import shutil
import struct
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from tramo.model import limit
from tramo.model.problem import TramoError
from tramo.model.value import decode, encode
from tramo.store.codec import pack, refer, unpack
from tramo.store.commit import StoreUnavailable

CHUNK_BYTES: Final = 1024 * 1024
MAGIC: Final = b"tramo1\n"
_SIZE: Final = struct.Struct(">I")
_OWNER: Final = re.compile(r"(?:run|evt)_[A-Za-z0-9]+")
_ID: Final = re.compile(rf"blob_({_OWNER.pattern})_([0-9a-f]{{32}})")


class BlobMissing(TramoError):
    """A value's file is not where it was written."""

    def __init__(self, blob_id: str) -> None:
        super().__init__(
            "store.blob_missing",
            f"A big value ({blob_id}) is not in the data folder any more. Restore the folder "
            "“blobs” from the backup that the database is from.",
        )


class BlobFolder:
    """The blobs of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()

    # Writing -------------------------------------------------------------------------------------

    async def put(self, owner: str, data: bytes) -> str:
        """Store bytes durably and return their id; raises StoreUnavailable when it cannot."""
        return await asyncio.to_thread(self.put_now, owner, data)

    def put_now(self, owner: str, data: bytes) -> str:
        """Do what `put` does, in a thread that may wait for the disk."""
        chunks = (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
        return self._write(owner, chunks)

    async def put_items(self, owner: str, pages: AsyncIterable[Iterable[Any]]) -> tuple[str, int]:
        """Store a list that arrives page by page; return its id and the number of its items.

        Each chunk is a JSON array of whole items; only an item larger than a chunk makes a larger
        one.
        """
        draft = _Draft(self, owner)
        count, open_items, size = 0, [], 0
        try:
            async for page in pages:
                for item in page:
                    encoded = encode(item)
                    if open_items and size + len(encoded) > CHUNK_BYTES:
                        await asyncio.to_thread(draft.add, _array(open_items))
                        open_items, size = [], 0
                    open_items.append(encoded)
                    size += len(encoded) + 1
                    count += 1
            if open_items or not count:
                await asyncio.to_thread(draft.add, _array(open_items))
            return await asyncio.to_thread(draft.finish), count
        except BaseException:
            draft.abandon()
            raise

    def _write(self, owner: str, chunks: Iterable[bytes]) -> str:
        draft = _Draft(self, owner)
        try:
            for chunk in chunks:
                draft.add(chunk)
            return draft.finish()
        except BaseException:
            draft.abandon()
            raise

    # Reading -------------------------------------------------------------------------------------

    async def get(self, blob_id: str) -> bytes:
        """Return a blob's bytes; raises BlobMissing."""
        return await asyncio.to_thread(self.get_now, blob_id)

    def get_now(self, blob_id: str) -> bytes:
        """Do what `get` does, in a thread that may wait for the disk."""
        return b"".join(self.chunks(blob_id))

    def chunks(self, blob_id: str) -> Iterator[bytes]:
        """Yield a blob chunk by chunk; raises BlobMissing, and TramoError where it is damaged."""
        try:
            file = open(self._path(blob_id), "rb")  # noqa: SIM115 - closed below, in a generator
        except FileNotFoundError:
            raise BlobMissing(blob_id) from None
        with file:
            if file.read(len(MAGIC)) != MAGIC:
                raise _damaged(blob_id)
            while head := file.read(_SIZE.size):
                size = _SIZE.unpack(head)[0] if len(head) == _SIZE.size else 0
                chunk = file.read(size)
                if len(chunk) != size or not chunk:
                    raise _damaged(blob_id)
                yield unpack(chunk)

    def items(self, blob_id: str) -> Iterator[Any]:
        """Yield the items of a list that was stored with `put_items`."""
        for chunk in self.chunks(blob_id):
            yield from decode(chunk)

    # Letting go ----------------------------------------------------------------------------------

    def owners(self, until_s: float = float("inf")) -> Iterator[str]:
        """Yield everybody whose blobs were last changed before a time, in seconds."""
        for shelf in sorted(self._folder.glob("*")):
            for path in sorted(shelf.iterdir()):
                if _OWNER.fullmatch(path.name) and path.stat().st_mtime <= until_s:
                    yield path.name

    def drop(self, owner: str) -> None:
        """Remove every blob of an owner; nothing happens where there is none."""
        shutil.rmtree(self.place(owner), ignore_errors=True)

    def place(self, owner: str) -> Path:
        """Return an owner's folder; raises ValueError for what is no owner."""
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"{owner!r} owns no blobs")
        return self._folder / hashlib.sha256(owner.encode()).hexdigest()[:2] / owner

    def part(self) -> str:
        """Return a name that no other draft of this folder has now."""
        return f"{os.getpid()}-{next(self._count)}.part"

    def _path(self, blob_id: str) -> Path:
        found = _ID.fullmatch(blob_id)
        if found is None:
            raise BlobMissing(blob_id)
        return self.place(found[1]) / found[2]


async def lighten(blobs: BlobFolder | None, owner: str, body: bytes) -> bytes:
    """Return what a row is to hold of a body: a big one becomes a blob first, where there are any.

    Raises StoreUnavailable when it cannot be stored.
    """
    if blobs is None or len(body) <= limit.INLINE_VALUE_BYTES:
        return body
    return refer(await blobs.put(owner, body))


class _Draft:
    """A file that is being written; it gets its name, the hash of its content, at the end."""

    def __init__(self, folder: BlobFolder, owner: str) -> None:
        self._owner = owner
        self._place = folder.place(owner)
        self._path = self._place / folder.part()
        self._hash = hashlib.sha256()
        self._file: IO[bytes] | None = None

    def add(self, chunk: bytes) -> None:
        """Pack a chunk and write it; raises StoreUnavailable."""
        packed = pack(chunk)
        self._hash.update(chunk)
        with _disk():
            self._opened().write(_SIZE.pack(len(packed)) + packed)

    def finish(self) -> str:
        """Sync the file and its folders, name it, and return its id; raises StoreUnavailable."""
        name = self._hash.hexdigest()[:32]
        with _disk():
            file = self._opened()
            file.flush()
            os.fsync(file.fileno())
            file.close()
            self._path.replace(self._place / name)
            for folder in (self._place, self._place.parent, self._place.parent.parent):
                _sync_folder(folder)
        return f"blob_{self._owner}_{name}"

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._place.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb")
            self._file.write(MAGIC)
        return self._file

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            with suppress(OSError):  # On a full disk, closing tries to write the rest once more.
                self._file.close()
            self._path.unlink(missing_ok=True)


@contextmanager
def _disk() -> Iterator[None]:
    """Turn what the disk refuses into an answer to come back later."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(error.strerror or str(error)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _array(items: list[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _damaged(blob_id: str) -> TramoError:
    return TramoError("store.damaged", f"A big value ({blob_id}) is stored damaged.")
