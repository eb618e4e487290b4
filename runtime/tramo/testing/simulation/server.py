"""The one database of a simulated world: the store's real SQL on SQLite, in memory, called inline.

It outlives every process, as a file or a database server does. Nothing but a whole transaction is
ever seen in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, StaticPool

from tramo.store.commit import Unit, write_group
from tramo.store.table import metadata

T = TypeVar("T")


class Refused(OperationalError):
    """A fault: the database did not do what it was asked, and says so."""

    def __init__(self) -> None:
        super().__init__("", {}, sqlite3.OperationalError("disk I/O error, says the simulation"))


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", creator=_open, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _open() -> sqlite3.Connection:
    driver = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    driver.deserialize(_template())
    driver.execute("PRAGMA foreign_keys=ON")
    return driver


@cache
def _template() -> bytes:
    """Return an empty database with every table, to begin each world with."""
    driver = sqlite3.connect(":memory:", isolation_level=None)
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    metadata.create_all(engine)
    return driver.serialize()


class Server:
    """A fresh database. What SQLAlchemy has compiled is kept from world to world."""

    def __init__(self, blob: Callable[[str], bytes]) -> None:
        engine = _engine()
        engine.dialect.blobs = blob  # type: ignore[attr-defined]
        self._connection = engine.connect()
        self.driver: Any = self._connection.connection.driver_connection
        self.commits = 0

    def write(self, units: Sequence[Unit[Any]]) -> list[Any]:
        """Write a group as the committer does; return each unit's outcome or its error."""
        outcomes = write_group(self._connection, units)
        self._check_idle()
        self.commits += 1
        return outcomes

    def take_down(self, write: Callable[[Any], bool]) -> bool:
        """Let a scribe write a group by the driver; tell whether it did."""
        fine = write(self.driver)
        self._check_idle()
        self.commits += fine
        return fine

    def read(self, function: Callable[[Connection], T]) -> T:
        """Run a function that must only read."""
        before = self.driver.total_changes
        try:
            return function(self._connection)
        finally:
            self._connection.rollback()
            self._check_idle()
            assert self.driver.total_changes == before, f"{function} wrote where it may only read"

    def do(self, function: Callable[[Connection], T]) -> T:
        """Run a function in a transaction of the world's own, outside of every process."""
        with self._connection.begin():
            return function(self._connection)

    def undone(self, function: Callable[[Connection], T]) -> T:
        """Run a function in a transaction of the world's own, and take back what it wrote."""
        with self._connection.begin() as transaction:
            try:
                return function(self._connection)
            finally:
                transaction.rollback()

    def copy(self) -> bytes:
        """Return everything that is committed, as a backup would hold it."""
        return self.driver.serialize()

    def go_back(self, copy: bytes) -> None:
        """Hold what a copy holds, and nothing that came after it."""
        driver = sqlite3.connect(":memory:")
        driver.deserialize(copy)
        driver.backup(self.driver)
        driver.close()

    def ask(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """Return rows, past everything that is under test."""
        return self.driver.execute(sql, given).fetchall()

    def _check_idle(self) -> None:
        assert not self.driver.in_transaction, "a transaction is open where nobody works in one"

    def close(self) -> None:
        self._connection.close()
