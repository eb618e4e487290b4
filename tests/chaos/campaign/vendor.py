"""F12: every way of a vendor to misbehave, against every class of effect. F13: the effect took
place and the answer is lost. F14: the vendor forgets keys before the outage is over."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Final

from tests.chaos.check import FINAL
from tests.chaos.child import free_ports
from tests.chaos.client import Sender
from tests.chaos.connector import installed
from tests.chaos.field import Campaign, Field, Vendors
from tests.chaos.record import read_sqlite
from tests.chaos.server import Server
from tests.chaos.vendor.behaviour import BEHAVIOURS, After
from tests.chaos.vendor.ledger import Entry
from tests.chaos.workload import chain, step, webhook

AT_ONCE: Final = 100
"""Deliveries that are on their way together: as many as a server works on at once, or fewer."""
KINDS: Final = ("pure", "keyed", "never_repeat")

Expected = tuple[str, int]
"""How the run ends, and how often the vendor is asked."""

EXPECTED: Final[dict[After, tuple[Expected, Expected, Expected]]] = {
    "done": (("succeeded", 1), ("succeeded", 1), ("succeeded", 1)),
    "again": (("succeeded", 2), ("succeeded", 2), ("succeeded", 2)),
    "refused": (("failed", 1), ("failed", 1), ("failed", 1)),
    "doubt": (("succeeded", 2), ("succeeded", 2), ("asking", 1)),
    "unreadable": (("failed", 1), ("succeeded", 2), ("asking", 1)),
    "wait": (("waiting", 1), ("waiting", 1), ("waiting", 1)),
}
"""By what an answer means: for reads, keyed writes, and writes that must not be repeated."""


async def behaviours(field: Field) -> None:
    """Hold every case against the table."""
    cases = [(name, kind) for name in BEHAVIOURS for kind in KINDS]
    field.report.demand(behaviour=120)
    rounds = field.pick(1, 5)
    pausing = [name for name in BEHAVIOURS if name.startswith(("limited", "unavailable"))]
    async with (
        # A pause that a vendor asks for holds for its whole host: those have ports of their own.
        field.vendors(ports=1 + len(pausing) * len(KINDS)) as vendors,
        field.serving() as server,
    ):
        ports = iter(vendors.ports[1:])
        addresses: dict[tuple[str, str], str] = {}
        for name, kind in cases:
            port = next(ports) if name in pausing else vendors.ports[0]
            patience_s = field.pick(2, 8) if name.startswith(("hang", "slow")) else 15
            asked = step(kind, "ask", port, behaviour=name, attempts=3, timeout_s=patience_s)
            made = chain(f"{name}_{kind}", [webhook(), asked])
            addresses[name, kind] = await server.publish(made)
        field.tell(f"{len(cases)} cases")
        async with Sender(server.url("")) as sender, asyncio.TaskGroup() as group:
            for number in range(rounds):
                for (name, kind), address in addresses.items():
                    order = f"{name}-{kind}-{number}"
                    body = {"id": order, "order": order}
                    group.create_task(sender.deliver(order, address, body))
                    field.report.faults["behaviour"] += name != "ok"
        field.report.acks = len(sender.acked)
        waiting = len(KINDS) * rounds
        await _rested(server, waiting)
        await server.stop()
        records = read_sqlite(server.data)
        _compare(field, {run.delivery: run.state for run in records.runs}, vendors.ledger(), rounds)
        field.report.runs = records.states
        await _unreachable(field, server)


async def _rested(server: Server, waiting: int, within_s: float = 45.0) -> None:
    """Wait until only the runs are open whose vendor asked for a long pause."""
    deadline = time.monotonic() + within_s
    while await server.open_runs() > waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.2)


def _compare(field: Field, states: dict[str, str], ledger: list[Entry], rounds: int) -> None:
    sends: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for entry in ledger:
        sends[entry.order] += 1
        effects[entry.order] += entry.applied and entry.kind != "pure"
    wrong: list[str] = []
    for name, behaviour in BEHAVIOURS.items():
        for kind, (state, count) in zip(KINDS, EXPECTED[behaviour.after], strict=True):
            orders = [f"{name}-{kind}-{number}" for number in range(rounds)]
            allowed = {(state, count)}
            if behaviour.after == "wait" and any(sends[order] for order in orders):
                allowed.add((state, 0))  # The pause that one was told of holds for the others.
            for order in orders:
                found = (states.get(order, "missing"), sends[order])
                if found not in allowed:
                    wrong.append(f"{order}: {found}, and should be {(state, count)}")
    field.report.effects = sum(effects.values())
    field.report.asked = sum(state == "asking" for state in states.values())
    twice = [order for order, count in effects.items() if count > 1]
    field.report.duplicates = len(twice)
    field.report.exactly("cases that went otherwise than the table", len(wrong), 0)
    field.report.exactly("effects that happened twice", len(twice), 0)
    field.report.found_wrong(wrong)
    field.report.found_wrong(twice)


async def _unreachable(field: Field, server: Server) -> None:
    """A vendor that is not there: certainly nothing happened, and nobody is asked."""
    (port,) = free_ports(1)
    await server.start()
    flows = [
        chain(f"nobody_{kind}", [webhook(), step(kind, "ask", port, attempts=2)]) for kind in KINDS
    ]
    async with Sender(server.url("")) as sender:
        for number, made in enumerate(flows):
            id = f"nobody-{number}"
            await sender.deliver(id, await server.publish(made), {"id": id, "order": id})
    await _rested(server, len(KINDS), 10)
    await server.stop()
    found = [r.state for r in read_sqlite(server.data).runs if r.delivery.startswith("nobody")]
    field.report.exactly("failures at a vendor that is not there", found.count("failed"), 3)


async def lost_answer(field: Field) -> None:
    """Let effects take place whose answers never come."""
    runs = field.pick(150, 10_000)
    field.report.demand(answer_lost=runs)
    ways = [name for name, one in BEHAVIOURS.items() if one.after == "doubt" and one.applied]
    quick = [name for name in ways if not name.startswith(("slow", "hang_after"))]
    async with field.vendors() as vendors, field.serving() as server:
        addresses: dict[tuple[str, str], str] = {}
        for name in quick:
            for kind in ("keyed", "never_repeat"):
                asked = step(kind, "ask", vendors.ports[0], behaviour=name, timeout_s=5)
                made = chain(f"{name}_{kind}", [webhook(), asked])
                addresses[name, kind] = await server.publish(made)
        places = list(addresses.items())
        async with Sender(server.url(""), connections=32) as sender:
            for first in range(0, runs, AT_ONCE):
                async with asyncio.TaskGroup() as group:
                    for number in range(first, min(first + AT_ONCE, runs)):
                        (name, kind), address = places[number % len(places)]
                        id = f"{kind}-{name}-{number}"
                        group.create_task(sender.deliver(id, address, {"id": id, "order": id}))
                if first % 1_000 == 0:
                    field.tell(f"{first} of {runs} are sent")
        await server.settled(field.pick(40, 300))
        await server.stop()
    _judge_lost(field, vendors, server)
    field.report.acks = len(sender.acked)


def _judge_lost(field: Field, vendors: Vendors, server: Server) -> None:
    report, ledger = field.report, vendors.ledger()
    records = read_sqlite(server.data)
    effects = Counter(entry.order for entry in ledger if entry.applied)
    sends = Counter(entry.order for entry in ledger)
    report.faults["answer_lost"] = sum(entry.doubtful and entry.applied for entry in ledger)
    report.runs, report.effects = records.states, effects.total()
    states = {run.delivery: run.state for run in records.runs}
    keyed = [order for order in states if order.startswith("keyed")]
    never = [order for order in states if order.startswith("never")]
    report.asked = sum(states[order] == "asking" for order in never)
    report.duplicates = sum(count > 1 for count in effects.values())
    report.exactly("effects that happened twice", report.duplicates, 0)
    report.exactly("keyed writes that did not end well", _not(states, keyed, "succeeded"), 0)
    report.exactly("doubts that nobody was asked about", _not(states, never, "asking"), 0)
    report.exactly("never-repeat sends beyond one", sum(sends[o] > 1 for o in never), 0)
    report.exactly("bodies that changed", sum(entry.conflict for entry in ledger), 0)


def _not(states: dict[str, str], orders: list[str], wanted: str) -> int:
    return sum(states[order] != wanted for order in orders)


WINDOW_S: Final = 12
"""For how long the vendor of F14 knows a key, as `tests.chaos.connector` declares it."""


async def forgotten_key(field: Field) -> None:
    """Kill the server with keyed sends in flight, and come back when the vendor has forgotten."""
    rounds, runs = field.pick((1, 30), (10, AT_ONCE))
    field.report.demand(forgotten=rounds * runs, remembered=rounds * runs)
    away: set[str] = set()
    back: set[str] = set()
    """Rounds in which the server came back too late to send anything once more, and early
    enough to."""
    async with field.vendors(window_s=WINDOW_S, latency_s=(1.0, 1.0)) as vendors:
        async with field.serving(env=installed(field.folder)) as server:
            address = await server.publish(
                chain("window", [webhook(), windowed_step(vendors.ports[0])])
            )
            async with Sender(server.url(""), connections=64) as sender:
                for number in range(2 * rounds):
                    kind, away_s = (("remembered", 0.0), ("forgotten", WINDOW_S + 1.0))[number % 2]
                    name = f"{kind}-{number}"
                    took_s = await _cut_off(field, server, sender, address, name, runs, away_s)
                    if took_s > WINDOW_S / 2 + 1:
                        away.add(name)
                    elif took_s < WINDOW_S / 2 - 1.5:
                        back.add(name)
                    await server.settled(40)
            await server.stop()
        records, ledger = read_sqlite(server.data), vendors.ledger()
    report = field.report
    report.runs, report.acks = records.states, len(sender.acked)
    report.effects = sum(entry.applied for entry in ledger)
    effects = Counter(entry.order for entry in ledger if entry.applied)
    report.duplicates = sum(count > 1 for count in effects.values())
    report.asked = records.states.get("asking", 0)
    late = [entry.order for entry in ledger if entry.forgotten]
    states = {run.delivery: run.state for run in records.runs}
    rounds_of = {order: order.rpartition("-")[0] for order in states}
    due = [order for order, name in rounds_of.items() if name in back]
    late_runs = [order for order, name in rounds_of.items() if name in away]
    report.exactly("sends past the vendor's window", len(late), 0)
    report.exactly("effects that happened twice", report.duplicates, 0)
    report.exactly("not finished within the window", _not(states, due, "succeeded"), 0)
    report.exactly("not asked past the window", _not(states, late_runs, "asking"), 0)
    report.exactly(
        "runs without an end", sum(s not in FINAL | {"asking"} for s in states.values()), 0
    )
    report.found_wrong(late)


def windowed_step(port: int) -> dict[str, object]:
    """Return the node of a keyed write whose vendor forgets."""
    url = {"$text": f"http://127.0.0.1:{port}/do/ok/keyed/" + "{{ start.body.order }}/ask"}
    return {
        "id": "ask",
        "type": "chaos.windowed",
        "params": {"url": url},
        "timeout_s": 10,
        "retry": {"attempts": 10, "backoff_s": 1},
    }


async def _cut_off(
    field: Field, server: Server, sender: Sender, address: str, name: str, runs: int, away_s: float
) -> float:
    """Send, kill the server while the vendor thinks, and stay away for a while; return for how
    long that was."""
    async with asyncio.TaskGroup() as group:
        for number in range(runs):
            id = f"{name}-{number}"
            group.create_task(sender.deliver(id, address, {"id": id, "order": id}))
    await asyncio.sleep(0.5)
    server.kill()
    died_at = time.monotonic()
    field.report.faults[name.partition("-")[0]] += runs
    await asyncio.sleep(away_s)
    await server.start()
    return time.monotonic() - died_at


CAMPAIGNS = (
    Campaign("behaviour", "F12", "every way to misbehave, times every class of effect", behaviours),
    Campaign("lost-answer", "F13", "the effect took place, the answer never came", lost_answer),
    Campaign("forgotten-key", "F14", "an outage longer than vendors know keys", forgotten_key),
)
