"""A pool of worker processes that interpret Python by pydantic-monty, each call in a fresh session.

The interpreter is no CPython: it has no imports beyond its own, no files, no network. What it may
use of time, memory, depth and talk is bounded here; a worker that dies is replaced.

The library's blocking door is used from threads of our own: its asyncio door (1.4.0) now and then
aborts the whole process as it exits.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any, Final

from tramo.ports.sandbox import Ran
from tramo.sandbox.outcome import explain, lost, plain_result
from tramo.sdk import BadParams, Rejected, Unavailable

MEMORY_BYTES: Final = 64 * 1024 * 1024
RECURSION: Final = 200
PRINTED_BYTES: Final = 64 * 1024
PROCESSES: Final = min(4, os.cpu_count() or 1)
GRACE_S: Final = 2.0
"""After its time limit, a worker that has not stopped by itself is killed."""


class MontySandbox:
    """The sandbox of one process; its workers are started by the first program."""

    def __init__(self, processes: int = PROCESSES) -> None:
        self._processes = processes
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="sandbox")
        self._opening = Lock()
        self._monty: Any = None
        self._pool: Any = None

    async def run(
        self,
        source: str,
        inputs: Mapping[str, Any],
        *,
        timeout_s: float,
        now: str,
        timezone: str,
        seed: str,
    ) -> Ran:
        """Run a program in a worker of its own; see tramo.ports.sandbox.Sandbox."""
        limits = {
            "max_feed_duration_secs": float(timeout_s),
            "max_memory": MEMORY_BYTES,
            "max_recursion_depth": RECURSION,
            "max_total_sleep_secs": 0.0,
            "max_suspensions": 100,
        }
        world = {
            "datetime": datetime.fromisoformat(now),
            "timezone": timezone,
            "random_start": {"seed": seed},
        }
        work = partial(self._run, source, dict(inputs), limits, world)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        """Let programs end, which they must soon, and stop the workers."""
        await asyncio.to_thread(self._threads.shutdown)
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.__exit__, None, None, None)

    def _run(
        self, source: str, inputs: dict[str, Any], limits: dict[str, Any], world: dict[str, Any]
    ) -> Ran:
        pool, monty = self._opened()
        paper = _Paper()
        try:
            with pool.checkout(limits=limits, os_policy=world) as session:
                value = session.feed_run(source, inputs=inputs, print_callback=paper)
                if value is None:
                    value = _variable(session, monty)
        except monty.MontyConversionError as error:
            raise BadParams(f"“inputs” cannot be handed to the code: {error}.") from None
        except (monty.MontySyntaxError, monty.MontyRuntimeError) as error:
            if paper.full:
                raise Rejected(
                    f"The code printed more than {PRINTED_BYTES // 1024} KB; print less.",
                    code="code.printed",
                ) from None
            raise explain(error, limits["max_feed_duration_secs"]) from None
        except monty.MontyCrashedError as error:
            raise lost(error.timed_out, limits["max_feed_duration_secs"]) from None
        return Ran(plain_result(value), paper.text)

    def _opened(self) -> tuple[Any, Any]:
        with self._opening:
            if self._pool is None:
                try:
                    import pydantic_monty as monty

                    pool = monty.Monty(
                        min_processes=1,
                        max_processes=self._processes,
                        feed_duration_limit_grace=GRACE_S,
                    )
                    pool.__enter__()
                except (ImportError, OSError, RuntimeError) as error:
                    raise Unavailable(
                        "Code needs the package pydantic-monty, and it cannot be used here "
                        f'({error}); run pip install "tramo[code]" and start Tramo again.'
                    ) from None
                self._monty, self._pool = monty, pool
            return self._pool, self._monty


def _variable(session: Any, monty: Any) -> Any:
    """Return what the program left in `result`; null if it has no such variable."""
    try:
        return session.feed_run("result")
    except monty.MontyRuntimeError:
        return None


class _Paper:
    """What a program prints, up to a limit: past it the program is stopped."""

    def __init__(self) -> None:
        self.text = ""
        self.full = False

    def __call__(self, stream: str, text: str) -> None:
        del stream
        self.full = self.full or len(self.text) + len(text) > PRINTED_BYTES
        if self.full:
            raise OverflowError("printed too much")
        self.text += text
