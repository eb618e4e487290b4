"""What today's tables have that no revision brings, printed as the lines of a new one:

    python -m tramo.store.migration.draft

A draft is read and changed before it is kept: see README.md.
"""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from tramo.store.migration.climb import climb
from tramo.store.table import metadata


def differences(connection: Connection) -> list[Any]:
    """Return how a database differs from today's tables, as Alembic's operations."""
    return compare_metadata(_context(connection), metadata)


def draft() -> str:
    """Return what the next revision has to do."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        climb(connection, None)
        found = produce_migrations(_context(connection), metadata).upgrade_ops
    assert found is not None
    return render_python_code(found)


def _context(connection: Connection) -> MigrationContext:
    options = {"compare_type": True, "compare_server_default": True}
    return MigrationContext.configure(connection, opts=options)


if __name__ == "__main__":
    print(draft())
