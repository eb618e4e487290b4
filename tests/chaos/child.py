"""Child processes of a campaign: started here, killed by their own process id and no other."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_S = 90.0
"""On a machine with much else to do, the imports alone take a while."""


class Died(Exception):
    """A child ended before it said that it was ready; the message is what it wrote."""


class Child:
    """One process, with all that it wrote in a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, begins: int) -> None:
        self._process = process
        self._log = log
        self._begins = begins

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        log: Path,
        ready: str = "",
        env: dict[str, str] | None = None,
        within_s: float = START_S,
        before: Callable[[], None] | None = None,
    ) -> Child:
        """Start a process and wait until it has written `ready`; raises Died."""
        with log.open("ab") as file:
            begins = file.tell()
            process = subprocess.Popen(  # noqa: ASYNC220 - a fork takes milliseconds
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
                cwd=ROOT,
                preexec_fn=before,
            )
        child = cls(process, log, begins)
        if ready:
            await child.ready(ready, within_s)
        return child

    async def ready(self, words: str, within_s: float) -> None:
        """Wait until it has written these words; raises Died."""
        deadline = time.monotonic() + within_s
        while words not in self.said():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise Died(self.said()[-2_000:])
            await asyncio.sleep(0.02)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def said(self) -> str:
        """Return all that this process wrote."""
        with self._log.open("rb") as file:
            file.seek(self._begins)
            return file.read().decode(errors="replace")

    def send(self, number: int) -> None:
        """Send a signal to this process, if it is there still."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it without a word, and wait for the end."""
        self.send(signal.SIGKILL)
        self._process.wait()

    async def wait(self, within_s: float) -> bool:
        """Wait for its end; False when it goes on."""
        deadline = time.monotonic() + within_s
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def stop(self, within_s: float = 20.0) -> None:
        """Ask it to end, as a machine does that shuts down."""
        self.send(signal.SIGTERM)
        if not await self.wait(within_s):
            self.kill()

    def children(self) -> Iterator[tuple[int, str]]:
        """Give the processes that it has started: their ids and command lines."""
        with suppress(OSError):
            for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
                yield int(pid), Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")

    def rss_mb(self) -> float:
        """Return the most memory that it had at once."""
        return _status(self.pid, "VmHWM") / 1_024

    def rss_now_mb(self) -> float:
        """Return the memory that it has now."""
        return _status(self.pid, "VmRSS") / 1_024

    def cpu_s(self) -> float:
        """Return the CPU time that it has used, in all its threads."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def python_path(*first: Path) -> str:
    """Return where children look for modules: these places, the project, and what was given."""
    given = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    return os.pathsep.join([*map(str, first), str(ROOT), *given])


def _status(pid: int, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    probes: list[Any] = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
