"""What has changed that other processes keep in memory: a number each, raised in the transaction
that changes it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from tramo.model.problem import TramoError
from tramo.store import table
from tramo.store.upsert import upsert

FLOWS: Final = "flows"
CONNECTIONS: Final = "connections"
VARIABLES: Final = "variables"
DUTIES: Final = "duties"
PAUSES: Final = "pauses"

_c = table.change.c


class Outdated(TramoError):
    """What an event starts was decided with flows that have changed since; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "store.outdated", "A flow has changed this very moment. Send it again.", status=503
        )


def bump(connection: Connection, name: str) -> None:
    """Let every process see that something has changed."""
    connection.execute(
        upsert(table.change)
        .values(name=name, number=1)
        .on_conflict_do_update(index_elements=[_c.name], set_={"number": _c.number + 1})
    )


def read_changes(connection: Connection) -> dict[str, int]:
    """Return how often each thing has changed; what never did is missing."""
    return {row.name: row.number for row in connection.execute(select(_c.name, _c.number))}


def read_number(connection: Connection, name: str) -> int:
    """Return how often one thing has changed."""
    return connection.execute(select(_c.number).where(_c.name == name)).scalar() or 0
