"""The tables. Instants are milliseconds since the epoch; documents and payloads are JSON bytes."""

from __future__ import annotations

from tramo.store.table.attention import (
    alert,
    answer_link,
    asked,
    flow_watch,
    looked,
    notice,
    notice_way,
)
from tramo.store.table.base import metadata
from tramo.store.table.cluster import awaited, change, duty, loss, pause, twin
from tramo.store.table.data import item_window, mark, slot, table_row, turn, window_item
from tramo.store.table.desk import act, kept_answer, variable
from tramo.store.table.flow import (
    address,
    connection,
    flow,
    flow_version,
    pin,
    presence,
    publication,
)
from tramo.store.table.keep import part, retention, stripped
from tramo.store.table.people import link, member, session, token, user, workspace
from tramo.store.table.restore import epoch, restored
from tramo.store.table.run import (
    backlog,
    event,
    event_key,
    once,
    rejected,
    run,
    run_key,
    segment,
    wait,
)
from tramo.store.table.trigger import delayed, echo, timer
from tramo.store.table.watch import pulse

__all__ = [
    "act",
    "address",
    "alert",
    "answer_link",
    "asked",
    "awaited",
    "backlog",
    "change",
    "connection",
    "delayed",
    "duty",
    "echo",
    "epoch",
    "event",
    "event_key",
    "flow",
    "flow_version",
    "flow_watch",
    "item_window",
    "kept_answer",
    "link",
    "looked",
    "loss",
    "mark",
    "member",
    "metadata",
    "notice",
    "notice_way",
    "once",
    "part",
    "pause",
    "pin",
    "presence",
    "publication",
    "pulse",
    "rejected",
    "restored",
    "retention",
    "run",
    "run_key",
    "segment",
    "session",
    "slot",
    "stripped",
    "table_row",
    "timer",
    "token",
    "turn",
    "twin",
    "user",
    "variable",
    "wait",
    "window_item",
    "workspace",
]
