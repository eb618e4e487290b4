"""A real `tramo serve` in a process of its own, on a fresh data folder."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tramo.model.value import decode, encode

START_S = 20.0


class Server:
    """A running server and its command line."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int, env: Any) -> None:
        self.folder = folder
        self.process = process
        self.port = port
        self.env = env

    def tramo(self, *arguments: str, given: bytes = b"") -> Any:
        """Run a verb with `--json` and return what it printed."""
        command = [sys.executable, "-m", "tramo.app.cli", *arguments, "--json"]
        done = subprocess.run(command, env=self.env, input=given, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout.decode()} {done.stderr.decode()}")
        return decode(done.stdout)

    def publish(self, document: Any) -> Any:
        """Put and publish a flow; return what publish printed."""
        path = self.folder / "flow.json"
        path.write_bytes(encode(document))
        self.tramo("flow", "put", str(path))
        return self.tramo("flow", "publish", document["id"])

    def cpu_s(self) -> float:
        """Return the CPU time that the server has used, in all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the proportional set size of the server's processes."""
        total = 0
        for pid in [self.process.pid, *_children(self.process.pid)]:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
            total += int(found.group(1)) if found else 0
        return total / 1_024


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


@contextmanager
def serving(**place: str) -> Iterator[Server]:
    """Start a server on a free port, with `place` in its environment, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="tramo-bench-") as name:
        folder = Path(name)
        port = free_port()
        env = {
            **os.environ,
            "TRAMO_DATA": str(folder / "data"),
            "TRAMO_KEY_FILE": str(folder / "key.toml"),
            **place,
        }
        process = start(env, port)
        try:
            yield Server(folder, process, port, env)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start(env: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start `tramo serve` and wait until it says that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tramo.app.cli", "serve", "--port", str(port)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
    )
    assert process.stdout is not None
    deadline = time.monotonic() + START_S
    said = b""
    while time.monotonic() < deadline and process.poll() is None:
        # Read without a buffer: a line that lay in one would never make the pipe readable.
        if select.select([process.stdout], [], [], 0.2)[0]:
            said += process.stdout.read(4_096)
            if b"Tramo serves" in said:
                return process
    process.kill()
    raise RuntimeError(f"tramo serve did not start: {said.decode(errors='replace')}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
