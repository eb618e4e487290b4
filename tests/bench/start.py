"""Start-up: the bare command line, the imports, and the server up to its first answer.

All of it with its bytecode at hand, as an installation has it, even where the environment forbids
Python to write any: without it, every start compiles a thousand files first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.server import serving

CLI_S = 0.3
SERVER_S = 1.2


def run() -> list[dict[str, Any]]:
    """Measure `tramo version`, `import tramo.sdk` and `tramo serve`."""
    with _bytecode():
        cli = _time([sys.executable, "-m", "tramo.app.cli", "version"])
        sdk = _time([sys.executable, "-c", "import tramo.sdk"])
        with serving():  # It leaves the bytecode.
            pass
        started = time.perf_counter()
        with serving() as server:
            serve = time.perf_counter() - started
            cpu = server.cpu_s()
            idle_mb = server.memory_mb()
    return [
        _row("start, tramo version", cli, "s", CLI_S),
        _row("import tramo.sdk", sdk, "s", CLI_S),
        _row("start, tramo serve until it serves", serve, "s", SERVER_S),
        _row("start, processor time of that", cpu, "s", SERVER_S),
        _row("idle memory (PSS)", idle_mb, "MB", 160.0),
    ]


@contextmanager
def _bytecode() -> Iterator[None]:
    names = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    with TemporaryDirectory(prefix="tramo-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            del os.environ["PYTHONPYCACHEPREFIX"]
            os.environ.update(before)


def _time(command: list[str], repeats: int = 7) -> float:
    took = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - started)
    return median(took)


def _row(case: str, figure: float, unit: str, target: float) -> dict[str, Any]:
    ratio = figure / target
    against = f"the target, {target:g} {unit}"
    return {
        "case": case,
        "figure": figure,
        "unit": unit,
        "ratio": ratio,
        "against": against,
        "target": "<= 1",
    }
