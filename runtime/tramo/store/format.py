"""Says which format a database has, without changing it or holding it open.

It may be looked at while a server works on it: a SQLite file is opened for reading only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tramo.model.problem import TramoError
from tramo.store.sqlite import FILE_NAME
from tramo.store.upgrade import HEAD, Standing, look, number_of


class Pending(msgspec.Struct, frozen=True):
    """A revision that a database has not been through."""

    format: int
    brings: str


class Format(msgspec.Struct, frozen=True):
    """A database's format beside the newest that this Tramo knows."""

    format: int | None
    """None for a database that is yet to be made."""
    newest: int
    pending: list[Pending]
    """What an upgrade will do."""


async def read_format(folder: Path, url: str | None) -> Format:
    """Look at the SQLite file of a data folder, or at the PostgreSQL database of an address.

    Raises TramoError for a database of a newer Tramo or another program, or that cannot be reached.
    """
    standing = _look_at_file(folder / FILE_NAME) if url is None else await _look_at(url)
    steps: list[Pending] = []
    if standing.format and not standing.ready:
        # Only here: to import Alembic takes most of a second.
        from tramo.store.migration.climb import revisions

        numbered = ((number_of(step.revision), step.doc) for step in revisions(standing.after))
        steps = [Pending(to, brings) for to, brings in numbered if to > standing.format]
    return Format(standing.format or None, number_of(HEAD), steps)


def _look_at_file(path: Path) -> Standing:
    if not path.exists():
        return Standing(0)
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool)
    with engine.connect() as connection:
        return look(connection)


async def _look_at(url: str) -> Standing:
    from sqlalchemy.ext.asyncio import create_async_engine  # Its driver is an extra.

    address = make_url(url).set(drivername="postgresql+asyncpg")
    engine: Any = create_async_engine(address, poolclass=NullPool, connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    except (OSError, DBAPIError) as error:
        shown = address.render_as_string(hide_password=True)
        raise TramoError(
            "store.unreachable", f"The database at {shown} cannot be looked at ({error})."
        ) from None
    finally:
        await engine.dispose()
