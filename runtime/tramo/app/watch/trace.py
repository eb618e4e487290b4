"""Traces for OpenTelemetry: what a delivery, a run, its steps and its requests took, and why.

A run is a trace: its id follows from the run's id, so that every process that works on the run, and
every restart, writes into the same one. A run that a delivery with a `traceparent` began goes on in
the sender's trace, as long as this process remembers. Spans hold ids, types and states of ours, a
vendor's host and no more of an address; nobody's data.

Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set and the extra `otel` is installed; then nothing of
OpenTelemetry is even loaded, and nothing here stands in anybody's way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from tramo import __version__
from tramo.app.watch.tally import Tally

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span, SpanContext

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
REMEMBERED: Final = 10_000
FLUSHED_WITHIN_S: Final = 1.0

_log = logging.getLogger("tramo.trace")
_cause: ContextVar[Any] = ContextVar("tramo_trace_cause", default=None)
"""The delivery that is being taken: its span's context, and whether the sender traces it."""


def load_tracing(environment: Mapping[str, str]) -> Tracing | None:
    """Return what writes traces where the environment asks for them, else None."""
    if not any(environment.get(name) for name in ENDPOINTS):
        return None
    if environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return None
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("An endpoint for traces is set, but they need more: pip install tramo[otel]")
        return None
    return Tracing(BatchSpanProcessor(OTLPSpanExporter()))


class Tracing:
    """Makes spans. Everything here is called on the event loop's thread."""

    def __init__(self, processor: SpanProcessor) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        class Ids(RandomIdGenerator):
            """Gives the ids that were asked for, once."""

            asked: tuple[int, int] | None = None

            def generate_trace_id(self) -> int:
                return self.asked[0] if self.asked else super().generate_trace_id()

            def generate_span_id(self) -> int:
                given, self.asked = self.asked, None
                return given[1] if given else super().generate_span_id()

        self._api = trace
        self._ids = Ids()
        named = Resource.create()  # What the environment says.
        if str(named.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
            named = named.merge(Resource({SERVICE_NAME: "tramo"}))
        self._spans = TracerProvider(resource=named, id_generator=self._ids)
        self._spans.add_span_processor(processor)
        self._tracer = self._spans.get_tracer("tramo", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._causes: OrderedDict[str, tuple[SpanContext, bool]] = OrderedDict()

    # A delivery, and the runs it begins ----------------------------------------------------------

    @contextmanager
    def delivery(self, method: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """Trace a delivery: in the sender's trace, if it sent one."""
        sender = self._propagator.extract(headers)
        remote = self._api.get_current_span(sender).get_span_context().is_valid
        span = self._tracer.start_span(
            "delivery",
            context=sender,
            kind=self._api.SpanKind.SERVER,
            attributes={"http.request.method": method},
        )
        before = _cause.set((span.get_span_context(), remote))
        try:
            yield span
        finally:
            _cause.reset(before)
            span.end()

    def begun(self, run_id: str) -> None:
        """Note which delivery began a run."""
        cause = _cause.get()
        if cause is not None:
            self._causes[run_id] = cause
            if len(self._causes) > REMEMBERED:
                self._causes.popitem(last=False)

    # A run -------------------------------------------------------------------------------------

    def advanced(
        self, run_id: str, flow_id: str, started_ms: int, since_ms: int, ended: str | None
    ) -> None:
        """Write the span of a segment, and that of the whole run once it has ended."""
        attributes = {"tramo.run_id": run_id, "tramo.flow_id": flow_id}
        self._tracer.start_span(
            "segment",
            context=self._inside(run_id),
            attributes=attributes,
            start_time=since_ms * 1_000_000,
        ).end()
        if ended is None:
            return
        root = self._root(run_id)
        if not root.trace_flags.sampled:
            return
        cause, remote = self._causes.pop(run_id, (None, False))
        self._ids.asked = (root.trace_id, root.span_id)
        span = self._tracer.start_span(
            "run",
            context=self._context(cause) if cause is not None and remote else self._nowhere(),
            links=[] if cause is None or remote else [self._api.Link(cause)],
            attributes=attributes | {"tramo.state": ended},
            start_time=started_ms * 1_000_000,
        )
        if ended == "failed":
            span.set_status(self._api.StatusCode.ERROR)
        span.end()

    @contextmanager
    def attempt(self, run_id: str, name: str, attributes: Mapping[str, Any]) -> Iterator[Span]:
        """Trace an attempt of a step; requests made inside are its children."""
        known = {key: value for key, value in attributes.items() if value is not None}
        span = self._tracer.start_span(name, context=self._inside(run_id), attributes=known)
        with self._api.use_span(span, end_on_exit=True, record_exception=False):
            yield span

    @contextmanager
    def request(self, connector: str, method: str, host: str) -> Iterator[Span]:
        """Trace a request to a vendor."""
        span = self._tracer.start_span(
            method,
            kind=self._api.SpanKind.CLIENT,
            attributes={
                "http.request.method": method,
                "server.address": host,
                "tramo.connector": connector,
            },
        )
        with self._api.use_span(span, end_on_exit=True, record_exception=False):
            yield span

    def failed(self, span: Span, code: str) -> None:
        """Say that what a span stands for came to nothing, by a code of ours."""
        span.set_status(self._api.StatusCode.ERROR)
        span.set_attribute("error.type", code)

    def handed_on(self) -> dict[str, str]:
        """Return the headers that let a vendor go on with the trace."""
        headers: dict[str, str] = {}
        self._propagator.inject(headers)
        return headers

    def _inside(self, run_id: str) -> Any:
        return self._context(self._root(run_id))

    def _root(self, run_id: str) -> SpanContext:
        """Return the context of a run's own span, which is written when the run ends."""
        digest = hashlib.sha256(run_id.encode()).digest()
        cause, remote = self._causes.get(run_id, (None, False))
        if cause is not None and remote:
            trace_id, flags = cause.trace_id, cause.trace_flags
        else:
            trace_id = int.from_bytes(digest[:16])
            sampled = self._spans.sampler.should_sample(None, trace_id, "run")
            flags = self._api.TraceFlags(int(sampled.decision.is_sampled()))
        span_id = int.from_bytes(digest[16:24])
        return self._api.SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)

    def _context(self, parent: SpanContext) -> Any:
        return self._api.set_span_in_context(
            self._api.NonRecordingSpan(parent), context=self._nowhere()
        )

    def _nowhere(self) -> Any:
        from opentelemetry.context import Context

        return Context()

    # Its end -----------------------------------------------------------------------------------

    async def close(self) -> None:
        """Send what has not been sent, but wait for the collector a second at most."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def shut_down() -> None:
            self._spans.shutdown()
            try:
                loop.call_soon_threadsafe(done.set)
            except RuntimeError:
                return  # Nobody waited any longer.

        threading.Thread(target=shut_down, name="tramo-traces", daemon=True).start()
        try:
            async with asyncio.timeout(FLUSHED_WITHIN_S):
                await done.wait()
        except TimeoutError:
            _log.warning("The last traces were not sent: the collector took too long")


class TracedTally(Tally):
    """Counts, and tells the same to traces."""

    def __init__(self, tracing: Tracing) -> None:
        super().__init__()
        self._tracing = tracing

    def begun(self, run_id: str) -> None:
        super().begun(run_id)
        self._tracing.begun(run_id)

    def advanced(
        self, run_id: str, flow_id: str, started_ms: int, since_ms: int, ended: str | None
    ) -> None:
        super().advanced(run_id, flow_id, started_ms, since_ms, ended)
        self._tracing.advanced(run_id, flow_id, started_ms, since_ms, ended)
