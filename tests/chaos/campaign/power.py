"""F11: the power fails. kill -9 proves nothing about syncing: the system keeps what was written.

The server runs under strace, which writes down every write and sync of its database. From that, any
number of power cuts are worked out afterwards: what was synced by an instant is there, of the rest
any part may be, down to single sectors. Whatever had been acknowledged by then must be in the file.
And the model is held to the truth in turn: the same cuts with the syncs left out have to lose some.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.chaos.client import Sender
from tests.chaos.field import Campaign, Field
from tests.chaos.workload import chain, webhook

SECTOR: Final = 512
FILES: Final = ("tramo.sqlite3", "tramo.sqlite3-wal")
_CALL: Final = re.compile(
    r"^(?P<pid>\d+) +(?P<at>[\d.]+) (?P<name>\w+)\(\d+<(?P<path>[^>]*)>(?P<rest>.*)$"
)
_RESUMED: Final = re.compile(r"^(?P<pid>\d+) +(?P<at>[\d.]+) <\.\.\. (?P<name>\w+) resumed>.*= 0")
_WRITE: Final = re.compile(r', "(?P<data>(?:\\x[0-9a-f]{2})*)", (?P<size>\d+), (?P<offset>\d+)\)')
_TOOK: Final = re.compile(r"<(?P<took>[\d.]+)>$")


class Event(NamedTuple):
    """Something that happened to a file: a write, a new length, or a sync that was over."""

    at: float
    file: str
    kind: str
    offset: int = 0
    data: bytes = b""


async def power(field: Field) -> None:
    """Trace a server under load, then cut the power at any instant of it."""
    if shutil.which("strace") is None:
        field.report.skipped = "strace is missing: apt-get install strace"
        return
    orders, cuts = field.pick((120, 150), (1_500, 2_000))
    field.report.demand(power_cut=cuts)
    trace = field.folder / "trace"
    calls = "pwrite64,fsync,fdatasync,ftruncate"
    command = ("strace", "-D", "-f", "-y", "-ttt", "-T", "-xx", "-s", "70000", "--seccomp-bpf",
               "-e", f"trace={calls}", "-o", str(trace))  # fmt: skip
    acked: dict[str, float] = {}
    async with field.serving(command=command) as server:
        log = {"id": "seen", "type": "core.log", "params": {"message": "seen"}}
        address = await server.publish(chain("power", [webhook(), log]))
        async with Sender(server.url("")) as sender:
            await _send(field, sender, address, orders, acked)
        await server.settled(20)
        await server.stop()
    events = sorted(_read(trace))
    field.tell(f"{len(events)} writes and syncs of {len(acked)} deliveries")
    lost, broken = _cut(field, events, acked, cuts)
    blind = [event for event in events if event.kind != "sync"]
    lost_blind, broken_blind = _cut(field, blind, acked, cuts // 3, count=False)
    report = field.report
    report.acks = len(acked)
    report.exactly("cuts after which something acknowledged is gone", len(lost), 0)
    report.exactly("cuts after which the file is not whole", len(broken), 0)
    report.at_least("losses of the same cuts without syncs", len(lost_blind + broken_blind), 1)
    report.found_wrong(lost)
    report.found_wrong(broken)


async def _send(
    field: Field, sender: Sender, address: str, orders: int, acked: dict[str, float]
) -> None:
    """Deliver orders, some side by side, and note by the machine's clock when each was taken."""

    async def one(id: str) -> None:
        note = field.draw.randbytes(field.draw.randint(10, 2_000)).hex()
        found = await sender.deliver(id, address, {"id": id, "order": id, "note": note})
        if found.acked_at is not None:
            acked[id] = time.time()

    for first in range(0, orders, 6):
        await asyncio.gather(*(one(f"o{number}") for number in range(first, first + 6)))


