"""Carries out revisions, oldest first. Importing this imports Alembic, which takes most of a
second: only a database that is behind is worth that.

There is no `alembic.ini` and no environment script: the connection, and the transaction around
everything, are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


def revisions(after: str | None = None, to: str = "head") -> Iterator[Script]:
    """Return the revisions that follow one, oldest first; all of them after None."""
    script = ScriptDirectory(str(HERE), version_locations=[str(HERE / "revision")])
    return reversed(list(script.iterate_revisions(to, after or "base")))


def climb(connection: Connection, after: str | None, to: str = "head") -> None:
    """Carry out what follows a revision, in the transaction that the caller has begun."""
    with Operations.context(MigrationContext.configure(connection)):
        for revision in revisions(after, to):
            revision.module.upgrade()
