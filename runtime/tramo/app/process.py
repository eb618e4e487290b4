"""What every process that stays does for itself: its event loop and its interpreter."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, Final

SWITCH_S: Final = 0.001


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
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
