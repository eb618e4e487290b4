"""What every process that stays does for itself: its event loop and its interpreter."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

SWITCH_S: Final = 0.001
FILES: Final = 16_384
"""Files and connections that a process wants to have open at once, where it may."""


def tune_interpreter() -> None:
    """Let the garbage collector pass over what start-up made, and come less often.

    A delivery makes hundreds of short-lived objects and next to no cycles: at the usual thresholds
    the collector walks the whole program again and again, in the middle of deliveries.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    # The writer thread asks for the interpreter's lock at every statement, and waits this long for
    # a busy event loop to give it up: at the usual 5 ms a group of commits takes ten times as long.
    sys.setswitchinterval(SWITCH_S)


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one, with as many files and connections as are allowed."""
    _allow_files()
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def _allow_files() -> None:
    """Raise the soft limit of open files: many systems set one of 1,024 for the sake of select."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
