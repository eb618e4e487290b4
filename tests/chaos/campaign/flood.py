"""F19: more deliveries a second than are wanted, and then all of them again and again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Final

from tests.chaos.field import Campaign, Field
from tests.chaos.record import read_sqlite
from tests.chaos.report import percentile
from tests.chaos.server import Server
from tests.chaos.workload import chain, webhook

PER_S: Final = 2_000
CONNECTIONS: Final = 128
BODY: Final = b'{"id":"%d","order":"%d","note":"' + b"x" * 500 + b'"}'


class Flood:
    """Sends numbered deliveries at a rate, over kept connections, whatever comes back."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._head = (
            f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.acked: set[int] = set()
        self.answers: Counter[int] = Counter()
        self.took_s: dict[int, list[float]] = {200: [], 503: []}
        self.late_s = 0.0

    async def send(self, numbers: list[int], per_s: float) -> None:
        """Send these, in order, none before its time."""
        queue = iter(enumerate(numbers))
        began = time.monotonic()

        async def one_line() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            for place, number in queue:
                ahead = began + place / per_s - time.monotonic()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                self.late_s = max(self.late_s, -ahead)
                await self._ask(reader, writer, number)
            writer.close()

        await asyncio.gather(*(one_line() for _ in range(CONNECTIONS)))

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        body = BODY % (number, number)
        sent_at = time.monotonic()
        writer.write(self._head + b"%d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        at = head.lower().find(b"content-length:")
        await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
        self.answers[status] += 1
        self.took_s.setdefault(status, []).append(time.monotonic() - sent_at)
        if 200 <= status < 300:
            self.acked.add(number)


async def flood(field: Field) -> None:
    """Flood, then send everything again as vendors do that heard nothing."""
    for_s, again = field.pick((4, 1), (60, 10))
    count = PER_S * for_s
    field.report.demand(delivery=count, duplicate=count * again)
    async with field.serving() as server:
        log = {"id": "seen", "type": "core.log", "params": {"message": "seen"}}
        flood = Flood(server.port, await server.publish(chain("flood", [webhook(), log])))
        await flood.send(list(range(count)), PER_S)
        field.report.faults["delivery"] += count
        first, refused = len(flood.acked), flood.answers[503]
        field.tell(f"{first} acknowledged, {refused} told to come back")
        for _ in range(again):
            await flood.send(list(range(count)), PER_S)
            field.report.faults["duplicate"] += count
        await _until_all(flood, count)
        rested = await server.settled(60)
        await server.stop()
        records = read_sqlite(server.data)
        _figures(field, flood, server)
    report = field.report
    report.runs, report.acks = records.states, len(flood.acked)
    lost = [number for number in flood.acked if str(number) not in records.deliveries]
    doubled = [delivery for delivery, runs in records.by_delivery.items() if len(runs) > 1]
    report.exactly("acknowledged and lost", len(lost), 0)
    report.exactly("deliveries with two runs", len(doubled), 0)
    report.exactly("deliveries never acknowledged", count - report.acks, 0)
    report.exactly("runs that succeeded", records.states.get("succeeded", 0), count)
    report.exactly("not at rest in time", float(not rested), 0)


async def _until_all(flood: Flood, count: int) -> None:
    """Let the patient come back with what was refused."""
    for _ in range(10):
        left = [number for number in range(count) if number not in flood.acked]
        if not left:
            return
        await flood.send(left, PER_S / 4)


def _figures(field: Field, flood: Flood, server: Server) -> None:
    report = field.report
    odd = {status: n for status, n in flood.answers.items() if status not in (200, 503)}
    report.exactly("answers but 2xx and 503", sum(odd.values()), 0)
    report.found_wrong([f"{count} × {status}" for status, count in odd.items()])
    # On a machine that does other things too, a figure of time says little; loss says all.
    most_s = field.pick(2.0, 0.5)
    report.at_most("p99 of those taken", percentile(flood.took_s[200], 0.99), most_s, "s")
    report.at_most("slowest of those refused", max(flood.took_s[503], default=0), 2.0, "s")
    report.at_most("memory at most", server.rss_mb, 400, "MB")
    field.tell(f"the last delivery left {flood.late_s:.1f} s after its time")


CAMPAIGNS = (Campaign("flood", "F19", "2,000 deliveries a second, and all of them again", flood),)
