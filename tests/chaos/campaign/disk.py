"""F10: the disk is full, at every place that writes; then there is room again. F30: places where no
database should be, and files that are not whole."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.chaos.check import judge, tell
from tests.chaos.child import START_S
from tests.chaos.client import Sender, recovery_s
from tests.chaos.field import Campaign, Field, Vendors
from tests.chaos.record import read_sqlite
from tests.chaos.server import Refusal, Server
from tests.chaos.workload import chain, step, webhook

SIZE_MB: Final = (48, 400)
"""Of the small disk, by tier: all that is delivered must find room on it."""
FULL_S: Final = 0.6
EFFECTS: Final = {"flow_full": {"first": "keyed", "second": "never_repeat"}}


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[bool]:
    """Give a folder a small disk of its own, where this process may; tell whether it could."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "chaos", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


async def full_disk(field: Field) -> None:
    """Fill the disk again and again: while deliveries are stored, bodies are laid aside as blobs,
    and the log is folded into the file."""
    rounds = field.pick(4, 20)
    sites = ("commit", "blob", "checkpoint")
    field.report.demand(commit=rounds, blob=rounds, checkpoint=rounds)
    server = field.server()
    with small_disk(server.data, field.pick(*SIZE_MB)) as mounted:
        if not mounted:
            field.report.skipped = "a small disk needs the right to mount one (root)"
            return
        async with field.vendors() as vendors, server:
            await server.start()
            await server.sign_in()
            await _fill_again(field, server, vendors, list(sites) * rounds)


async def _fill_again(field: Field, server: Server, vendors: Vendors, sites: list[str]) -> None:
    report, port = field.report, vendors.ports[0]
    asks = [
        step("keyed", "first", port, behaviour="ok", attempts=20),
        step("never_repeat", "second", port, behaviour="ok", attempts=20),
    ]
    address = await server.publish(chain("full", [webhook(), *asks]))
    filler = server.data / "filler"
    freed: list[float] = []
    odd: list[str] = []
    async with Sender(server.url(""), connections=24) as sender:
        for number, site in enumerate(sites):
            before = dict(sender.answers)
            async with asyncio.TaskGroup() as group:
                for n in range(24):
                    id = f"{site}-{number}-{n}"
                    size = 150_000 if site == "blob" else 2_000
                    body = {"id": id, "order": id, "note": field.draw.randbytes(size).hex()}
                    group.create_task(sender.deliver(id, address, body, within_s=30))
                    if n == 8:
                        _fill(filler, server.data, leave=field.draw.choice((0, 4, 64, 300)) * 1024)
                        report.faults[site] += 1
                if site == "checkpoint":
                    await _sweep(server)
                await asyncio.sleep(FULL_S)
                filler.unlink()
                freed.append(time.monotonic())
            odd += _odd(site, before, dict(sender.answers))
        settled = await server.settled(60)
        await server.stop()
        report.acks = len(sender.acked)
        times = recovery_s(freed, sender.acks)
    report.recovered(times)
    report.exactly("answers but 2xx and 503", len(odd), 0)
    report.found_wrong(odd)
    report.at_least("deliveries refused while the disk was full", sender.answers[503], 1)
    report.at_most("slowest first 2xx after room came back", max(times, default=99), 10, "s")
    report.exactly("not at rest in time", float(not settled), 0)
    report.exactly("deliveries never acknowledged", len(sender.deliveries) - report.acks, 0)
    records, ledger = read_sqlite(server.data), vendors.ledger()
    tell(report, judge([o.id for o in sender.acked], records, ledger, EFFECTS), records, ledger)


