"""What a commit is made of: units, each written in one piece, many of them in one transaction.

This module knows no thread and no database in particular; `tramo.store.committer` decides when a
group is written, the database's home how its transaction is held.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, StatementError

from tramo.model.problem import TramoError

T = TypeVar("T")


class StoreUnavailable(TramoError):
    """The database cannot be written now; nothing was stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "store.unavailable",
            f"The database cannot be written right now ({reason}). Nothing was lost; try again.",
            status=503,
        )


class Unit(Generic[T]):
    """Something to be written in one piece."""

    @property
    def plain(self) -> bool:
        """It only adds rows, or changes rows that are certainly its own.

        Every other unit may read before it writes: of those, one process writes at a time.
        """
        return False

    def apply(self, connection: Connection) -> T:
        """Write this unit alone and return its result."""
        raise NotImplementedError

    @classmethod
    def apply_all(cls, connection: Connection, units: Sequence[Any]) -> list[Any]:
        """Write many units of this class; the default does it one after the other."""
        return [unit.apply(connection) for unit in units]


class Call(Unit[T]):
    """A function run on the writing connection."""

    def __init__(self, function: Callable[[Connection], T], *, plain: bool = False) -> None:
        self._function = function
        self._plain = plain

    @property
    def plain(self) -> bool:
        return self._plain

    def apply(self, connection: Connection) -> T:
        return self._function(connection)


