"""This end of the scribe: starts the process, sends it groups, hears its answers.

Everything happens on the event loop, so that no thread waits for the interpreter's lock: what the
scribe saves is that waiting. What became of a group that it had in hand when it died is not known
here.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import msgspec

from tramo.store.scribe_process import SIZE, Orders

LOST: Final = b""
"""What is heard when the scribe is gone."""
PIPE_BYTES: Final = 1024 * 1024
"""What the system is asked to hold on the way, so that a group is sent in one go."""
GRACE_S: Final = 5.0

Hear = Callable[[bytes], None]

_encode: Final = msgspec.msgpack.Encoder().encode


class Scribe:
    """A process that writes. `hear` gets each of its answers, and LOST once at its end."""

    def __init__(self, orders: Orders, hear: Hear, *, keeps: int) -> None:
        """`keeps` is a descriptor that it holds as long as it lives: the lock of the folder."""
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._left = memoryview(b"")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tramo.store.scribe_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pass_fds=(keeps,),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        with suppress(ImportError, AttributeError, OSError):  # Only Linux has it, and may say no.
            import fcntl

            fcntl.fcntl(self._to, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._loop.add_reader(self._from, self._listen)
        self.send(orders)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Any) -> None:
        """Send a message; the one before has been answered."""
        body = _encode(message)
        self._left = memoryview(SIZE.pack(len(body)) + body)
        self._push()

    def _push(self) -> None:
        try:
            self._left = self._left[os.write(self._to, self._left) :]
        except BlockingIOError:
            pass
        except OSError:
            return  # It is gone; `_listen` hears of it.
        if self._left:
            self._loop.add_writer(self._to, self._push)
        else:
            self._loop.remove_writer(self._to)

    def _listen(self) -> None:
        said = os.read(self._from, 1)
        if said == LOST:
            self._let_go()
            self._process.kill()  # Whatever ended it, nothing is written after this.
            self._loop.run_in_executor(None, self._process.wait)
        self._hear(said)

    def _let_go(self) -> None:
        self._loop.remove_reader(self._from)
        self._loop.remove_writer(self._to)
        for file in (self._process.stdin, self._process.stdout):
            if file is not None:
                file.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def close(self) -> None:
        """Let it end, and return when it has."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._let_go()
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


Call = Callable[[Hear], Scribe]
"""Starts a scribe. Raises OSError where the system has no room for a process."""
