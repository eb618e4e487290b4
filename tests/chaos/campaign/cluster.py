"""F2: workers are killed. F4: workers stand still for longer than their lease and come back. F5:
commits lose their answer. F6: PostgreSQL restarts without a word."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final

from tests.chaos.check import judge, tell
from tests.chaos.client import Sender, recovery_s
from tests.chaos.cluster import Cluster, clustered, missing
from tests.chaos.feed import feed
from tests.chaos.field import Campaign, Field, Vendors, workload_w
from tests.chaos.workload import Workload

LEASE_S: Final = 30.0
STANDS_S: Final = 45.0
PATIENCE_S: Final = 90.0

Nemesis = Callable[[Cluster, Sender, Workload], Awaitable[None]]


async def _storm(
    field: Field,
    nemesis: Nemesis,
    *,
    runs: int = 0,
    for_s: float = 0.0,
    workers: int = 3,
    latency_s: tuple[float, float] = (0.01, 0.2),
    rest_within_s: float = 120,
    away_s: float = 0.0,
) -> None:
    """Feed W to a cluster while a nemesis goes about, which may feed it too, then let all come
    right and judge. Senders are as patient as they are else while it is away for `away_s`."""
    report = field.report
    if reason := missing():
        report.skipped = reason
        return
    async with (
        field.vendors(ports=2, mail=True, failing=0.1, latency_s=latency_s) as vendors,
        clustered(field, workers=workers) as cluster,
    ):
        work = await workload_w(field, cluster.server, vendors)
        async with Sender(cluster.server.url(""), connections=32) as sender:
            async with asyncio.TaskGroup() as group:
                if runs:
                    within_s = PATIENCE_S + away_s
                    feeding = feed(sender, work, runs, per_s=runs / for_s, within_s=within_s)
                    group.create_task(feeding)
                await nemesis(cluster, sender, work)
                calm_at = time.monotonic()
                field.tell(f"calm again, {len(sender.acked)} acknowledged")
            rested = await cluster.server.settled(rest_within_s)
            report.exactly("not at rest in time", float(not rested), 0)
            field.tell(f"at rest {time.monotonic() - calm_at:.1f} s after the last fault")
            await cluster.stop()
            report.acks = len(sender.acked)
            await _judge(field, cluster, vendors, sender, work)


async def _judge(
    field: Field, cluster: Cluster, vendors: Vendors, sender: Sender, work: Workload
) -> None:
    records, ledger = await cluster.records(), vendors.ledger()
    unsent = len(sender.deliveries) - field.report.acks
    field.report.exactly("deliveries never acknowledged", unsent, 0)
    odd = {status: n for status, n in sender.answers.items() if status not in (0, 200, 503)}
    field.report.exactly("answers but 2xx and 503", sum(odd.values()), 0)
    field.report.found_wrong([f"{count} × {status}" for status, count in odd.items()])
    verdict = judge([one.id for one in sender.acked], records, ledger, work.effects)
    tell(field.report, verdict, records, ledger)


async def kill_workers(field: Field) -> None:
    """Kill one of three workers every two seconds."""
    runs, kills = field.pick((150, 8), (10_000, 300))
    field.report.demand(kill=kills)
    every_s = 2.0

    async def nemesis(cluster: Cluster, _sender: Sender, _work: Workload) -> None:
        for number in range(kills):
            await asyncio.sleep(field.draw.uniform(0.5, 1.5) * every_s)
            place = field.draw.randrange(3)
            cluster.kill_worker(place)
            field.report.faults["kill"] += 1
            await cluster.start_worker(place, wait=False)
            if number % 20 == 19:
                field.tell(f"{number + 1} workers killed")

    await _storm(field, nemesis, runs=runs, for_s=kills * every_s)


async def zombies(field: Field) -> None:
    """Stop all workers with calls in flight, let others take their runs over, wake them up."""
    rounds, each, least = field.pick((1, 60, 15), (12, 100, 500))
    field.report.demand(zombie=least)

    async def nemesis(cluster: Cluster, sender: Sender, work: Workload) -> None:
        for number in range(rounds):
            async with asyncio.TaskGroup() as group:
                group.create_task(feed(sender, work, each, per_s=each / 3, first=number * each))
                await asyncio.sleep(3)
                await stand_still(cluster)

    async def stand_still(cluster: Cluster) -> None:
        old = [worker for worker in cluster.workers if worker is not None]
        for worker in old:
            worker.send(signal.SIGSTOP)
        held = "SELECT count(*) FROM run WHERE owner IS NOT NULL AND lease_until IS NOT NULL"
        field.report.faults["zombie"] += await cluster.count(held)
        cluster.workers = []
        for place in range(len(old)):
            await cluster.start_worker(place)
        await asyncio.sleep(STANDS_S)
        for worker in old:
            worker.send(signal.SIGCONT)
        await asyncio.sleep(3)
        for worker in old:
            field.report.saw_rss(worker.rss_mb())
            worker.kill()

    # Vendors are slow, so that many calls are on their way when the workers stop.
    await _storm(field, nemesis, workers=2, latency_s=(0.5, 2.5))


async def cut_commits(field: Field) -> None:
    """Cut connections after COMMIT was sent and before its answer."""
    cuts, runs = field.pick((40, 150), (1_000, 4_000))
    field.report.demand(commit_cut=cuts)

    async def nemesis(cluster: Cluster, _sender: Sender, _work: Workload) -> None:
        deadline = time.monotonic() + field.pick(60, 1_200)
        while cluster.proxy.commits_cut < cuts and time.monotonic() < deadline:
            cluster.proxy.cut_commits = 1
            await asyncio.sleep(field.draw.uniform(0.05, 0.4))
        cluster.proxy.cut_commits = 0
        field.report.faults["commit_cut"] = cluster.proxy.commits_cut

    await _storm(field, nemesis, runs=runs, for_s=cuts * 0.3, workers=2)


async def restart_postgres(field: Field) -> None:
    """Restart PostgreSQL as a crash does, again and again, and once leave it away for long."""
    restarts, runs, long_s = field.pick((3, 100, 5.0), (60, 5_000, 300.0))
    field.report.demand(restart=restarts)
    back: list[float] = []

    async def nemesis(cluster: Cluster, sender: Sender, _work: Workload) -> None:
        for number in range(restarts):
            await asyncio.sleep(field.draw.uniform(*field.pick((2, 4), (5, 40))))
            await asyncio.to_thread(cluster.postgres.kill)
            away_s = long_s if number == restarts // 2 else field.draw.uniform(0, 2)
            await asyncio.sleep(away_s)
            await asyncio.to_thread(cluster.postgres.start)
            back.append(time.monotonic())
            field.report.faults["restart"] += 1
        await asyncio.sleep(2)
        times = recovery_s(back, sender.acks)
        field.report.recovered(times)
        field.report.at_most("first 2xx after it came back", max(times, default=99), 10, "s")

    for_s = restarts * field.pick(5, 25)
    await _storm(field, nemesis, runs=runs, for_s=for_s, workers=2, away_s=long_s)


CAMPAIGNS = (
    Campaign(
        "kill-worker", "F2", "kill -9 of one of three workers every two seconds", kill_workers
    ),
    Campaign("zombie", "F4", "workers stand still for 45 s with calls in flight", zombies),
    Campaign("commit-cut", "F5", "the connection is cut after COMMIT was sent", cut_commits),
    Campaign(
        "postgres", "F6", "PostgreSQL restarts immediately, once after a while", restart_postgres
    ),
)
