"""Runs that nobody has begun yet, read many at a time: a burst of them is what workers live on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select

from tramo.model.event import Key
from tramo.model.value import decode
from tramo.store import table
from tramo.store.measure import much

_r = table.run.c
_s = table.segment.c
_e = table.event.c
_b = table.restored.c


class Unbegun(msgspec.Struct, frozen=True):
    """What is needed to begin a run."""

    payload: bytes
    keys: tuple[Key, ...]


def read_unbegun(connection: Connection, events: Mapping[str, str]) -> dict[str, Unbegun]:
    """Return, of runs by their events, those that have not begun, hold little, and were not brought
    back by a restore."""
    ids = list(events)
    passed = set(
        connection.execute(select(_s.run_id).where(_s.run_id.in_(ids)).distinct()).scalars()
    )
    passed |= set(connection.execute(select(_b.run_id).where(_b.run_id.in_(ids))).scalars())
    wanted = [run_id for run_id in ids if run_id not in passed]
    if not wanted:
        return {}
    payloads = {
        row.id: row.payload
        for row in connection.execute(
            select(_e.id, _e.payload).where(
                _e.id.in_({events[run_id] for run_id in wanted}), ~much(_e.payload)
            )
        )
    }
    rows = connection.execute(select(_r.id, _r["keys"]).where(_r.id.in_(wanted)))
    return {
        row.id: Unbegun(payloads[events[row.id]], tuple(Key(*key) for key in decode(row[1])))
        for row in rows
        if events[row.id] in payloads
    }
