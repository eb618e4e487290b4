"""F21: nodes that take the process down, hold it, or raise what nobody catches; beside them runs
that did nothing wrong."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from contextlib import suppress
from typing import Final, NamedTuple

import aiohttp

from tests.chaos.child import Died
from tests.chaos.client import Sender
from tests.chaos.connector import installed
from tests.chaos.field import Campaign, Field, Vendors
from tests.chaos.record import Records, read_sqlite
from tests.chaos.server import Refusal, Server
from tests.chaos.workload import chain, step, webhook

MEMORY_BYTES: Final = 3 * 1024**3
ANSWERS_WITHIN_S: Final = 6.0
"""A supervisor takes a server for dead that does not answer for so long."""


class Poison(NamedTuple):
    """A node, and how its run may end."""

    node: str
    ends: frozenset[str]
    deadly: bool = False


SET_ASIDE: Final = frozenset({"quarantined"})
FAILED: Final = frozenset({"failed"})
POISONS: Final = (
    Poison("segfault", SET_ASIDE, deadly=True),
    Poison("endless", SET_ASIDE, deadly=True),
    Poison("memory", FAILED | SET_ASIDE),
    Poison("recursion", FAILED),
    Poison("bail_out", FAILED | SET_ASIDE),
    Poison("leave", FAILED | SET_ASIDE),
    Poison("own_error", FAILED),
    Poison("block", frozenset({"succeeded"})),
)


async def poison(field: Field) -> None:
    """Let every poison loose, the deadly ones on a server of their own."""
    each, innocents = field.pick((1, 10), (20, 20))
    field.report.demand(**{one.node: each for one in POISONS})
    async with field.vendors(latency_s=(0.4, 0.8)) as vendors:
        groups = (
            [one for one in POISONS if one.deadly],
            [one for one in POISONS if not one.deadly],
        )
        found = await asyncio.gather(
            *(
                _loose(field, vendors, f"server{number}", group * each, innocents)
                for number, group in enumerate(groups)
            )
        )
        ledger = vendors.ledger()
    report = field.report
    wrong = [sentence for sentences in found for sentence in sentences]
    effects = Counter((entry.order, entry.node) for entry in ledger if entry.applied)
    report.effects = effects.total()
    report.duplicates = sum(count > 1 for count in effects.values())
    ends = [line for line in wrong if line.startswith("poison")]
    report.exactly("poisoned runs that ended otherwise than they may", len(ends), 0)
    report.exactly("innocent runs that did not succeed", len(wrong) - len(ends), 0)
    report.exactly("effects that happened twice", report.duplicates, 0)
    report.found_wrong(ends)
    report.found_wrong([line for line in wrong if line not in ends])


async def _loose(
    field: Field, vendors: Vendors, name: str, group: list[Poison], innocents: int
) -> list[str]:
    """Let poisons loose one after the other, each among innocent runs; return what went wrong."""
    async with field.server(name=name, env=installed(field.folder)) as server:
        await server.start(before=_bound_memory)
        await server.sign_in()
        harmless = [step("keyed", f"step{n}", vendors.ports[0], behaviour="ok") for n in (1, 2)]
        good = await server.publish(chain("innocent", [webhook(), *harmless]))
        bad = {
            node: await server.publish(
                chain(node, [webhook(), {"id": "bad", "type": f"chaos.{node}", "timeout_s": 30}])
            )
            for node in {one.node for one in group}
        }
        async with Sender(server.url(""), connections=32) as sender:
            for number, one in enumerate(group):
                await _among_innocents(
                    field, server, sender, one.node, number, innocents, good, bad
                )
        await server.stop()
        records = read_sqlite(server.data)
        field.report.acks += len(sender.acked)
        field.report.runs = dict(Counter(field.report.runs) + Counter(records.states))
        field.report.saw_rss(server.rss_mb)
        return _judge(records, group)


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


async def _among_innocents(
    field: Field,
    server: Server,
    sender: Sender,
    node: str,
    number: int,
    innocents: int,
    good: str,
    bad: dict[str, str],
) -> None:
    """Deliver one poison between innocents, and play the supervisor until all is at rest."""
    names = [f"good-{node}-{number}-{n}" for n in range(innocents)]
    async with asyncio.TaskGroup() as sending:
        for place, id in enumerate(names):
            if place == innocents // 2:
                id_bad = f"bad-{node}-{number}"
                body = {"id": id_bad, "order": id_bad}
                sending.create_task(sender.deliver(id_bad, bad[node], body))
                field.report.faults[node] += 1
            sending.create_task(sender.deliver(id, good, {"id": id, "order": id}))
        supervised = asyncio.create_task(
            _supervise(field, server, sending_until=names, sender=sender)
        )
    await supervised
    field.tell(f"{node} {number} is over")


async def _supervise(
    field: Field, server: Server, *, sending_until: list[str], sender: Sender
) -> None:
    """Start the server again whenever it is dead or gives no good answer, until all is at rest."""
    deadline = time.monotonic() + 240  # Where much dies, who is alone in it dies six times.
    good_at = time.monotonic()
    while time.monotonic() < deadline:
        assert server.child is not None
        if time.monotonic() - good_at > ANSWERS_WITHIN_S:
            field.report.faults["hung"] += 1
            server.kill()
        if not server.child.alive:
            field.report.faults["died"] += 1
            with suppress(Died):  # Some take it down again before it says that it serves.
                await server.start(before=_bound_memory)
            good_at = time.monotonic()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                at_rest = not (await server.kept() or await server.open_runs())
        except (TimeoutError, aiohttp.ClientError, Refusal):
            await asyncio.sleep(0.1)
            continue
        good_at = time.monotonic()
        if at_rest and all(sender.deliveries[id].acked_at for id in sending_until):
            return
        await asyncio.sleep(0.1)


def _judge(records: Records, group: list[Poison]) -> list[str]:
    ends = {one.node: one.ends for one in group}
    wrong: list[str] = []
    for run in records.runs:
        kind, node, *_ = run.delivery.split("-")
        right = ends[node] if kind == "bad" else {"succeeded"}
        if run.state not in right:
            who = "poison" if kind == "bad" else "innocent"
            wrong.append(
                f"{who}: {run.delivery} is {run.state} ({run.reason}) after {run.crashes} crashes"
            )
    return wrong


CAMPAIGNS = (
    Campaign("poison", "F21", "nodes that crash, hang, hog and blow up, among good runs", poison),
)
