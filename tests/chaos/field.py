"""Where a campaign takes place: a folder, vendors, a server, and the report that grows."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos.child import Child, free_ports
from tests.chaos.report import Report
from tests.chaos.server import Server
from tests.chaos.vendor.__main__ import READY
from tests.chaos.vendor.ledger import Entry, read_ledger
from tests.chaos.workload import Workload


class Vendors(NamedTuple):
    """The vendors of a campaign, while they are open."""

    child: Child
    ports: list[int]
    mail_port: int
    ledger_path: Path

    def ledger(self) -> list[Entry]:
        """Return what they were asked for so far."""
        return read_ledger(self.ledger_path)


class Field:
    """One campaign's place and means."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.folder = folder
        self.report = report
        self.draw = random.Random(f"{report.campaign} {report.seed}")
        self._began = time.monotonic()

    @property
    def full(self) -> bool:
        return self.report.tier == "full"

    def pick(self, quick: Any, full: Any) -> Any:
        """Return what belongs to the tier."""
        return full if self.full else quick

    def tell(self, sentence: str) -> None:
        """Say on standard error how far it is."""
        took = time.monotonic() - self._began
        print(f"{took:7.1f} s  {self.report.campaign}: {sentence}", file=sys.stderr, flush=True)

    @asynccontextmanager
    async def vendors(
        self,
        *,
        ports: int = 1,
        mail: bool = False,
        failing: float = 0.0,
        latency_s: tuple[float, float] = (0.0, 0.0),
        window_s: float = 1e9,
        name: str = "vendors",
    ) -> AsyncIterator[Vendors]:
        """Open vendors for as long as the block lasts."""
        *numbers, mail_port = free_ports(ports + 1)
        ledger = self.folder / f"{name}.jsonl"
        child = await Child.start(
            [sys.executable, "-m", "tests.chaos.vendor", "--ledger", str(ledger),
             *(part for number in numbers for part in ("--port", str(number))),
             "--mail-port", str(mail_port if mail else 0),
             "--seed", str(self.report.seed), "--failing", str(failing),
             "--latency-from", str(latency_s[0]), "--latency-to", str(latency_s[1]),
             "--window", str(window_s)],
            log=self.folder / f"{name}.log",
            ready=READY,
        )  # fmt: skip
        try:
            yield Vendors(child, numbers, mail_port, ledger)
        finally:
            child.kill()

    @asynccontextmanager
    async def serving(self, *, name: str = "server", **options: Any) -> AsyncIterator[Server]:
        """Start a server that people are signed in at; it is killed at the end."""
        async with self.server(name=name, **options) as server:
            await server.start()
            await server.sign_in()
            yield server
            self.report.saw_rss(server.rss_mb)

    def server(self, *, name: str = "server", **options: Any) -> Server:
        """Return a server that has not been started."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Server(folder, **options)


async def mail_connection(server: Server, vendors: Vendors) -> str:
    """Make the connection to the vendors' mail server, and return its id."""
    made = await server.api(
        "POST",
        "/connections",
        {
            "connector": "email",
            "name": "Mail",
            "target": "live",
            "credential": {
                "host": "127.0.0.1",
                "port": vendors.mail_port,
                "security": "none",
                "from_address": "shop@chaos.example",
            },
        },
    )
    return made["id"]


async def workload_w(
    field: Field, server: Server, vendors: Vendors, *, shapes: int = 8
) -> Workload:
    """Publish the flows of W and return them with their addresses."""
    mail = await mail_connection(server, vendors)
    work = Workload(field.report.seed, shapes=shapes, ports=vendors.ports, mail=mail)
    for made in work.documents:
        work.addresses.append(await server.publish(made))
    return work


Run = Callable[[Field], Awaitable[None]]


class Campaign(NamedTuple):
    """One campaign."""

    name: str
    fault: str
    about: str
    run: Run
    quick: bool = True
    """It belongs to the tier that every change goes through."""
