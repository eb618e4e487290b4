"""What the end of a run does to others, in the transaction that ends it."""

from __future__ import annotations

from typing import Protocol

import msgspec
from sqlalchemy import Connection, select

from tramo.model.run import FINAL_RUN_STATES
from tramo.store import table
from tramo.store.lease import ask_to_stop, wake
from tramo.store.slot import release

_r = table.run.c


class Heard(Protocol):
    """What starts because a run failed."""

    def write(self, connection: Connection) -> list[str]: ...


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A run that ends. Its parent goes on; what it called stops with it; its failure is heard."""

    run_id: str
    parent: str | None
    cancelled_by: str | None
    called: bool
    """It called other flows, or may have."""
    failure: Heard | None = None
    now: int
    slot: bool = False
    """It may hold a slot that others wait for."""

    def write(self, connection: Connection) -> list[str]:
        """Write what follows; return the runs that have something to do now."""
        woken: list[str] = []
        if self.parent is not None:
            wake(connection, [self.parent], self.now)
            woken.append(self.parent)
        if self.called:
            children = list(
                connection.execute(
                    select(_r.id).where(
                        _r.parent == self.run_id, _r.state.not_in(sorted(FINAL_RUN_STATES))
                    )
                ).scalars()
            )
            ask_to_stop(connection, children, self.cancelled_by or "system", self.now)
            woken += children
        if self.slot:
            woken += release(connection, self.run_id, self.now)
        if self.failure is not None:
            woken += self.failure.write(connection)
        return woken
