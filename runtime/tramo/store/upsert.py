"""`insert … on conflict` for both databases: which one is decided when the statement is compiled.

SQLAlchemy has a class of it for each dialect, although SQLite took the clause from PostgreSQL and
both spell it alike. Statements here are SQLite's; PostgreSQL's compiler is given the same clause as
its own, and its dialect is imported only where there is a PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles


def upsert(table: Table) -> Insert:
    """Begin an insert that may go on with `on_conflict_do_nothing` or `on_conflict_do_update`."""
    return Insert(table)


@compiles(OnConflictDoNothing, "postgresql")
def _do_nothing(clause: OnConflictDoNothing, compiler: Any, **options: Any) -> str:
    from sqlalchemy.dialects.postgresql import dml

    return compiler.visit_on_conflict_do_nothing(_as(dml.OnConflictDoNothing, clause), **options)


@compiles(OnConflictDoUpdate, "postgresql")
def _do_update(clause: OnConflictDoUpdate, compiler: Any, **options: Any) -> str:
    from sqlalchemy.dialects.postgresql import dml

    return compiler.visit_on_conflict_do_update(_as(dml.OnConflictDoUpdate, clause), **options)


def _as(theirs: type[Any], clause: Any) -> Any:
    same: Any = object.__new__(theirs)
    same.__dict__.update(vars(clause), constraint_target=None)
    return same
