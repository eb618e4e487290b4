"""What changed in the database, as the database itself says: triggers note each change of a row in
the transaction that makes it, whoever makes it and by whatever statement."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tramo.testing.simulation.server import Server

_SHOWN: Final = (
    "state",
    "reason",
    "owner",
    "token",
    "seq",
    "due_at",
    "lease_until",
    "crashes",
    "rung",
    "version",
    "event_id",
    "stop_by",
)


class RunRow(msgspec.Struct, frozen=True):
    """The columns of a run's row that say who may do what with it."""

    state: str
    reason: str | None
    owner: str | None
    token: int
    seq: int
    due_at: int | None
    lease_until: int | None
    crashes: int
    rung: int
    version: str
    event_id: str
    stop_by: str | None


class RunChange(msgspec.Struct, frozen=True):
    """One run's row before and after one statement; None: there was none, or is none."""

    id: str
    before: RunRow | None
    after: RunRow | None


class Changes(msgspec.Struct, frozen=True):
    """What one group of units changed, in order."""

    runs: list[RunChange]
    segments: list[tuple[str, int]]
    events: list[str]
    met: list[str]
    """Runs of which an event has ended a wait."""
    rewritten: list[str]
    """Rows that must never change and did."""


def _columns(of: str) -> str:
    return ", ".join(f"{of}.{name}" for name in _SHOWN)


def _nothing() -> str:
    return ", ".join("NULL" for _ in _SHOWN)


def _names(prefix: str) -> str:
    return ", ".join(f"{prefix}_{name}" for name in _SHOWN)


_NOTE: Final = "INSERT INTO noted VALUES"
_RUN_NOTE: Final = (
    f"INSERT INTO noted_run(id, {_names('o')}, {_names('n')}) SELECT {{id}}, {{old}}, {{new}}"
)
_TABLES: Final = (
    f"CREATE TEMP TABLE noted_run(number INTEGER PRIMARY KEY, id, {_names('o')}, {_names('n')})",
    "CREATE TEMP TABLE noted(number INTEGER PRIMARY KEY, what, name, seq)",
)
_TRIGGERS: Final = (
    "CREATE TEMP TRIGGER run_new AFTER INSERT ON main.run BEGIN "
    + _RUN_NOTE.format(id="NEW.id", old=_nothing(), new=_columns("NEW"))
    + "; END",
    "CREATE TEMP TRIGGER run_set AFTER UPDATE ON main.run BEGIN "
    + _RUN_NOTE.format(id="NEW.id", old=_columns("OLD"), new=_columns("NEW"))
    + "; END",
    "CREATE TEMP TRIGGER run_gone AFTER DELETE ON main.run BEGIN "
    + _RUN_NOTE.format(id="OLD.id", old=_columns("OLD"), new=_nothing())
    + "; END",
    "CREATE TEMP TRIGGER segment_new AFTER INSERT ON main.segment BEGIN "
    f"{_NOTE}(NULL, 'segment', NEW.run_id, NEW.seq); END",
    "CREATE TEMP TRIGGER segment_set AFTER UPDATE ON main.segment BEGIN "
    f"{_NOTE}(NULL, 'rewritten', 'segment ' || OLD.run_id || ' ' || OLD.seq, NULL); END",
    "CREATE TEMP TRIGGER segment_gone AFTER DELETE ON main.segment BEGIN "
    f"{_NOTE}(NULL, 'rewritten', 'segment ' || OLD.run_id || ' ' || OLD.seq, NULL); END",
    "CREATE TEMP TRIGGER event_new AFTER INSERT ON main.event BEGIN "
    f"{_NOTE}(NULL, 'event', NEW.id, NULL); END",
    "CREATE TEMP TRIGGER event_set AFTER UPDATE ON main.event BEGIN "
    f"{_NOTE}(NULL, 'rewritten', 'event ' || OLD.id, NULL); END",
    "CREATE TEMP TRIGGER wait_set AFTER UPDATE ON main.wait "
    "WHEN OLD.event_id IS NOT NULL AND NEW.event_id IS NOT OLD.event_id BEGIN "
    f"{_NOTE}(NULL, 'rewritten', 'wait ' || OLD.run_id || ' ' || OLD.node_id, NULL); END",
    "CREATE TEMP TRIGGER wait_met AFTER UPDATE ON main.wait "
    "WHEN OLD.event_id IS NULL AND NEW.event_id IS NOT NULL BEGIN "
    f"{_NOTE}(NULL, 'met', NEW.run_id, NULL); END",
    "CREATE TEMP TRIGGER event_gone AFTER DELETE ON main.event BEGIN "
    f"{_NOTE}(NULL, 'rewritten', 'event ' || OLD.id, NULL); END",
)


class Log:
    """Reads and empties the notes."""

    def __init__(self, server: Server) -> None:
        self._driver: Any = server.driver
        for statement in (*_TABLES, *_TRIGGERS):
            self._driver.execute(statement)

    def take(self) -> Changes:
        """Return what was noted since the last time."""
        runs: list[RunChange] = []
        width = len(_SHOWN)
        for row in self._driver.execute("SELECT * FROM temp.noted_run ORDER BY number"):
            before, after = row[2 : 2 + width], row[2 + width :]
            runs.append(RunChange(row[1], _row(before), _row(after)))
        found: dict[str, list[Any]] = {"segment": [], "event": [], "met": [], "rewritten": []}
        for _, what, name, seq in self._driver.execute("SELECT * FROM temp.noted ORDER BY number"):
            found[what].append((name, seq) if what == "segment" else name)
        if runs:
            self._driver.execute("DELETE FROM temp.noted_run")
        if any(found.values()):
            self._driver.execute("DELETE FROM temp.noted")
        met = list(dict.fromkeys(found["met"]))
        return Changes(runs, found["segment"], found["event"], met, found["rewritten"])

    def read_runs(self) -> dict[str, RunRow]:
        """Return the rows of all runs as they are."""
        rows = self._driver.execute(f"SELECT id, {', '.join(_SHOWN)} FROM run")  # noqa: S608
        return {row[0]: RunRow(*row[1:]) for row in rows}


def _row(values: tuple[Any, ...]) -> RunRow | None:
    return None if values[0] is None else RunRow(*values)
