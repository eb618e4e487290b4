"""Workers that are gone without a word, and which runs are to blame for it.

A run that was in hand at three losses is what takes workers down, unless workers that did not have
it go as well: then somebody kills them from outside, and more is asked for before it is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, delete, func, select

from tramo.model.limit import CRASHES_AT_MOST, CRASHES_BEFORE_QUARANTINE
from tramo.store import table
from tramo.store.upsert import upsert

REMEMBERED_MS: Final = 600_000
"""What was lost longer ago says nothing about now."""
ELSEWHERE: Final = 3
"""So many losses that a run had no part in say that workers are killed from outside."""

_l = table.loss.c


def note_losses(connection: Connection, owners: Iterable[str], now: int) -> None:
    """Remember that workers are gone."""
    for owner in sorted(owners):
        statement = upsert(table.loss).values(owner=owner, at=now)
        connection.execute(statement.on_conflict_do_nothing(index_elements=[_l.owner]))
    connection.execute(delete(table.loss).where(_l.at < now - REMEMBERED_MS))


def blame(connection: Connection, crashes: int) -> bool:
    """Tell whether a run that was in hand at so many losses is to blame for them; if it is, they
    say nothing about other runs any more."""
    if crashes < CRASHES_BEFORE_QUARANTINE:
        return False
    lost = connection.execute(select(func.count()).select_from(table.loss)).scalar_one()
    if crashes < CRASHES_AT_MOST and lost - crashes >= ELSEWHERE:
        return False
    explained = select(_l.owner).order_by(_l.at.desc(), _l.owner.desc()).limit(crashes)
    connection.execute(delete(table.loss).where(_l.owner.in_(explained)))
    return True
