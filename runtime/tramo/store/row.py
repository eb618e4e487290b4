"""Events, runs, segments and keys as rows: values in the order of the columns, and the statements
that write many of them.

Whoever writes packs the bodies; this module knows neither units nor transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Column, Integer

from tramo.model.event import Event, Key
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.value import encode
from tramo.store import table
from tramo.store.bulk import Bulk, Row, insert_rows

if TYPE_CHECKING:
    from tramo.store.run import NewRun

JOURNAL_FORMAT: Final = 1

INSERT_BACKLOG: Final = insert_rows(table.backlog)
INSERT_EVENT: Final = insert_rows(table.event, unless_known=True)
INSERT_RUN: Final = insert_rows(table.run)
INSERT_SEGMENT: Final = insert_rows(table.segment)
INSERT_KEY: Final = insert_rows(table.run_key, unless_known=True)


def event_row(workspace_id: str, event: Event, payload: bytes) -> Row:
    """Return the row of an event with its payload as it lies."""
    return (
        event.id,
        workspace_id,
        event.type,
        event.source,
        "" if event.delivery_id == event.id else event.delivery_id,
        event.received_at,
        payload,
        encode(event.keys),
    )


def run_row(run: NewRun, event_id: str) -> Row:
    """Return the row of a run that its event starts."""
    return (
        run.id,
        run.workspace_id,
        run.flow_id,
        run.version,
        event_id,
        run.trigger,
        run.state,
        run.reason,
        run.error,
        run.by_hand,
        run.origin,
        run.copied_from,
        run.generation,
        0,  # seq
        run.due_at,
        run.owner,
        run.lease_until,
        1,  # token
        0,  # crashes
        run.started_at,
        run.ended_at,
        encode(run.keys),
        run.parent,
        run.depth,
        run.rerun,
        run.slot,
        0,  # rung
        None,  # stop_by
        run.result,
    )


def segment_row(run_id: str, seq: int, body: bytes) -> Row:
    """Return the row of a segment with its body as it lies."""
    return (run_id, seq, JOURNAL_FORMAT, body)


def key_rows(workspace_id: str, run_id: str, keys: Sequence[Key]) -> list[Row]:
    """Return the rows by which a run is found by its keys."""
    return [(workspace_id, key.kind, key.value, run_id, key.connection_id) for key in keys]


ADVANCED: Final = (
    "state",
    "reason",
    "error",
    "owner",
    "lease_until",
    "ended_at",
    "crashes",
    "result",
    "rung",
    "due_at",
)
"""The columns of a run's row that an advance sets. `rung` and `due_at` depend on who rang, and
`lease_until` on whether it was renewed."""

_r = table.run.c
_FINAL = ", ".join(f"'{state}'" for state in sorted(FINAL_RUN_STATES))
_DEPENDS: Final = ("rung", "due_at", "lease_until")
_SET = ", ".join(f"{name} = v.{name}" for name in ADVANCED if name not in _DEPENDS)
# A lease that was renewed while this waited to be written stays as long as its holder believes.
_RENEWED = "WHEN run.lease_until > v.lease_until THEN run.lease_until"
ADVANCE: Final = Bulk(
    f"UPDATE run SET seq = v.seq, {_SET},"  # noqa: S608 - names of columns
    f" lease_until = CASE {_RENEWED} ELSE v.lease_until END,"
    # Somebody rang while the run was in hand: it is due as soon as it is not.
    " due_at = CASE WHEN v.owner IS NULL AND run.rung <> v.rung THEN v.now"
    f" {_RENEWED} ELSE v.due_at END FROM",
    [
        _r.id,
        Column("token", Integer),
        Column("seq", Integer),
        Column("now", BigInteger),
        *(_r[name] for name in ADVANCED),
    ],
    "AS v WHERE run.id = v.id AND run.token = v.token AND run.seq < v.seq"
    f" AND run.state NOT IN ({_FINAL})",
    named=True,
)
"""Sets rows (id, token, seq, now, then those of `ADVANCED`) of runs that are still whose they were.
"""