class Upkeep(Unit[None]):
    """Statements for the database itself, which run outside any transaction."""

    def __init__(self, *statements: str) -> None:
        self._statements = statements

    def apply(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        for statement in self._statements:
            driver.execute(statement).fetchall()


Again = Callable[[], bool]
"""Waits a moment; False when there is no more time."""


def write_group(
    connection: Connection, units: Sequence[Unit[Any]], again: Again = lambda: False
) -> list[Any]:
    """Write units durably and return what each gave, an exception for each that failed.

    A unit that fails does so alone: its group is rolled back and its neighbours are written one by
    one. A commit whose answer was lost is asked about, as long as `again` lets it.
    """
    outcomes: list[Any] = [None] * len(units)
    groups: dict[str, list[int]] = {}
    for index, unit in enumerate(units):
        groups.setdefault(_manner(connection, unit), []).append(index)
    for manner, indexes in sorted(groups.items()):
        members = [units[index] for index in indexes]
        if manner == _UPKEEP:
            written = [_keep_up(connection, unit) for unit in members]
        else:
            written = _write(connection, members, manner == _WITH_PEN, again)
        for index, outcome in zip(indexes, written, strict=True):
            outcomes[index] = outcome
    return outcomes


_PLAIN, _WITH_PEN, _UPKEEP = "1 plain", "2 with the pen", "3 upkeep"


def _manner(connection: Connection, unit: Unit[Any]) -> str:
    if isinstance(unit, Upkeep):
        return _UPKEEP
    alone = connection.dialect.name == "sqlite"  # It writes alone anyway: all in one transaction.
    return _PLAIN if alone or unit.plain else _WITH_PEN


def _write(
    connection: Connection, units: Sequence[Unit[Any]], pen: bool, again: Again
) -> list[Any]:
    try:
        return _transact(connection, units, pen, again)
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
        if len(units) == 1 or isinstance(error, StoreUnavailable) or lost(error):
            return [translated(error)] * len(units)
    return [outcome for unit in units for outcome in _write(connection, [unit], pen, again)]


def _transact(
    connection: Connection, units: Sequence[Unit[Any]], pen: bool, again: Again
) -> list[Any]:
    """Write units in one transaction; one that two processes held each other up in is tried
    again."""
    tries = 0
    while True:
        number, applied = None, False
        tries += 1
        try:
            with connection.begin():
                if connection.dialect.name != "sqlite":
                    number = connection.execute(_BEGIN_WITH_PEN if pen else _BEGIN).scalar_one()
                outcomes, applied = _apply(connection, units), True
        except Exception as error:
            if _crossed(error) and tries < TRIES:
                continue
            if _state(error) == READ_ONLY:
                # The session would stay so: it keeps what it was told when it began, and after a
                # failover the address leads to another server.
                connection.invalidate(error)
            if number is None or not applied or not lost(error):
                raise
        else:
            return outcomes
        if _committed(connection, number, again):
            return outcomes


def _committed(connection: Connection, number: str, again: Again) -> bool:
    """Find out what became of a commit whose answer was lost; raises StoreUnavailable."""
    while True:
        try:
            with connection.begin():
                became = connection.execute(_BECAME, {"number": number}).scalar()
        except Exception as error:
            if not (lost(error) or hindered(error)):
                raise
            became = "in progress"
        if became != "in progress":
            return became == "committed"
        if not again():
            raise StoreUnavailable("its answer to a commit was lost")


TRIES = 5
PEN = 7_274_720
"""The advisory lock of whoever may read before it writes."""
_BEGIN = text("SELECT CAST(pg_current_xact_id() AS text)")
_BEGIN_WITH_PEN = text(
    f"SELECT CAST(pg_current_xact_id() AS text) FROM pg_advisory_xact_lock({PEN})"  # noqa: S608
)
_BECAME = text("SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8))")


def _apply(connection: Connection, units: Sequence[Unit[Any]]) -> list[Any]:
    outcomes: list[Any] = [None] * len(units)
    by_class: dict[type[Unit[Any]], list[int]] = {}
    for index, unit in enumerate(units):
        by_class.setdefault(type(unit), []).append(index)
    for kind, indexes in by_class.items():
        results = kind.apply_all(connection, [units[index] for index in indexes])
        for index, result in zip(indexes, results, strict=True):
            outcomes[index] = result
    return outcomes


def _keep_up(connection: Connection, unit: Unit[Any]) -> Any:
    try:
        return unit.apply(connection)
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
        return translated(error)


def _crossed(error: Exception) -> bool:
    """Tell whether PostgreSQL gave a transaction up for another one's sake (deadlock)."""
    return _state(error) in ("40P01", "40001")


def _state(error: BaseException) -> str:
    """Return what PostgreSQL calls the error, five letters, or nothing."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def lost(error: BaseException) -> bool:
    """Tell whether the connection to the database is gone, or could not be made."""
    if isinstance(error, OSError):
        return True
    if not isinstance(error, DBAPIError):
        # Where a known connection is to be made anew, what the network says is wrapped up plainly.
        return isinstance(error, StatementError) and isinstance(error.orig, OSError)
    return error.connection_invalidated or _state(error).startswith(_NO_CONNECTION)


def hindered(error: BaseException) -> bool:
    """Tell whether PostgreSQL refused something for a reason of its own that passes."""
    return _state(error).startswith(_IN_ITS_WAY)


def translated(error: Exception) -> Exception:
    """Return what whoever asked is told of a database's error."""
    said = str(getattr(error, "orig", None) or error)
    for theirs, ours in _PLAINLY.items():
        if isinstance(error, DatabaseError | sqlite3.DatabaseError) and theirs in said:
            return StoreUnavailable(ours)
    passes = isinstance(error, OperationalError) or lost(error) or hindered(error)
    if passes or _state(error) == READ_ONLY:
        return StoreUnavailable(said)
    return error


READ_ONLY: Final = "25006"
"""After a failover to what is a standby still, or where an operator's guard closed a full disk."""
_NO_CONNECTION: Final = ("08", "28", "3D000", "53300", "57P")
"""Broken, or not let in: a changed password, a database that is being put back, no room, a stop."""
_IN_ITS_WAY: Final = ("40", "53", "55", "57", "58", "XX001", "XX002")
"""Others who write the same, no disk or memory, something that is in use or not ready, a statement
that took too long, a disk that fails, damage."""

_PLAINLY: Final = {
    "disk is full": "its disk is full",
    "disk I/O error": "its disk reports an error",
    "malformed": "it is damaged: stop Tramo and restore a backup",
    "not a database": "it is damaged: stop Tramo and restore a backup",
}
"""What SQLite says, in other words."""
