"""What a commit tells those who watch: steps and the run, in the shape of the live feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from tramo.engine.instant import rfc3339
from tramo.engine.journal import Moment, error_of, iteration_of
from tramo.ports.observer import Observer
from tramo.runner.live import LiveRun


class Feed(Protocol):
    """Where live changes are told. Costs next to nothing when nobody listens."""

    def listening(self, workspace_id: str, /) -> bool: ...

    def publish(self, workspace_id: str, event: str, data: dict[str, Any]) -> None: ...


class News:
    """Tells those who watch, if anybody does, and whoever measures, what a commit changed."""

    def __init__(self, feed: Feed, observer: Observer) -> None:
        self._feed = feed
        self._observer = observer

    def tell(self, live: LiveRun, moments: list[Moment]) -> None:
        """Tell what is on the disk now."""
        state, feed = live.state, self._feed
        if moments:
            since, transitions = moments[0]
            if transitions and transitions[0][0] == "t":
                self._observer.begun(state.run_id)
            ended = state.status if live.finish is not None else None
            self._observer.advanced(
                state.run_id, state.plan.flow.id, state.started_at, since, ended
            )
        if feed.listening(live.workspace_id):
            for event, data in news(live, moments):
                feed.publish(live.workspace_id, event, data)

    def lost(self, run_id: str) -> None:
        """Tell that another worker has this run."""
        self._observer.fenced(run_id)


_STATES = {
    "t": "succeeded",
    "i": "succeeded",
    "b": "skipped",
    "s": "running",
    "d": "succeeded",
    "f": "failed",
    "r": "waiting",
    "p": "waiting",
    "q": "asking",
    "o": "skipped",
    "k": "skipped",
    "w": "waiting",
    "h": "waiting",
    "l": "running",
    "n": "cancelled",
}
_ANSWERED = {"happened": "succeeded", "resend": "waiting", "abort": "cancelled"}


def news(live: LiveRun, moments: list[Moment]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (event, data) for each step that changed, then one for the run."""
    state = live.state
    for at, transitions in moments:
        for transition in transitions:
            kind = transition[0]
            step_state = _STATES.get(kind) or (_ANSWERED[transition[3]] if kind == "a" else None)
            if step_state is None:
                continue
            yield (
                "step",
                {
                    "run_id": state.run_id,
                    "flow_id": state.plan.flow.id,
                    "node": transition[1],
                    "iteration": list(iteration_of(transition)),
                    "state": step_state,
                    "attempts": transition[3] if kind == "s" else None,
                    "port": _port(transition),
                    "at": rfc3339(at),
                    "error": _error(transition),
                },
            )
    yield "run", _run_news(live, moments[-1][0] if moments and live.finish else None)


def _run_news(live: LiveRun, ended_at: int | None) -> dict[str, Any]:
    state = live.state
    return {
        "id": state.run_id,
        "flow_id": state.plan.flow.id,
        "version": state.plan.version,
        "state": state.status,
        "reason": state.reason,
        "trigger": state.plan.nodes[state.trigger].id,
        "keys": [{"kind": key.kind, "value": key.value} for key in live.keys],
        "started_at": rfc3339(state.started_at),
        "ended_at": None if ended_at is None else rfc3339(ended_at),
    }


def _port(transition: tuple[Any, ...]) -> str | None:
    match transition[0]:
        case "i":
            return transition[2]
        case "d" | "k":
            return transition[3]
        case "t" | "b":
            return "out"
    return None


def _error(transition: tuple[Any, ...]) -> dict[str, Any] | None:
    error = error_of(transition)
    if error is None or transition[0] not in "fpqr":
        return None
    return {"code": error.code, "message": error.message, "params": error.params}
