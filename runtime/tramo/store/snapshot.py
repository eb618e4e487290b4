"""A consistent copy of the SQLite file, made while a server writes to it, or not.

Why this is safe beside a server, with every SQLite there is: the fault that may corrupt a database
(3.7.0 to 3.51.2, see `store/database.py`) needs two connections that write or checkpoint. This one
does neither. It is opened read-only, is `query_only`, checkpoints nothing on its way and, being
read-only, nothing when it closes last. One read transaction spans the whole copy, so that what is
copied is one instant, and the backup never begins anew because somebody wrote. Meanwhile the
server's log cannot be emptied and grows by what it writes in those seconds.

Copying the files instead would be no backup: what was committed last lies in the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES
from tramo.store.codec import BLOB

PAGES_AT_ONCE: Final = 2_000
BUSY_S: Final = 30.0
_FULL: Final = ("full", "disk i/o")

Progress = Callable[[int, int], None]
"""Pages, or bytes, that are done, and how many there are."""


def copy_database(
    source: Path, target: Path, progress: Progress = lambda _done, _all: None
) -> None:
    """Write the database as it stands now to a new file, and make sure that the copy is whole.

    Raises TramoError for a damaged database, and OSError when the copy cannot be written.
    """

    def told(_status: int, left: int, pages: int) -> None:
        progress(pages - left, pages)

    try:
        with closing(open_read_only(source)) as ours, closing(sqlite3.connect(target)) as copy:
            ours.execute("BEGIN")
            ours.execute("SELECT count(*) FROM sqlite_master").fetchone()  # From here on it reads.
            copy.execute("PRAGMA synchronous=OFF")  # What it becomes a part of is synced.
            ours.backup(copy, pages=PAGES_AT_ONCE, progress=told)
            ours.execute("ROLLBACK")
        check_database(target, named=source)
    except sqlite3.OperationalError as error:
        if any(word in str(error).lower() for word in _FULL):
            raise OSError(f"the copy of the database cannot be written ({error})") from error
        raise damaged(source, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise damaged(source, str(error)) from error


def check_database(
    path: Path, *, named: Path | None = None, quick: bool = False, still: bool = True
) -> None:
    """Read a database from end to end; raises TramoError for a damaged one, and OperationalError
    where it cannot be opened.

    `named` is the file to speak of. `quick` leaves out that indexes fit their tables. `still` as in
    `open_read_only`.
    """
    pragma = "quick_check" if quick else "integrity_check"
    try:
        with closing(open_read_only(path, still=still)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA {pragma}(3)")]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise damaged(named or path, "; ".join(" ".join(line.split()) for line in found))


class Facts(msgspec.Struct, frozen=True):
    """What a copy holds."""

    counts: dict[str, int]
    blobs: frozenset[str]
    """Those that rows are kept in."""
    sealed: int
    """Connections, whose secrets the master key opens."""


def read_facts(copy: Path) -> Facts:
    """Count what there is in the copy of a database."""
    final = ", ".join(f"'{state}'" for state in sorted(FINAL_RUN_STATES))
    with closing(open_read_only(copy, still=True)) as connection:

        def one(query: str) -> int:
            return connection.execute(query).fetchone()[0]

        counts = {
            "runs": one("SELECT count(*) FROM run"),
            "open_runs": one(f"SELECT count(*) FROM run WHERE state NOT IN ({final})"),  # noqa: S608
            "events": one("SELECT count(*) FROM event"),
            "flows": one("SELECT count(*) FROM flow"),
        }
        sealed = one("SELECT count(*) FROM connection WHERE deleted_at IS NULL")
        blobs = frozenset(
            name
            for of, column in (("event", "payload"), ("segment", "body"))
            for name in _named_blobs(connection, of, column)
        )
    return Facts(counts, blobs, sealed)


def _named_blobs(connection: Any, of: str, column: str) -> Iterator[str]:
    query = f"SELECT substr({column}, 2) FROM {of} WHERE substr({column}, 1, 1) = ?"  # noqa: S608
    for (name,) in connection.execute(query, (bytes([BLOB]),)):
        yield name.decode()


def damaged(path: Path, why: str) -> TramoError:
    """Make the error for a database that cannot be trusted."""
    return TramoError(
        "store.damaged",
        f"The database {path} is damaged: {why}. Keep this folder as it is, and restore the last "
        "good backup into another one with: tramo restore FILE --data NEW_FOLDER",
        status=500,
    )


def open_read_only(path: Path, *, still: bool = False) -> sqlite3.Connection:
    """Open a database such that nothing is written or checkpointed, not even at the end.

    `still` says that nobody has it open and that it has no log: then no file appears beside it.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{'immutable=1' if still else 'mode=ro'}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_S,
        check_same_thread=False,  # Whoever is out of patience interrupts it from another one.
    )
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection
