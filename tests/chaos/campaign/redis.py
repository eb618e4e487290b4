"""F7: Redis loses everything, dies, stands still, is away, is full. It is a doorbell: whatever
happens to it costs time and nothing else."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import defaultdict

from tests.chaos.check import judge, tell
from tests.chaos.client import Sender
from tests.chaos.cluster import Cluster, clustered, missing
from tests.chaos.field import Campaign, Field
from tests.chaos.report import percentile
from tests.chaos.vendor.ledger import Entry
from tests.chaos.workload import chain, step, webhook

EFFECTS = {"flow_ring": {"first": "keyed", "second": "never_repeat"}}
START_S = 10.0


async def doorbell(field: Field) -> None:
    """Do everything to Redis that can be done to it, one after the other, under load."""
    if reason := missing():
        field.report.skipped = reason
        return
    unit_s = field.pick(3.0, 60.0)
    field.report.demand(flush=3, kill=1, absent=1, still=1, full=1)
    async with (
        field.vendors(latency_s=(0.01, 0.1)) as vendors,
        clustered(field, workers=2) as cluster,
    ):
        port = vendors.ports[0]
        asks = [step("keyed", "first", port, behaviour="ok", attempts=8),
                {"id": "pause", "type": "core.wait", "params": {"seconds": 1}},
                step("never_repeat", "second", port, behaviour="ok", attempts=8)]  # fmt: skip
        address = await cluster.server.publish(chain("ring", [webhook(), *asks]))
        phases: dict[str, float] = {}
        async with Sender(cluster.server.url("")) as sender:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(_feed(sender, address, stop, per_s=field.pick(8, 20)))
                await _hurt(field, cluster, phases, unit_s)
                stop.set()
            rested = await cluster.server.settled(60)
            await cluster.stop()
            field.report.acks = len(sender.acked)
            records, ledger = await cluster.records(), vendors.ledger()
    verdict = judge([one.id for one in sender.acked], records, ledger, EFFECTS)
    tell(field.report, verdict, records, ledger)
    field.report.exactly("not at rest in time", float(not rested), 0)
    delays = _delays(sender, ledger)
    late = percentile(delays, 0.99)
    field.report.at_most("from the 2xx to the first send, p99", late, START_S, "s")


async def _feed(sender: Sender, address: str, stop: asyncio.Event, *, per_s: float) -> None:
    number = 0
    async with asyncio.TaskGroup() as group:
        while not stop.is_set():
            id = f"o{number}"
            group.create_task(sender.deliver(id, address, {"id": id, "order": id}))
            number += 1
            await asyncio.sleep(1 / per_s)


async def _hurt(field: Field, cluster: Cluster, phases: dict[str, float], unit_s: float) -> None:
    redis, faults = cluster.redis, field.report.faults
    for _ in range(3):
        await asyncio.sleep(unit_s / 3)
        await redis.command("FLUSHALL")
        faults["flush"] += 1
    field.tell("Redis is full")
    await redis.command("CONFIG", "SET", "maxmemory", "1")
    faults["full"] += 1
    await asyncio.sleep(unit_s)
    await redis.command("CONFIG", "SET", "maxmemory", "0")
    await asyncio.sleep(unit_s)
    assert redis.child is not None
    field.tell("Redis stands still")
    redis.child.send(signal.SIGSTOP)
    faults["still"] += 1
    await asyncio.sleep(unit_s * 2)
    redis.child.send(signal.SIGCONT)
    await asyncio.sleep(unit_s / 2)
    field.tell("Redis is killed, and away")
    redis.child.kill()
    faults["kill"] += 1
    faults["absent"] += 1
    phases["absent"] = time.monotonic()
    await asyncio.sleep(unit_s * field.pick(3, 10))
    await redis.start()
    await asyncio.sleep(unit_s)


def _delays(sender: Sender, ledger: list[Entry]) -> list[float]:
    """Return how long each delivery waited for its first send, by the machine's clock."""
    ahead = time.time() - time.monotonic()
    first: dict[str, float] = defaultdict(lambda: float("inf"))
    for entry in ledger:
        first[entry.order] = min(first[entry.order], entry.at)
    return [
        max(0.0, first[one.id] - ahead - one.acked_at)
        for one in sender.acked
        if one.acked_at is not None
    ]


CAMPAIGNS = (Campaign("redis", "F7", "Redis: FLUSHALL, full, still, killed, away", doorbell),)
