"""`/metrics`: the tally, what is open in the database, and the process, as Prometheus reads them.

prometheus-client is loaded when somebody asks for the first time, in a thread: a server that nobody
scrapes pays nothing. Labels are node types, connectors, states and codes; never an id or a name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

import msgspec

from tramo import __version__
from tramo.app.watch.tally import Spread, Tally
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.store.census import Census, take_census
from tramo.store.database import Database

COUNTED_EVERY_S: Final = 5.0
READ_WITHIN_S: Final = 2.0
SHARE: Final = 50
"""A census that took a second is not taken again for this many: it costs a fiftieth of a reader."""
OPEN_STATES: Final = ("queued", "running", "waiting", "asking", "quarantined")

HELP: Final[Mapping[str, str]] = {
    "tramo_info": "Which Tramo this is.",
    "tramo_delivery_seconds": "Deliveries to the door until their answer, by outcome.",
    "tramo_unavailable": "Requests beside deliveries that were told to come back (503), by code.",
    "tramo_commit_units": "What one commit wrote at once.",
    "tramo_commit_seconds": "How long commits took.",
    "tramo_commit_queue": "What waits to be written.",
    "tramo_backlog": "Deliveries that were kept as they came, and are yet to be read.",
    "tramo_runs_begun": "Runs begun by this process.",
    "tramo_runs_ended": "Runs ended by this process, by state.",
    "tramo_runs_in_hand": "Runs in this process's memory.",
    "tramo_claims": "Runs taken up that were due or left behind.",
    "tramo_lease_losses": "Writes that came to nothing, for the run was another worker's by then.",
    "tramo_step_seconds": "Attempts of steps that act in the world, by node type and outcome.",
    "tramo_vendor_request_seconds": "Requests to vendors, by connector and answer.",
    "tramo_runs_open": "Open runs in the database, by state.",
    "tramo_queue_age_seconds": "For how long the oldest due run has waited to be taken up.",
    "tramo_census_age_seconds": "How old the two figures of the database are.",
}
"""Every figure of ours, by the name it is registered under; counters are shown with `_total`."""


class Standing(msgspec.Struct, frozen=True):
    """How things stand at this moment."""

    waiting_units: int
    backlog: int
    runs_in_hand: int
    census: Census | None
    census_age_s: float
    now_ms: int


class Metrics:
    """Makes the page."""

    def __init__(
        self,
        *,
        tally: Tally,
        database: Database,
        clock: Clock,
        in_hand: Callable[[], int],
        backlog: Callable[[], int],
    ) -> None:
        self._backlog = backlog
        self._tally = tally
        self._database = database
        self._clock = clock
        self._in_hand = in_hand
        self._census: Census | None = None
        self._counted_at_s = float("-inf")
        self._counts_until_s = float("-inf")
        self._counting = asyncio.Lock()
        self._process: Any = None

    async def page(self) -> tuple[bytes, str]:
        """Return the page and its media type."""
        async with self._counting:
            await self._count()
        now_s = self._clock.monotonic_s()
        standing = Standing(
            waiting_units=self._database.committer.waiting,
            backlog=self._backlog(),
            runs_in_hand=self._in_hand(),
            census=self._census,
            census_age_s=0.0 if self._census is None else now_s - self._counted_at_s,
            now_ms=self._clock.now_ms(),
        )
        return await asyncio.to_thread(self._render, standing)

    async def _count(self) -> None:
        """Count what is open, unless that was done a moment ago; keep the old counts on failure."""
        began_s = self._clock.monotonic_s()
        if began_s < self._counts_until_s:
            return
        now = self._clock.now_ms()
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                self._census = await self._database.read(lambda c: take_census(c, now))
        except (TimeoutError, TramoError):
            self._counts_until_s = began_s + COUNTED_EVERY_S
            return
        self._counted_at_s = self._clock.monotonic_s()
        took_s = self._counted_at_s - began_s
        self._counts_until_s = self._counted_at_s + max(COUNTED_EVERY_S, took_s * SHARE)

    def _render(self, standing: Standing) -> tuple[bytes, str]:
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
        from prometheus_client.exposition import CONTENT_TYPE_LATEST

        registry = CollectorRegistry()
        registry.register(_Reader(self._tally, standing))
        if self._process is None:
            self._process = ProcessCollector(registry=None)
        registry.register(self._process)
        return generate_latest(registry), CONTENT_TYPE_LATEST


class _Reader:
    """Hands the figures to a registry."""

    def __init__(self, tally: Tally, standing: Standing) -> None:
        self._tally = tally
        self._standing = standing

    def collect(self) -> Iterator[Any]:
        yield from self._gauges()
        yield from self._counters()
        tally = self._tally
        by_outcome = {(outcome,): spread for outcome, spread in list(tally.deliveries.items())}
        yield _histogram("tramo_delivery_seconds", by_outcome, "outcome")
        yield _histogram("tramo_commit_units", {(): tally.units})
        yield _histogram("tramo_commit_seconds", {(): tally.commits})
        yield _histogram("tramo_step_seconds", tally.steps, "type", "outcome")
        yield _histogram("tramo_vendor_request_seconds", tally.requests, "connector", "answer")

    def _gauges(self) -> Iterator[Any]:
        standing = self._standing
        yield _gauge("tramo_info", {(__version__,): 1}, "version")
        yield _gauge("tramo_commit_queue", {(): standing.waiting_units})
        yield _gauge("tramo_backlog", {(): standing.backlog})
        yield _gauge("tramo_runs_in_hand", {(): standing.runs_in_hand})
        if standing.census is None:
            return
        counted = standing.census.by_state
        states = dict.fromkeys((*OPEN_STATES, *counted))
        yield _gauge(
            "tramo_runs_open", {(state,): counted.get(state, 0) for state in states}, "state"
        )
        oldest = standing.census.oldest_due_at
        age_s = 0.0 if oldest is None else max(0, standing.now_ms - oldest) / 1_000
        yield _gauge("tramo_queue_age_seconds", {(): age_s})
        yield _gauge("tramo_census_age_seconds", {(): standing.census_age_s})

    def _counters(self) -> Iterator[Any]:
        tally = self._tally
        yield _counter("tramo_runs_begun", {(): tally.runs_begun})
        yield _counter("tramo_runs_ended", _by_one(tally.runs_ended), "state")
        yield _counter("tramo_claims", {(): tally.claims})
        yield _counter("tramo_lease_losses", {(): tally.lease_losses})
        yield _counter("tramo_unavailable", _by_one(tally.refusals), "code")


Figures = Mapping[tuple[str, ...], float]


def _by_one(figures: Mapping[str, int]) -> Figures:
    return {(name,): figure for name, figure in list(figures.items())}


def _gauge(name: str, figures: Figures, *labels: str) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, HELP[name], labels=labels)
    for values, figure in figures.items():
        family.add_metric(values, figure)
    return family


def _counter(name: str, figures: Figures, *labels: str) -> Any:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, HELP[name], labels=labels)
    for values, figure in figures.items():
        family.add_metric(values, figure)
    return family


def _histogram(name: str, spreads: Mapping[Any, Spread], *labels: str) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(name, HELP[name], labels=labels)
    for values, spread in list(spreads.items()):
        bounds = [*(str(float(bound)) for bound in spread.bounds), "+Inf"]
        upto = list(accumulate(list(spread.counts)))
        buckets = list(zip(bounds, upto, strict=True))
        family.add_metric(values, buckets=buckets, sum_value=spread.total)
    return family
