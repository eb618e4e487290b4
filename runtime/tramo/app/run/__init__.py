"""The desks for runs: reading and searching them, and everything that people do with one."""

from __future__ import annotations

from tramo.app.run.desk import RunDesk
from tramo.app.run.doubt import DoubtDesk
from tramo.app.run.history import History
from tramo.app.run.rerun import RerunDesk
from tramo.app.run.timeline import TimelineDesk
from tramo.app.run.trial import TrialDesk

__all__ = ["DoubtDesk", "History", "RerunDesk", "RunDesk", "TimelineDesk", "TrialDesk"]