def _fill(filler: Path, disk: Path, *, leave: int) -> None:
    """Take all the room that is left, but for a little."""
    size = max(0, shutil.disk_usage(disk).free - leave)
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for _ in range(size // 4_096):
            file.write(bytes(4_096))


async def _sweep(server: Server) -> None:
    """Ask for what folds the log into the file; no room is a fair answer."""
    try:
        await server.api("POST", "/retention/sweep")
    except Refusal as refusal:
        if refusal.status != 503:
            raise


def _odd(site: str, before: dict[int, int], after: dict[int, int]) -> list[str]:
    return [
        f"{site}: {count - before.get(status, 0)} × {status}"
        for status, count in after.items()
        if status not in (200, 503) and count > before.get(status, 0)
    ]


# F30 ----------------------------------------------------------------------------------------------


async def bad_places(field: Field) -> None:
    """Start on places and files that cannot be right: a clear refusal, and nothing made anew."""
    wrong: list[str] = []
    async with field.serving() as server:
        address = await server.publish(chain("place", [webhook(), _log()]))
        async with Sender(server.url("")) as sender:
            for number in range(50):
                await sender.deliver(f"o{number}", address, {"id": f"o{number}", "n": number})
        wrong += await _second_server(field, server)
        await server.stop()
    good = field.folder / "good"
    shutil.copytree(server.data, good)
    for name, spoil in SPOILS.items():
        wrong += await _spoiled(field, server, good, name, spoil)
    field.report.demand(place=len(SPOILS) + 1)
    field.report.exactly("places that were not refused as they should", len(wrong), 0)
    field.report.found_wrong(wrong)


def _log() -> dict[str, object]:
    return {"id": "seen", "type": "core.log", "params": {"message": "seen"}}


async def _second_server(field: Field, server: Server) -> list[str]:
    """Serve a folder that is being served."""
    field.report.faults["place"] += 1
    other = Server(server.folder)
    code, _, said = await other.tramo("serve", "--port", str(other.port))
    if code == 1 and b"Another Tramo" in said and server.child and server.child.alive:
        return []
    return [f"two servers on one folder: exit {code}, {said[-300:]!r}"]


def _truncate(data: Path) -> None:
    _drop_log(data)
    os.truncate(data / "tramo.sqlite3", (data / "tramo.sqlite3").stat().st_size // 2)


def _empty_file(data: Path) -> None:
    _drop_log(data)
    os.truncate(data / "tramo.sqlite3", 0)


def _flip(data: Path) -> None:
    """Change bytes in the file's first page, where the schema is."""
    _drop_log(data)
    with (data / "tramo.sqlite3").open("r+b") as file:
        file.seek(100)
        file.write(bytes(400))


def _head(data: Path) -> None:
    _drop_log(data)
    with (data / "tramo.sqlite3").open("r+b") as file:
        file.write(b"This is no database.")


def _other_file(data: Path) -> None:
    _drop_log(data)
    (data / "tramo.sqlite3").write_bytes(b"PK\x03\x04" + os.urandom(8_192))


def _folder(data: Path) -> None:
    (data / "tramo.sqlite3").unlink()
    (data / "tramo.sqlite3").mkdir()


def _gone(data: Path) -> None:
    (data / "tramo.sqlite3").unlink()
    _drop_log(data)


def _drop_log(data: Path) -> None:
    for name in ("tramo.sqlite3-wal", "tramo.sqlite3-shm"):
        (data / name).unlink(missing_ok=True)


SPOILS: Final = {
    "a file cut in half": _truncate,
    "a file of no bytes": _empty_file,
    "a first page of zeros": _flip,
    "a file without its head": _head,
    "another kind of file": _other_file,
    "a folder in its place": _folder,
    "a file that is gone": _gone,
}


async def _spoiled(field: Field, server: Server, good: Path, name: str, spoil: object) -> list[str]:
    """Serve a spoiled copy; return what was wrong with the answer."""
    field.report.faults["place"] += 1
    shutil.rmtree(server.data, ignore_errors=True)
    shutil.copytree(good, server.data)
    assert callable(spoil)
    spoil(server.data)
    code, said = await _serve_briefly(server)
    if code == 1 and said and "Traceback" not in said and "mistake of Tramo" not in said:
        return []
    return [f"{name}: exit {code}, said {said[-300:]!r}"]


async def _serve_briefly(server: Server) -> tuple[int | None, str]:
    """Serve, and give up after a while where it is not refused."""
    child = await server.start(ready="")
    ended = await child.wait(START_S)
    child.kill()
    return (child.code if ended else None), child.said()


CAMPAIGNS = (
    Campaign("disk", "F10", "the disk is full while it commits, keeps blobs, folds", full_disk),
    Campaign("place", "F30", "two servers, and files that are not whole", bad_places),
)
