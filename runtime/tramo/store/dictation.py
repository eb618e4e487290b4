"""What can be dictated to the scribe: units that are rows to be written, whatever is there.

The rows are those that the unit itself would write. Everything that has to look before it writes,
and everything that was packed already, is for the thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, select

from tramo.store import table
from tramo.store.backlog import LEAVE, Keep
from tramo.store.bulk import Row
from tramo.store.commit import Unit
from tramo.store.row import (
    ADVANCE,
    INSERT_BACKLOG,
    INSERT_EVENT,
    INSERT_KEY,
    INSERT_RUN,
    INSERT_SEGMENT,
    event_row,
    key_rows,
    run_row,
    segment_row,
)
from tramo.store.run import Accept, Accepted, Advance, Advanced
from tramo.store.scribe_process import Group, Statement

Rows = list[tuple[int, Row]]
"""Rows, each with the number of its statement."""

_KEEP, _LEAVE, _EVENT, _RUN, _SEGMENT, _KEY, _ADVANCE = range(7)
SCRIPT: Final = (
    Statement(INSERT_BACKLOG.spell(1), packed=list(table.backlog.c).index(table.backlog.c.body)),
    Statement(LEAVE),
    Statement(INSERT_EVENT.spell(1), packed=list(table.event.c).index(table.event.c.payload)),
    Statement(INSERT_RUN.spell(1)),
    Statement(INSERT_SEGMENT.spell(1), packed=list(table.segment.c).index(table.segment.c.body)),
    Statement(INSERT_KEY.spell(1), surely=False),
    Statement(ADVANCE.spell(1)),
)
"""The statements, in the order in which a group's rows are written."""

_OUTCOMES: Final[dict[type[Unit[Any]], Any]] = {
    Accept: Accepted(),
    Advance: Advanced(),
    Keep: None,
}
"""What units give that were written as dictated."""


def dictate(unit: Unit[Any]) -> Rows | None:
    """Return the rows of a unit, None for one that has to be written by itself."""
    if type(unit) is Accept:
        return _accept(unit)
    if type(unit) is Keep:
        return [(_KEEP, unit.kept.row)]
    return _advance(unit) if type(unit) is Advance else None


def _accept(unit: Accept) -> Rows | None:
    if unit.view is not None or not unit.plain or type(unit.event.payload) is not bytes:
        return None
    rows: Rows = [(_EVENT, event_row(unit.workspace_id, unit.event, unit.event.payload))]
    if unit.kept is not None:
        rows.append((_LEAVE, unit.kept))
    for run in unit.runs:
        rows.append((_RUN, run_row(run, unit.event.id)))
        if run.segment is not None:
            if type(run.segment) is not bytes:
                return None
            rows.append((_SEGMENT, segment_row(run.id, 0, run.segment)))
        rows += [(_KEY, row) for row in key_rows(run.workspace_id, run.id, run.keys)]
    return rows


def _advance(unit: Advance) -> Rows | None:
    if not unit.plain or unit.keys:
        return None
    rows: Rows = [(_ADVANCE, unit.update_row())]
    if unit.segment is not None:
        if type(unit.segment) is not bytes:
            return None
        rows.append((_SEGMENT, segment_row(unit.run_id, unit.seq, unit.segment)))
    return rows


def collect(units: Iterable[Rows]) -> Group:
    """Return the rows of many units as they are sent."""
    lists: list[list[Any]] = [[] for _ in SCRIPT]
    for rows in units:
        for number, row in rows:
            lists[number].append(row)
    return [(number, rows) for number, rows in enumerate(lists) if rows]


def outcome(unit: Unit[Any]) -> Any:
    """Return what a unit gives that was written as dictated."""
    return _OUTCOMES[type(unit)]


class Doubtful(Unit[Any]):
    """A unit that was dictated, and nobody knows whether it was written: it is looked up."""

    def __init__(self, unit: Unit[Any]) -> None:
        self._unit = unit

    def apply(self, connection: Connection) -> Any:
        if self._is_written(connection):
            return outcome(self._unit)
        return self._unit.apply(connection)

    def _is_written(self, connection: Connection) -> bool:
        unit = self._unit
        if isinstance(unit, Accept):
            # A known delivery is refused, so that its own id says that it was this one.
            query = select(table.event.c.id).where(table.event.c.id == unit.event.id)
        elif isinstance(unit, Advance):
            query = select(table.run.c.id).where(
                table.run.c.id == unit.run_id,
                table.run.c.token == unit.token,
                table.run.c.seq >= unit.seq,
            )
        elif isinstance(unit, Keep):
            return unit.is_written(connection)
        else:
            return False
        return connection.execute(query).first() is not None
