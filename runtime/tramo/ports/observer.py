"""Whoever measures: rooms say what happened, and know neither what is counted nor how.

Calls never fail and never wait. They stand on the way of every run, so an implementation adds
numbers up and nothing more.
"""

from __future__ import annotations

from typing import Final, Protocol


class Observer(Protocol):
    def committed(self, units: int, took_s: float) -> None:
        """A group of this many units was committed, or refused. Called from the writing thread, or
        from the event loop for what the scribe wrote; never from both at once."""
        ...

    def begun(self, run_id: str) -> None:
        """A run was begun, and is on the disk."""
        ...

    def advanced(
        self, run_id: str, flow_id: str, started_ms: int, since_ms: int, ended: str | None
    ) -> None:
        """A segment is on the disk whose first moment was `since_ms`, of a run that was begun at
        `started_ms`; `ended` names the state in which the run ended with it."""
        ...

    def claimed(self, runs: int) -> None:
        """This many runs, due or left behind, were taken up."""
        ...

    def fenced(self, run_id: str) -> None:
        """A write came to nothing, for the run belongs to another worker by now."""
        ...


class Silent:
    """Measures nothing."""

    def committed(self, units: int, took_s: float) -> None: ...
    def begun(self, run_id: str) -> None: ...
    def advanced(
        self, run_id: str, flow_id: str, started_ms: int, since_ms: int, ended: str | None
    ) -> None: ...
    def claimed(self, runs: int) -> None: ...
    def fenced(self, run_id: str) -> None: ...


SILENT: Final = Silent()
