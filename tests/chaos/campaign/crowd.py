"""F8: far more work at once than connections. F9: clients that hang up at any moment."""

from __future__ import annotations

import asyncio

from tramo.model.value import encode

from tests.chaos.client import Sender
from tests.chaos.cluster import Cluster, clustered, missing
from tests.chaos.field import Campaign, Field
from tests.chaos.report import percentile
from tests.chaos.server import Server
from tests.chaos.workload import chain, step, webhook

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tramo'"
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tramo'"
    " AND state LIKE 'idle in transaction%' AND state_change < now() - interval '2 seconds'"
)


READERS = 8
HANG_UPS_A_S = 150


async def crowd(field: Field) -> None:
    """Let hundreds of runs come due in the second in which hundreds of deliveries arrive."""
    if reason := missing():
        field.report.skipped = reason
        return
    rounds, due, webhooks = field.pick((2, 200, 300), (20, 200, 300))
    field.report.demand(due=rounds * due, webhook=rounds * webhooks)
    async with field.vendors() as vendors, clustered(field, workers=0, servers=2) as cluster:
        pause = {"id": "pause", "type": "core.wait", "params": {"seconds": 4}}
        ask = step("keyed", "ask", vendors.ports[0], behaviour="ok")
        waiting = await cluster.server.publish(chain("due", [webhook(), pause, ask]))
        log = {"id": "seen", "type": "core.log", "params": {"message": "seen"}}
        simple = await cluster.server.publish(chain("simple", [webhook(), log]))
        await asyncio.sleep(1.5)  # The other server looks each second what was published.
        async with Sender(cluster.servers[0].url(""), connections=300) as sender:
            sender.also_to(cluster.servers[1].url(""))
            for number in range(rounds):
                await _all_at_once(sender, waiting, f"due-{number}", due)
                field.report.faults["due"] += due
                await asyncio.sleep(3.0)
                sender.latencies_s.clear()
                await _all_at_once(sender, simple, f"knock-{number}", webhooks)
                field.report.faults["webhook"] += webhooks
            took = [seconds for _, seconds in sender.latencies_s]
        rested = await cluster.server.settled(60)
        stuck = await cluster.count(OPEN)
        await cluster.stop()
        left = await cluster.count(CONNECTIONS)
        records, ledger = await cluster.records(), vendors.ledger()
    report = field.report
    report.acks, report.runs = len(sender.acked), records.states
    report.effects = sum(entry.applied for entry in ledger)
    report.exactly(
        "acknowledged and lost", len({d.id for d in sender.acked} - records.deliveries), 0
    )
    report.exactly("deliveries never acknowledged", len(sender.deliveries) - report.acks, 0)
    report.exactly("not at rest in time", float(not rested), 0)
    report.exactly("transactions left open", stuck, 0)
    report.exactly("connections left after the stop", left, 0)
    report.at_most("slowest answer", max(took), 2.0, "s")
    report.at_most("p99 of answers", percentile(took, 0.99), 2.0, "s")


async def _all_at_once(sender: Sender, address: str, name: str, count: int) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            id = f"{name}-{number}"
            group.create_task(sender.deliver(id, address, {"id": id, "order": id}))


async def hang_ups(field: Field) -> None:
    """Send requests and hang up before, while and after they are worked on; meanwhile others ask,
    and must get what they asked for."""
    if reason := missing():
        field.report.skipped = reason
        return
    count = field.pick(1_000, 20_000)
    field.report.demand(hang_up=count)
    async with clustered(field, workers=0) as cluster:
        server = cluster.server
        log = {"id": "seen", "type": "core.log", "params": {"message": "seen"}}
        address = await server.publish(chain("gone", [webhook(), log]))
        async with Sender(server.url("")) as sender:
            await _all_at_once(sender, address, "known", 40)
        runs = [item["id"] for item in (await server.api("GET", "/runs", limit=40))["items"]]
        before = await cluster.count(CONNECTIONS)
        stop = asyncio.Event()
        asking = [asyncio.create_task(_ask_for_runs(server, runs, stop)) for _ in range(4)]
        turn = asyncio.Semaphore(40)
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await turn.acquire()
                await asyncio.sleep(1 / HANG_UPS_A_S)
                group.create_task(_hang_up(field, server, address, number, runs, turn))
        stop.set()
        found = await asyncio.gather(*asking)
        asked, crossed = sum(item[0] for item in found), sum(item[1] for item in found)
        await asyncio.sleep(2)
        await _judge_hang_ups(field, cluster, before, asked, crossed)


async def _hang_up(
    field: Field,
    server: Server,
    address: str,
    number: int,
    runs: list[str],
    turn: asyncio.Semaphore,
) -> None:
    """Send one request, all of it or a part, and hang up within a few milliseconds."""
    try:
        if number % 3:
            body = encode({"id": f"gone-{number}", "order": f"gone-{number}"})
            head = f"POST {address} HTTP/1.1\r\nContent-Type: application/json\r\n"
        else:
            body = b""
            head = f"GET /api/v1/runs/{runs[number % len(runs)]} HTTP/1.1\r\n"
            head += f"Authorization: Bearer {server.token}\r\n"
        head += f"Host: 127.0.0.1:{server.port}\r\nContent-Length: {len(body)}\r\n\r\n"
        data = head.encode() + body
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(data[: len(data) - (number % 7 == 0) * 5])
        await writer.drain()
        await asyncio.sleep(field.draw.uniform(0, 0.012))
        writer.transport.abort()
        field.report.faults["hang_up"] += 1
    except OSError:
        field.report.faults["not_connected"] += 1
    finally:
        turn.release()


async def _ask_for_runs(server: Server, runs: list[str], stop: asyncio.Event) -> tuple[int, int]:
    """Ask for runs by name as long as it lasts; return how often, and how often another came."""
    asked = crossed = 0
    while not stop.is_set():
        wanted = runs[asked % len(runs)]
        found = await server.api("GET", f"/runs/{wanted}")
        asked += 1
        crossed += found["id"] != wanted
    return asked, crossed


async def _judge_hang_ups(
    field: Field, cluster: Cluster, before: int, asked: int, crossed: int
) -> None:
    report = field.report
    after, stuck = await cluster.count(CONNECTIONS), await cluster.count(OPEN)
    rested = await cluster.server.settled(30)
    await cluster.stop()
    records = await cluster.records()
    report.runs, report.acks = records.states, asked
    doubled = [d for d, runs in records.by_delivery.items() if len(runs) > 1]
    # A reading thread opens its connection when it is first asked.
    report.at_most("connections more than before", after - before, READERS)
    report.exactly("transactions left open", stuck, 0)
    report.exactly("connections left after the stop", await cluster.count(CONNECTIONS), 0)
    report.exactly("answers that were another's", crossed, 0)
    report.at_least("answers to those who stayed", asked, field.pick(10, 500))
    report.exactly("deliveries with two runs", len(doubled), 0)
    report.exactly("not at rest in time", float(not rested), 0)


CAMPAIGNS = (
    Campaign("crowd", "F8", "200 runs come due while 300 deliveries arrive", crowd),
    Campaign("hang-up", "F9", "clients hang up at any moment", hang_ups),
)
