"""The desk for times to come: when the schedules of a flow fire next, saved or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tramo.engine.instant import rfc3339
from tramo.graph.form import is_cron, is_timezone
from tramo.ingest.schedule import next_firings
from tramo.ingest.subscription import SCHEDULE
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.store import flow as store
from tramo.store.database import Database

SHOWN: Final = 5
LONGEST_S: Final = 31_622_400


class TimetableDesk:
    """What people ask about the hours of their flows."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of_flow(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Return the next firings of each schedule of a flow; none for one that is wrong.

        Of an active flow they are those of the version that takes events, otherwise the draft's.
        """
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            raise TramoError(
                "flow.unknown", f"There is no flow {flow_id}.", status=404, params={"id": flow_id}
            )
        active, document = row.state == "active", row.draft
        if active:
            kept = await self._database.read(
                lambda c: store.get_version(c, scope, flow_id, row.version)
            )
            document = kept.document
        flow = decode(document)
        return {
            "active": active,
            "items": [
                {"node": node.get("id"), **self._timetable(_params(node, flow))}
                for node in flow.get("nodes") or []
                if isinstance(node, dict)
                and node.get("type") == SCHEDULE
                and not node.get("disabled")
            ],
        }

    def of_params(self, scope: Scope, params: Mapping[str, Any], timezone: str) -> dict[str, Any]:
        """Return the next firings of a schedule that is still being written."""
        del scope
        known = _params({"params": params}, {"timezone": timezone})
        if wrong := _wrong(known):
            raise TramoError(
                "schedule.wrong",
                f"This schedule cannot be followed; look at its field “{wrong}”.",
                path=f"/params/{wrong}",
                status=422,
                params={"field": wrong},
            )
        return self._timetable(known)

    def _timetable(self, params: Mapping[str, Any]) -> dict[str, Any]:
        found = [] if _wrong(params) else next_firings(params, self._clock.now_ms(), SHOWN)
        return {"timezone": params["timezone"], "next": [rfc3339(instant) for instant in found]}


def _params(node: Mapping[str, Any], flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule's params with its flow's time zone where it names none."""
    own = node.get("params")
    said = {k: v for k, v in own.items() if v is not None} if isinstance(own, dict) else {}
    return {"timezone": flow.get("timezone") or "UTC", **said}


def _wrong(params: Mapping[str, Any]) -> str | None:
    """Return the first field that no schedule could follow."""
    for name, is_right in _RIGHT.items():
        if name in params and not is_right(params[name]):
            return name
    return None if "cron" in params or "every_s" in params else "cron"


def _is_step(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST_S


_RIGHT: Final[Mapping[str, Callable[[Any], bool]]] = {
    "cron": lambda value: isinstance(value, str) and is_cron(value),
    "timezone": lambda value: isinstance(value, str) and is_timezone(value),
    "every_s": _is_step,
}
