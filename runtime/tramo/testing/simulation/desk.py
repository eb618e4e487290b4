"""The desks of one process, as far as the simulated people go to them: another try for a run, what
became of a doubt, and what becomes of runs that wait on an older version."""

from __future__ import annotations

from typing import Any

from tramo.app.run import DoubtDesk, History, RerunDesk
from tramo.app.waiting import WaitingDesk
from tramo.graph.plan import PlanNode
from tramo.ingest.key import trigger_keys
from tramo.model.event import Key
from tramo.testing.simulation.worker import Worker


class Desks:
    """Made for one visit: what a desk has in memory must not matter."""

    def __init__(self, worker: Worker) -> None:
        history = History(database=worker.database, plans=worker.plans)
        parts: dict[str, Any] = {
            "database": worker.database,
            "clock": worker.clock,
            "ids": worker.ids,
        }
        self.reruns = RerunDesk(history=history, wakeup=worker.wakeup, keys=_keys, **parts)
        self.doubts = DoubtDesk(history=history, runner=worker.runner, **parts)
        self.waiting = WaitingDesk(plans=worker.plans, wakeup=worker.wakeup, **parts)


def _keys(node: PlanNode, output: Any) -> tuple[Key, ...]:
    return trigger_keys(node.type, node.node.params, output, node.node.connection or "")
