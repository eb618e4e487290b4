"""How much a run holds, before it is read."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from tramo.store import table
from tramo.store.codec import BLOB

MUCH_BYTES: Final = 64 * 1024
"""As it lies in the row, packed."""

_BLOB: Final = literal(bytes([BLOB]), LargeBinary)


def holds_much(connection: Connection, run_id: str, event_id: str) -> bool:
    """Tell whether a run's event or a segment of its journal is big, or lies in a file of its own
    because it is."""
    s, e = table.segment.c, table.event.c
    return (
        connection.execute(_big(s.body).where(s.run_id == run_id)).first() is not None
        or connection.execute(_big(e.payload).where(e.id == event_id)).first() is not None
    )


def much(body: Any) -> ColumnElement[bool]:
    """Return the condition that a column's body is big, or lies in a file of its own."""
    stored = type_coerce(body, LargeBinary)
    return or_(func.length(stored) > MUCH_BYTES, func.substr(stored, 1, 1) == _BLOB)


def _big(body: Any) -> Select[Any]:
    return select(literal(1)).where(much(body)).limit(1)