def _read(trace: Path) -> Iterator[Event]:
    """Read what strace wrote; a sync counts from the instant at which it was over."""
    begun: dict[str, str] = {}
    with trace.open() as file:
        for line in file:
            if resumed := _RESUMED.match(line):
                name = begun.pop(resumed["pid"], None)
                if name is not None:
                    yield Event(float(resumed["at"]), name, "sync")
                continue
            call = _CALL.match(line)
            name = _name(call["path"]) if call else ""
            if call is None or name not in FILES:
                continue
            at = float(call["at"])
            if call["name"] == "pwrite64":
                found = _WRITE.search(call["rest"])
                assert found is not None, line[:200]
                data = bytes.fromhex(found["data"].replace("\\x", ""))
                yield Event(at, name, "write", int(found["offset"]), data)
            elif call["name"] == "ftruncate":
                yield Event(at, name, "cut", int(call["rest"].split(",")[1].split(")")[0]))
            elif took := _TOOK.search(call["rest"]):
                yield Event(at + float(took["took"]), name, "sync")
            else:
                begun[call["pid"]] = name


def _name(path: str) -> str:
    """Return the last part of a path, which strace writes in hexadecimal digits."""
    return Path(bytes.fromhex(path.replace("\\x", "")).decode()).name


class _Disk:
    """What is certainly on the disk, and what may be."""

    def __init__(self) -> None:
        self.sure: dict[str, bytearray] = {name: bytearray() for name in FILES}
        self.open: dict[str, list[Event]] = {name: [] for name in FILES}

    def take(self, event: Event) -> None:
        if event.kind != "sync":
            self.open[event.file].append(event)
            return
        for earlier in self.open[event.file]:
            _apply(self.sure[event.file], earlier)
        self.open[event.file].clear()

    def after_cut(self, draw: random.Random) -> dict[str, bytearray]:
        """Return files as they may be found: of what was not synced, some."""
        found: dict[str, bytearray] = {}
        for name, sure in self.sure.items():
            content = bytearray(sure)
            part = draw.choice((0.0, 0.5, 0.9, 1.0))
            for event in self.open[name]:
                if draw.random() < part:
                    _apply(content, event)
                elif event.kind == "write" and draw.random() < 0.3:
                    _apply(content, event, torn=draw)
            found[name] = content
        return found


def _apply(content: bytearray, event: Event, torn: random.Random | None = None) -> None:
    if event.kind == "cut":
        del content[event.offset :]
        content.extend(bytes(event.offset - len(content)))
        return
    data = event.data
    if torn is not None:
        data = data[: torn.randrange(0, max(1, len(data) // SECTOR) + 1) * SECTOR]
    content.extend(bytes(max(0, event.offset + len(data) - len(content))))
    content[event.offset : event.offset + len(data)] = data


def _cut(
    field: Field, events: list[Event], acked: dict[str, float], cuts: int, *, count: bool = True
) -> tuple[list[str], list[str]]:
    """Cut the power so often; return what was lost, and what was not whole."""
    draw = random.Random(f"power {field.report.seed}")
    first, last = min(acked.values()), events[-1].at
    sent = max(acked.values())
    # Most cuts while deliveries come in, some while the log is folded into the file at the stop.
    instants = sorted(
        draw.uniform(first, sent) if draw.random() < 0.8 else draw.uniform(sent, last)
        for _ in range(cuts)
    )
    disk, queue = _Disk(), iter(events)
    ahead = next(queue, None)
    lost: list[str] = []
    broken: list[str] = []
    for instant in instants:
        while ahead is not None and ahead.at <= instant:
            disk.take(ahead)
            ahead = next(queue, None)
        field.report.faults["power_cut"] += count
        found = _look(field.folder / "cut", disk.after_cut(draw))
        if found is None:
            broken.append(f"after the cut at {instant:.6f} the file is not whole")
            continue
        gone = [id for id, at in acked.items() if at <= instant and id not in found]
        if gone:
            lost.append(f"after the cut at {instant:.6f} {len(gone)} are gone, such as {gone[0]}")
    return lost, broken


def _look(folder: Path, files: dict[str, bytearray]) -> set[str] | None:
    """Open what the power left, as a start does; return the deliveries, None for a broken file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    file = sqlite3.connect(folder / FILES[0])
    try:
        if file.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return None
        return {row[0] for row in file.execute("SELECT delivery_id FROM event")}
    except sqlite3.DatabaseError:
        return None
    finally:
        file.close()


CAMPAIGNS = (Campaign("power", "F11", "power cuts, worked out from a trace of all writes", power),)
