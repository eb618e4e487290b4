"""F15: the same delivery many times over: at once, later, after a crash, with another body. F16:
events about one order, which are worked on one at a time and in the order of their acceptance."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

from tests.chaos.client import Sender
from tests.chaos.field import Campaign, Field
from tests.chaos.record import read_sqlite
from tests.chaos.server import Server
from tests.chaos.vendor.ledger import Entry
from tests.chaos.workload import chain, step, webhook

COPIES = 100


async def duplicates(field: Field) -> None:
    """Send every event a hundred times at once, and again and again later."""
    events = field.pick(15, 1_000)
    field.report.demand(
        at_once=events * COPIES, later=events, after_crash=events, other_body=events
    )
    async with field.vendors() as vendors, field.serving() as server:
        asked = step("keyed", "ask", vendors.ports[0], behaviour="ok")
        address = await server.publish(chain("duplicate", [webhook(), asked]))
        async with Sender(server.url(""), connections=64) as sender:
            for number in range(events):
                await _again(field, sender, address, number, "at_once", COPIES)
            for number in range(events):
                await _again(field, sender, address, number, "later", 1)
            await asyncio.sleep(1)
            server.kill()
            await server.start()
            for number in range(events):
                await _again(field, sender, address, number, "after_crash", 1)
                await _again(field, sender, address, number, "other_body", 1, total=number)
        await server.settled(20)
        await server.stop()
        records, ledger = read_sqlite(server.data), vendors.ledger()
    report = field.report
    report.runs, report.acks = records.states, sender.answers[200]
    effects = Counter(entry.order for entry in ledger if entry.applied)
    report.effects = effects.total()
    report.duplicates = sum(count > 1 for count in effects.values())
    report.exactly("events", len(records.deliveries), events)
    report.exactly("runs", len(records.runs), events)
    report.exactly("effects", report.effects, events)
    report.exactly("copies not answered 2xx", sender.answers.total() - sender.answers[200], 0)


async def _again(
    field: Field, sender: Sender, address: str, number: int, kind: str, copies: int, **more: int
) -> None:
    from tramo.model.value import encode

    body = encode({"id": f"event-{number}", "order": f"event-{number}", **more})
    async with asyncio.TaskGroup() as group:
        for _ in range(copies):
            group.create_task(sender.post(address, body))
    field.report.faults[kind] += copies


async def out_of_order(field: Field) -> None:
    """Let events about the same order overtake each other at the vendor, if they can."""
    orders, events = field.pick((20, 6), (400, 12))
    field.report.demand(crowded=orders * (events - 1))
    async with (
        field.vendors(ports=1, latency_s=(0.0, 0.3), failing=0.05) as vendors,
        field.serving() as server,
    ):
        address = await server.publish(_in_turn(vendors.ports[0]))
        async with Sender(server.url(""), connections=orders) as sender:
            async with asyncio.TaskGroup() as group:
                for number in range(orders):
                    group.create_task(_line_up(sender, address, f"g{number}", events))
            await asyncio.sleep(1.5)
            server.kill()  # A crash must not shuffle those that wait.
            await server.start()
        field.report.faults["crowded"] = orders * (events - 1)
        await server.settled(field.pick(60, 300))
        await server.stop()
        await _judge_order(field, server, vendors.ledger(), orders * events)


def _in_turn(port: int) -> dict[str, object]:
    first, last = (step("keyed", name, port, timeout_s=2) for name in ("begin", "finish"))
    limits = {"concurrency": {"key": {"$expr": "start.body.group"}, "at_once": 1, "full": "queue"}}
    return chain("in_turn", [webhook(), first, last], limits=limits)


async def _line_up(sender: Sender, address: str, group: str, events: int) -> None:
    """Deliver the events of one order, each when the one before was acknowledged."""
    for number in range(events):
        id = f"{group}-{number:03}"
        await sender.deliver(id, address, {"id": id, "order": id, "group": group})


async def _judge_order(field: Field, server: Server, ledger: list[Entry], runs: int) -> None:
    seen: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for entry in ledger:
        seen[entry.order.partition("-")[0]].append((entry.order, entry.node))
    wrong = [f"{group}: {line}" for group, line in seen.items() if line != sorted(line)]
    records = read_sqlite(server.data)
    report = field.report
    report.runs, report.acks = records.states, len(records.deliveries)
    report.effects = sum(entry.applied for entry in ledger)
    report.exactly("orders whose events overtook each other", len(wrong), 0)
    report.exactly("runs that succeeded", records.states.get("succeeded", 0), runs)
    report.found_wrong(wrong)


CAMPAIGNS = (
    Campaign("duplicate", "F15", "the same delivery 103 times, a crash in between", duplicates),
    Campaign("order", "F16", "events about one order, and a vendor that delays some", out_of_order),
)
