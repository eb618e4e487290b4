"""F17: the machine's clock jumps by hours and days while runs wait and vendors are being asked."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.chaos.check import judge, tell
from tests.chaos.client import Sender
from tests.chaos.field import Campaign, Field
from tests.chaos.record import read_sqlite
from tests.chaos.server import Server
from tests.chaos.workload import chain, step, webhook

LIBRARY: Final = "/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1"
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
JUMPS: Final = (HOUR_S, 0, -HOUR_S, 0, DAY_S, 0, -DAY_S, 0, 600, -600)
LAST_S: Final = 3 * DAY_S
"""The clock ends ahead of wherever it was: what waits for an instant it was moved past goes on."""
WAIT_S: Final = 2
EVERY_S: Final = 30
EFFECTS: Final = {"flow_jump": {"first": "never_repeat", "second": "keyed"}}


def find_library() -> Path | None:
    """Return where libfaketime is, if it is installed."""
    import platform

    path = Path(LIBRARY.format(machine=platform.machine()))
    return path if path.exists() else None


class Wall:
    """The clock of the processes that are started with its environment."""

    def __init__(self, library: Path, folder: Path) -> None:
        self._file = folder / "offset"
        self.set(0)
        self.env = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, ahead_s: int) -> None:
        """Let it show so many seconds more than it is."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead_s:+d}\n")
        fresh.replace(self._file)


async def jumps(field: Field) -> None:
    """Jump back and forth under load."""
    library = find_library()
    if library is None:
        field.report.skipped = "libfaketime is missing: apt-get install libfaketime"
        return
    rounds = field.pick(1, 10)
    field.report.demand(jump=len(JUMPS) * rounds)
    wall = Wall(library, field.folder)
    async with (
        field.vendors(latency_s=(0.3, 1.5)) as vendors,
        field.serving(serve_env=wall.env) as server,
    ):
        port = vendors.ports[0]
        address = await server.publish(
            chain(
                "jump",
                [
                    webhook(),
                    step("never_repeat", "first", port, behaviour="ok", timeout_s=20),
                    {"id": "pause", "type": "core.wait", "params": {"seconds": WAIT_S}},
                    step("keyed", "second", port, behaviour="ok", timeout_s=20),
                ],
            )
        )
        every = {"every_s": EVERY_S, "missed": "latest", "timezone": "Europe/Madrid"}
        await server.publish(
            chain("every", [{"id": "start", "type": "core.schedule", "params": every},
                            {"id": "seen", "type": "core.log", "params": {"message": "seen"}}])
        )  # fmt: skip
        async with Sender(server.url("")) as sender:
            await _jump(field, server, sender, address, wall, JUMPS * rounds)
            wall.set(LAST_S)
            settled = await server.settled(field.pick(30, 120))
            field.report.acks = len(sender.acked)
        await _judge_waits(field, server)
        await server.stop()
        records, ledger = read_sqlite(server.data), vendors.ledger()
    report = field.report
    verdict = judge([one.id for one in sender.acked], records, ledger, EFFECTS)
    tell(report, verdict, records, ledger)
    report.exactly("not at rest in time", float(not settled), 0)
    crashed = [run.id for run in records.runs if run.crashes]
    report.exactly("runs taken from a process that lives", len(crashed), 0)
    report.exactly("doubts made by the clock", report.asked, 0)
    fired = sum(run.flow == "flow_every" for run in records.runs)
    report.at_most("firings of a schedule", fired, len(JUMPS) * rounds + 5)


async def _jump(
    field: Field, server: Server, sender: Sender, address: str, wall: Wall, offsets: tuple[int, ...]
) -> None:
    """Send a few orders, jump, send a few more."""
    for number, offset in enumerate(offsets):
        async with asyncio.TaskGroup() as group:
            for n in range(6):
                id = f"o{number}-{n}"
                group.create_task(sender.deliver(id, address, {"id": id, "order": id}))
        wall.set(offset)
        field.report.faults["jump"] += 1
        await asyncio.sleep(field.draw.uniform(0.5, 2.0))


async def _judge_waits(field: Field, server: Server) -> None:
    """Hold every wait against its time, by the clock that it went by; and the CPU at rest."""
    early: list[str] = []
    listed = await server.api("GET", "/runs", flow="flow_jump", limit=200)
    for item in listed["items"][:: field.pick(3, 10)]:
        run: dict[str, Any] = await server.api("GET", f"/runs/{item['id']}")
        for one in run["steps"]:
            if one["node"] == "pause" and one["ended_at"]:
                began, ended = (
                    datetime.fromisoformat(one[name]) for name in ("started_at", "ended_at")
                )
                if (ended - began).total_seconds() < WAIT_S:
                    early.append(f"{item['id']}: from {began} to {ended}")
    field.report.exactly("waits that ended early", len(early), 0)
    field.report.found_wrong(early)
    assert server.child is not None
    before = server.child.cpu_s()
    await asyncio.sleep(2)
    field.report.at_most("CPU at rest", (server.child.cpu_s() - before) / 2 * 100, 20, "%")


CAMPAIGNS = (Campaign("clock", "F17", "the clock jumps by an hour and by a day", jumps),)
