"""The scribe: a process that writes rows it is told to, and never looks.

It is told everything over its standard input: where the file is, which statements there are, then
one group of rows after the other. Each group is one transaction; it answers a letter once that is
durable, or once nothing of it was written. Whatever is unusual, a row that is there already
included, is refused as a whole: whoever dictates knows how to look. It ends when its input does,
as its parent's death makes it, and leaves the file as a crash would: the log is its parent's.

It imports next to nothing, and knows no table.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import struct
import sys
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

import msgspec

from tramo.store.codec import pack

READY: Final = b"r"
WRITTEN: Final = b"w"
REFUSED: Final = b"n"

SIZE: Final = struct.Struct("<I")
"""Before each message: how many bytes it has."""


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """A statement that writes one row."""

    sql: str
    packed: int | None = None
    """The number of the value that is a body, to be packed."""
    surely: bool = True
    """It writes every row, or the group is refused."""


class Orders(msgspec.Struct, frozen=True):
    """What the scribe is told first."""

    path: str
    pragmas: Sequence[str]
    statements: Sequence[Statement]


Group = list[tuple[int, list[list[Any]]]]
"""Rows by the number of their statement, in the order in which they are written."""


def serve(told: BinaryIO, answers: BinaryIO) -> None:
    """Write what is told until there is no more."""
    first = _read(told)
    if first is None:
        return
    orders = msgspec.msgpack.decode(first, type=Orders)
    driver = sqlite3.connect(orders.path, isolation_level=None)
    for pragma in orders.pragmas:
        driver.execute(pragma)
    read_group = msgspec.msgpack.Decoder(Group).decode
    answers.write(READY)
    while (message := _read(told)) is not None:
        fine = _write(driver, orders.statements, read_group(message))
        answers.write(WRITTEN if fine else REFUSED)


def _read(told: BinaryIO) -> bytes | None:
    head = told.read(SIZE.size)
    if len(head) < SIZE.size:
        return None
    (size,) = SIZE.unpack(head)
    message = told.read(size)
    return message if len(message) == size else None


def _write(driver: sqlite3.Connection, statements: Sequence[Statement], group: Group) -> bool:
    """Write a group and tell whether it is durable; if not, nothing of it was written."""
    try:
        driver.execute("BEGIN IMMEDIATE")
        for number, rows in group:
            statement = statements[number]
            if statement.packed is not None:
                for row in rows:
                    row[statement.packed] = pack(row[statement.packed])
            written = driver.executemany(statement.sql, rows).rowcount
            if statement.surely and written != len(rows):
                driver.execute("ROLLBACK")
                return False
        driver.execute("COMMIT")
    except Exception:  # noqa: BLE001 - whoever dictated finds the same error, and reports it
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        return False
    return True


def main() -> None:
    """Serve standard input and output; a signal to the whole group is the parent's to obey."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        pass  # Nobody is left to be answered.
    except Exception:  # noqa: BLE001 - its parent goes on without it; the log shows why
        traceback.print_exc()
    # Closing the database in order could take its log away from under a parent that was killed.
    os._exit(0)
