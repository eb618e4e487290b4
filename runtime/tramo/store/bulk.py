"""Many rows by one statement, as tuples: what the hot path writes.

SQLAlchemy compiles the statement once for a dialect; after that the rows go to the driver as they
are, without a dictionary and a pass of parameter processing for each. Values must therefore be of
the driver's own kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.sql.compiler import SQLCompiler


class Bulk:
    """A statement for many rows; `names` gives the order of a row's values."""

    def __init__(self, statement: Any, names: Sequence[str]) -> None:
        self._statement: Executable = statement
        self._names = tuple(names)
        self._compiled: dict[str, str] = {}

    def execute(self, connection: Connection, rows: list[tuple[Any, ...]]) -> int:
        """Write the rows and return how many were written or changed."""
        if not rows:
            return 0
        dialect = connection.dialect
        sql = self._compiled.get(dialect.name)
        if sql is None:
            sql = self._compiled[dialect.name] = self._compile(dialect)
        return connection.exec_driver_sql(sql, rows).rowcount

    def _compile(self, dialect: Any) -> str:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names))  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        if tuple(compiled.positiontup or ()) != self._names:
            raise ValueError(f"the statement takes {compiled.positiontup}, not {self._names}")
        return str(compiled)
