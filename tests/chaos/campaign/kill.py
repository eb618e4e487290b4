"""F1: kill -9 of the server under load, at any moment, its start included. F28: orderly restarts
under the same load, which must not count as crashes."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from tests.chaos.check import judge, tell
from tests.chaos.client import Sender, recovery_s
from tests.chaos.feed import feed
from tests.chaos.field import Campaign, Field, Vendors, workload_w
from tests.chaos.record import read_sqlite
from tests.chaos.server import Server
from tests.chaos.workload import Workload

Hurt = Callable[[Field, Server, int], Awaitable[None]]


async def kill(field: Field) -> None:
    """Kill the server again and again."""
    runs, kills = field.pick((300, 12), (10_000, 150))
    field.report.demand(kill=kills)
    async with (
        field.vendors(ports=2, mail=True, failing=0.1, latency_s=(0.01, 0.2)) as vendors,
        field.serving() as server,
    ):
        work = await workload_w(field, server, vendors)
        await _hurt(field, server, vendors, work, runs=runs, faults=kills, hurt=_kill, every_s=2.5)
        quarantined = field.report.runs.get("quarantined", 0)
        field.report.exactly("runs quarantined without a poisoned node", quarantined, 0)


async def _kill(field: Field, server: Server, number: int) -> None:
    """Kill it while it works; every fifth time while it starts, every third after its scribe."""
    if number % 5 != 4:
        await server.ready()
        await asyncio.sleep(field.draw.uniform(0.3, field.pick(2.0, 3.0)))
    else:
        await asyncio.sleep(field.draw.uniform(0.2, 1.5))
    if number % 3 == 1 and server.kill_scribe():
        field.report.faults["kill_scribe"] += 1
        await asyncio.sleep(field.draw.choice((0.0, 0.02, 0.3)))
    server.kill()
    field.report.faults["kill"] += 1


async def restart(field: Field) -> None:
    """Ask the server to stop, at any moment, and give it its time."""
    await _restarts(field, _restart)
    report = field.report
    # Nobody was cut off: whatever is asked about was the vendors' doing.
    report.exactly("doubts made by an orderly stop", len(report.unexplained), 0)
    report.found_wrong(report.unexplained)


async def hurry(field: Field) -> None:
    """Ask the server to stop, and lose patience: what is cut off then may be asked about."""
    await _restarts(field, _hurry)


async def _restarts(field: Field, way: Hurt) -> None:
    runs, restarts = field.pick((120, 6), (4_000, 200))
    field.report.demand(restart=restarts)
    async with (
        field.vendors(ports=2, mail=True, failing=0.05, latency_s=(0.05, 0.8)) as vendors,
        field.serving() as server,
    ):
        work = await workload_w(field, server, vendors)
        await _hurt(field, server, vendors, work, runs=runs, faults=restarts, hurt=way, every_s=3.5)
        report = field.report
        crashed = [run for run in read_sqlite(server.data, check=False).runs if run.crashes]
        report.exactly("orderly stops that counted as crashes", len(crashed), 0)
        doubted = {entry.order for entry in vendors.ledger() if entry.doubtful}
        report.unexplained = [
            f"{run.id} of {run.delivery} asks without a reason"
            for run in read_sqlite(server.data, check=False).runs
            if run.state == "asking" and run.delivery not in doubted
        ]


async def _restart(field: Field, server: Server, number: int) -> None:
    await _stop(field, server, signal.SIGINT if number % 3 == 2 else signal.SIGTERM)


async def _hurry(field: Field, server: Server, _number: int) -> None:
    await _stop(field, server, signal.SIGTERM, signal.SIGTERM)


async def _stop(field: Field, server: Server, *signals: signal.Signals) -> None:
    await server.ready()
    await asyncio.sleep(field.draw.uniform(0.0, 1.5))
    assert server.child is not None
    began = time.monotonic()
    for number in signals:
        server.child.send(number)
        await asyncio.sleep(0.2)
    stopped = await server.child.wait(20)
    if not stopped:
        server.kill()
        field.report.found_wrong([f"the stop took longer than {time.monotonic() - began:.0f} s"])
    field.report.faults["restart" if stopped else "hung"] += 1


async def _hurt(
    field: Field,
    server: Server,
    vendors: Vendors,
    work: Workload,
    *,
    runs: int,
    faults: int,
    hurt: Hurt,
    every_s: float,
) -> None:
    """Feed the workload while the server goes down again and again; then let all come right."""
    report = field.report
    times: list[float] = []
    async with Sender(server.url(""), connections=32) as sender:
        async with asyncio.TaskGroup() as group:
            group.create_task(
                feed(sender, work, runs, per_s=runs / (faults * every_s), within_s=120)
            )
            await _down_and_up(field, server, sender, times, faults=faults, hurt=hurt)
        field.tell(f"{len(times)} times down, all sent; waiting for the last runs")
        settled = await server.settled(field.pick(60, 300))
        report.exactly("not at rest in time", float(not settled), 0)
        await server.stop()
        report.acks = len(sender.acked)
        report.exactly("deliveries never acknowledged", runs - report.acks, 0)
        report.recovered(recovery_s(times, sender.acks))
    records, ledger = read_sqlite(server.data), vendors.ledger()
    verdict = judge([one.id for one in sender.acked], records, ledger, work.effects)
    tell(report, verdict, records, ledger)


async def _down_and_up(
    field: Field,
    server: Server,
    sender: Sender,
    times: list[float],
    *,
    faults: int,
    hurt: Hurt,
) -> None:
    """Bring the server down and start it again, as often as demanded; then leave it alone."""
    while len(times) < faults:
        await hurt(field, server, len(times))
        times.append(time.monotonic())
        await server.start(ready="")
        if len(times) % 10 == 0:
            field.tell(f"{len(times)} times down, {len(sender.acked)} acknowledged")


CAMPAIGNS = (
    Campaign("kill", "F1", "kill -9 of the server under load, its start included", kill),
    Campaign("restart", "F28", "SIGTERM or SIGINT under load, with time to end", restart),
    Campaign("hurry", "F28", "a second SIGTERM right after the first", hurry, quick=False),
)
