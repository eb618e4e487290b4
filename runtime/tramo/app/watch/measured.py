"""What is measured from outside: attempts of steps, requests to vendors, deliveries.

Each class here has the shape of what it stands around, so that the rooms below know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from tramo.app.watch.log import bound
from tramo.app.watch.tally import Tally
from tramo.app.watch.trace import Tracing
from tramo.engine import Failed, Happening, Perform
from tramo.graph.plan import PlanNode
from tramo.ingest.door import Door, DoorAnswer
from tramo.outbound.host import listed
from tramo.ports.clock import Clock
from tramo.ports.http import Http, Interrupted, NotSent, Request, Response
from tramo.runner.attempt import Attempts, Call, Contexts
from tramo.sdk.definition import Action

UNREACHABLE: Final = "unreachable"
NO_ANSWER: Final = "no_answer"


class MeasuredAttempts(Attempts):
    """Attempts whose time is counted by node type, and whose log lines say whose they are."""

    def __init__(
        self,
        actions: Callable[[str, int], Action | None],
        contexts: Contexts,
        *,
        clock: Clock,
        tally: Tally,
        tracing: Tracing | None,
    ) -> None:
        super().__init__(actions, contexts, clock.now_ms)
        self._clock = clock
        self._tally = tally
        self._tracing = tracing

    async def carry_out(self, node: PlanNode, perform: Perform, call: Call) -> Happening:
        """Run one attempt; see tramo.runner.attempt.Attempts."""
        fields = {
            "run_id": call.run_id,
            "flow_id": call.flow_id,
            "node_id": node.id,
            "connection_id": call.connection_id,
            "attempt": call.attempt,
        }
        began_s = self._clock.monotonic_s()
        with bound(**fields), ExitStack() as stack:
            span = None
            if self._tracing is not None:
                shown = {f"tramo.{name}": value for name, value in fields.items()}
                span = stack.enter_context(
                    self._tracing.attempt(call.run_id, node.type.type, shown)
                )
            happened = await super().carry_out(node, perform, call)
            if span is not None and self._tracing is not None and isinstance(happened, Failed):
                self._tracing.failed(span, happened.failure.kind)
        outcome = happened.failure.kind if isinstance(happened, Failed) else "succeeded"
        names = (node.type.type, outcome)
        self._tally.steps[names].add(self._clock.monotonic_s() - began_s)
        return happened


class MeasuredHttp:
    """A way to one connector's vendor whose requests are counted by the class of their answer."""

    def __init__(self, connector: str, http: Http, measure: Measure) -> None:
        self._connector = connector
        self._http = http
        self._measure = measure

    async def send(self, request: Request) -> Response:
        """Send a request; see tramo.ports.http.Http."""
        measure = self._measure
        began_s = measure.clock.monotonic_s()
        answer = NO_ANSWER
        try:
            if measure.tracing is None:
                response = await self._http.send(request)
            else:
                response = await self._traced(request, measure.tracing)
            answer = f"{response.status // 100}xx"
            return response
        except NotSent:
            answer = UNREACHABLE
            raise
        finally:
            took_s = measure.clock.monotonic_s() - began_s
            measure.tally.requests[(self._connector, answer)].add(took_s)

    async def _traced(self, request: Request, tracing: Tracing) -> Response:
        host = urlsplit(request.url).hostname or ""
        with tracing.request(self._connector, request.method, host) as span:
            if listed(self._measure.trace_hosts, host):
                headers = tracing.handed_on() | dict(request.headers)
                request = msgspec.structs.replace(request, headers=headers)
            try:
                response = await self._http.send(request)
            except (NotSent, Interrupted) as error:
                tracing.failed(span, UNREACHABLE if isinstance(error, NotSent) else NO_ANSWER)
                raise
            span.set_attribute("http.response.status_code", response.status)
            if response.status >= 400:
                tracing.failed(span, str(response.status))
            return response


class Measure(msgspec.Struct, frozen=True):
    """Stands around the ways out of the house."""

    tally: Tally
    clock: Clock
    tracing: Tracing | None = None
    trace_hosts: tuple[str, ...] = ()
    """Vendors' hosts that may go on with our traces."""

    def way(self, connector: str, http: Http) -> Http:
        """Return the same way out, measured."""
        return MeasuredHttp(connector, http, self)


class TracedDoor(Door):
    """A door whose deliveries are traced."""

    def __init__(self, tracing: Tracing, **parts: Any) -> None:
        super().__init__(**parts)
        self._tracing = tracing

    async def deliver(self, address: str, **delivery: Any) -> DoorAnswer:
        """Take one delivery; see tramo.ingest.door.Door."""
        with self._tracing.delivery(delivery["method"], delivery["headers"]) as span:
            answer = await super().deliver(address, **delivery)
            span.set_attribute("http.response.status_code", answer.status)
            span.set_attribute("tramo.became", answer.became)
            return answer
