"""F29: a backup while the server works, its death some time later, a restore elsewhere: the state
goes back in time, and nothing that was sent meanwhile is sent again unasked."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any, Final

from tests.chaos.client import Sender
from tests.chaos.field import Campaign, Field, Vendors
from tests.chaos.record import Records, read_sqlite
from tests.chaos.server import Server
from tests.chaos.vendor.ledger import Entry
from tests.chaos.workload import chain, step, webhook

ORDERS: Final = 60
EFFECTS: Final = {"pay": "keyed", "label": "never_repeat", "note": "keyed", "tell": "never_repeat"}


async def restore(field: Field) -> None:
    """Back up, go on, kill, restore, again and again."""
    rounds = field.pick(2, 50)
    field.report.demand(restore=rounds)
    wrong: list[str] = []
    asked = sent_meanwhile = finished = 0
    async with field.vendors(latency_s=(0.01, 0.3)) as vendors:
        for number in range(rounds):
            found = await _one(field, vendors, number)
            wrong += found.wrong
            asked += found.asked
            sent_meanwhile += found.sent_meanwhile
            finished += found.finished
    report = field.report
    report.asked = asked
    report.exactly("promises broken", len(wrong), 0)
    report.at_least("effects sent between backup and death", sent_meanwhile, rounds)
    report.at_least("doubts asked", asked, rounds)
    report.at_least("runs that went on to their end", finished, rounds)
    report.found_wrong(wrong)


class _Found:
    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.asked = 0
        self.sent_meanwhile = 0
        self.finished = 0


async def _one(field: Field, vendors: Vendors, number: int) -> _Found:
    found = _Found()
    file = field.folder / f"{number}.tramo"
    async with field.server(name=f"old{number}") as old, field.server(name=f"new{number}") as new:
        await old.start()
        await old.sign_in()
        address = await old.publish(_flow(vendors.ports[0]))
        before = await _serve_orders(field, old, vendors, address, number, file)
        old.kill()
        await asyncio.sleep(0.5)  # What was on its way arrives.
        dead = vendors.ledger()
        found.sent_meanwhile = sum(entry.applied for entry in dead[len(before) :])

        new.env["TRAMO_KEY_FILE"] = old.env["TRAMO_KEY_FILE"]
        code, said, error = await new.tramo("restore", str(file), "--json")
        field.report.faults["restore"] += not code
        if code:
            found.wrong.append(f"round {number}: the restore was refused: {error.decode()}")
            return found
        held = read_sqlite(new.data)
        found.wrong += _about_backup(held, json.loads(said), number)
        await new.start()
        new.use_token(old.token)
        async with Sender(new.url("")) as sender:
            for n in range(5):
                id = f"late{number}-{n}"
                await sender.deliver(id, address, {"id": id, "order": id, "wait": 0}, within_s=20)
        if not await new.settled(60):
            found.wrong.append(f"round {number}: not at rest in time")
        after = vendors.ledger()
        asking = read_sqlite(new.data, check=False)
        found.wrong += _repeats(held, asking, dead, after)
        found.asked = asking.states.get("asking", 0)
        found.wrong += await _settle_all(new, number)
        done = read_sqlite(new.data)
        found.finished = done.states.get("succeeded", 0)
        found.wrong += [
            f"{run.delivery} is {run.state} ({run.reason}) in the end"
            for run in done.runs
            if run.state != "succeeded"
        ]
        if done.integrity != "ok":
            found.wrong.append(f"round {number}: {done.integrity}")
        await new.stop()
    return found


def _flow(port: int) -> dict[str, Any]:
    nodes = [webhook()]
    for name, kind in EFFECTS.items():
        made = step(kind, name, port, behaviour="ok", timeout_s=10)
        # Nothing of the moment in it: the key stands for the same body before and after.
        made["params"]["json"] = {"order": {"$expr": "start.body.order"}}
        nodes.append(made)
        if name in ("pay", "note"):
            wait = {"seconds": {"$expr": "start.body.wait"}}
            nodes.append({"id": f"after_{name}", "type": "core.wait", "params": wait})
    return chain("restored", nodes)


async def _serve_orders(
    field: Field, server: Server, vendors: Vendors, address: str, number: int, file: Any
) -> list[Entry]:
    """Take orders for a while, back up in the middle; return what had been sent by then."""
    async with Sender(server.url(""), connections=8) as sender, asyncio.TaskGroup() as group:

        async def order(n: int) -> None:
            await asyncio.sleep(field.draw.uniform(0, 3))
            id = f"r{number}-{n}"
            body = {"id": id, "order": id, "wait": field.draw.choice((0, 1, 2))}
            await sender.deliver(id, address, body, within_s=20)

        for n in range(ORDERS):
            group.create_task(order(n))
        await asyncio.sleep(field.draw.uniform(1.0, 2.0))
        code, _, error = await server.tramo("backup", str(file), "--json")
        assert code == 0, error
        before = vendors.ledger()
    await asyncio.sleep(field.draw.uniform(0.3, 2.0))
    return before


def _about_backup(held: Records, said: Any, number: int) -> list[str]:
    wrong = []
    if held.integrity != "ok":
        wrong.append(f"round {number}: the restored database: {held.integrity}")
    if said["runs"] != len(held.runs) or not said["open_runs"]:
        wrong.append(f"round {number}: the backup says {said}, and {len(held.runs)} runs are there")
    return wrong


def _repeats(held: Records, asking: Records, dead: list[Entry], after: list[Entry]) -> list[str]:
    """Compare what was sent before the death with what was sent after the restore."""
    wrong: list[str] = []
    counts = Counter((entry.order, entry.node) for entry in after if entry.applied)
    wrong += [f"{place}: {count} effects" for place, count in counts.items() if count > 1]
    sent = {(entry.order, entry.node) for entry in dead if entry.kind == "never_repeat"}
    again = [(entry.order, entry.node) for entry in after[len(dead) :]]
    wrong += [f"{place} was sent again" for place in again if place in sent]
    had = set(held.by_delivery)
    for entry in after[len(dead) :]:
        if entry.kind == "never_repeat" and entry.order in had:
            wrong.append(f"{entry.order}, {entry.node} was sent after the restore, unasked")
    open_before = {run.delivery for run in held.runs if run.state != "succeeded"}
    for run in asking.runs:
        due = "asking" if run.delivery in open_before else "succeeded"
        if run.state != due:
            wrong.append(f"{run.delivery} is {run.state}, not {due}")
    return wrong


async def _settle_all(server: Server, number: int) -> list[str]:
    """Say that all of it happened, until nobody asks any more."""
    for _ in range(len(EFFECTS) + 1):
        code, _, error = await server.tramo("runs", "settle", "happened", "--flow", "flow_restored")
        if code:
            return [f"round {number}: settling failed: {error.decode()}"]
        await server.settled(30)
        if not read_sqlite(server.data, check=False).states.get("asking"):
            return []
    return [f"round {number}: doubts were left over"]


CAMPAIGNS = (
    Campaign("restore", "F29", "backups come back after the server went on and died", restore),
)
