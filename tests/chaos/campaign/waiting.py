"""F20: a great many waiting runs, most of them far from due, many due in the same second."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from tests.chaos.campaign.flood import Flood
from tests.chaos.client import Sender
from tests.chaos.field import Campaign, Field
from tests.chaos.record import read_sqlite
from tests.chaos.report import percentile
from tests.chaos.server import Server
from tests.chaos.workload import chain, step, webhook

IDLE_S: Final = 3.0


async def waiting(field: Field) -> None:
    """Bring in runs that wait for days through the door; then let many come due at once."""
    count, due = field.pick((6_000, 500), (1_000_000, 50_000))
    field.report.demand(waiting=count, due=due)
    async with field.vendors() as vendors, field.serving() as server:
        days = {"id": "pause", "type": "core.wait", "params": {"seconds": 30 * 86_400}}
        far = Flood(server.port, await server.publish(chain("far", [webhook(), days])))
        began = time.monotonic()
        numbers = list(range(count))
        while numbers:
            await far.send(numbers, 1e6)
            numbers = [number for number in numbers if number not in far.acked]
        field.report.faults["waiting"] = len(far.acked)
        field.tell(f"{count} wait, taken in at {count / (time.monotonic() - began):.0f}/s")
        await _idle(field, server, "beside those that wait")
        await _restart(field, server)
        ask = step("keyed", "ask", vendors.ports[0], behaviour="ok", attempts=8)
        await _come_due(field, server, due, ask)
        await server.stop(60)
        records, ledger = read_sqlite(server.data, check=not field.full), vendors.ledger()
    report = field.report
    report.runs, report.acks = records.states, len(far.acked) + due
    report.effects = sum(entry.applied for entry in ledger)
    report.exactly("runs that wait still", records.states.get("waiting", 0), count)
    report.exactly("effects of those that were due", report.effects, due)
    report.exactly("runs that ended otherwise", _others(records.states), 0)
    report.at_most("memory at most", server.rss_mb, field.pick(250, 400), "MB")


def _others(states: dict[str, int]) -> int:
    return sum(n for state, n in states.items() if state not in ("waiting", "succeeded"))


async def _idle(field: Field, server: Server, when: str) -> None:
    """Measure what the server does when there is nothing to do."""
    assert server.child is not None
    await asyncio.sleep(1)
    before = server.child.cpu_s()
    await asyncio.sleep(IDLE_S)
    used = (server.child.cpu_s() - before) / IDLE_S * 100
    field.report.at_most(f"CPU {when}", used, 3, "%")


async def _restart(field: Field, server: Server) -> None:
    """Kill it and start it again: a start must not read what only waits."""
    server.kill()
    began = time.monotonic()
    await server.start()
    field.report.recovered([time.monotonic() - began])
    field.report.at_most("start beside those that wait", time.monotonic() - began, 15, "s")


async def _come_due(field: Field, server: Server, due: int, ask: dict[str, object]) -> None:
    """Let runs come due within one second, and ask for new ones meanwhile."""
    at = int(time.time()) + field.pick(6, 60)
    instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    pause = {"id": "pause", "type": "core.wait", "params": {"until": instant}}
    together = Flood(server.port, await server.publish(chain("due", [webhook(), pause, ask])))
    await together.send(list(range(due)), field.pick(2_000, 2_000))
    field.report.faults["due"] = len(together.acked)
    answer = webhook(answer="finished", answer_within_s=30)
    log = {"id": "seen", "type": "core.log", "params": {"message": "seen"}}
    fresh = await server.publish(chain("fresh", [answer, log]))
    async with Sender(server.url("")) as sender:
        await asyncio.sleep(max(0.0, at - time.time()))
        for number in range(field.pick(40, 400)):
            id = f"fresh-{number}"
            await sender.deliver(id, fresh, {"id": id, "order": id})
            await asyncio.sleep(0.05)
        took = [seconds for _, seconds in sender.latencies_s]
    field.report.at_most("new runs beside those that came due, p99", percentile(took, 0.99), 2, "s")
    deadline = time.monotonic() + field.pick(40, 600)
    while time.monotonic() < deadline:
        counted = await server.api("GET", "/runs", flow="flow_due", state=["waiting", "running"])
        if not counted["items"]:
            break
        await asyncio.sleep(0.2)
    field.tell(f"those due are through {time.time() - at:.1f} s after their instant")


CAMPAIGNS = (Campaign("waiting", "F20", "many runs wait, many come due in one second", waiting),)
