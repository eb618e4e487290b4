"""Wake-ups between processes, carried by arq over Redis: the only module that imports arq.

arq is a transport of rings and nothing else: one job says "look, these runs may have something to
do". Losing, repeating or reordering jobs is harmless, for whoever hears a ring asks the database.
So a job is not worth keeping: it has no result, a short life, and a queue that arq's worker dies of
is emptied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from typing import Annotated, Any, Final, Literal

import msgspec
from arq.connections import ArqRedis
from arq.worker import Worker, func
from msgspec import Meta
from redis.asyncio import ConnectionPool
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.queue.line import Line, end

QUEUE: Final = "tramo:rings"
RING: Final = "wake"
RING_MOST: Final = 200
"""Runs that one job rings for."""
KEPT_MOST: Final = 20_000
"""Runs rung for that nobody has heard of yet; more are dropped."""
LINGER_S: Final = 0.01
"""Rings gather for so long after a job was sent: arq starts 2,000 jobs a second at most."""
POLL_S: Final = 0.02
AT_ONCE: Final = 10
RING_S: Final = 5
LIFE_S: Final = 600
"""A ring that nobody has heard by then has been found by a sweep long ago."""
TIDY_S: Final = 30.0

_ARQ: Final = logging.getLogger("arq")
_WHOLE: Final = 1 << 30


class _Job(msgspec.Struct):
    """What arq may read out of Redis. Whoever else writes there gets no further than this."""

    f: Literal["wake"]
    a: tuple[Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=RING_MOST)]]
    k: dict[str, None]
    t: Annotated[int, Meta(ge=0, le=1_000_000)] | None
    et: Annotated[int, Meta(ge=0, le=1 << 43)]


_encode: Final = msgspec.msgpack.Encoder(enc_hook=str).encode
_decoder: Final = msgspec.msgpack.Decoder(_Job)


def _decode(raw: bytes) -> dict[str, Any]:
    return msgspec.structs.asdict(_decoder.decode(raw))


class ArqWakeup:
    """Rings for all processes on one Redis. Give it `start` once the event loop runs."""

    def __init__(
        self,
        line: Line,
        *,
        clock: Clock,
        spawn: Spawn,
        room: Callable[[], int] = lambda: _WHOLE,
    ) -> None:
        self._line = line
        self._clock = clock
        self._spawn = spawn
        self.room = room
        """How many more runs this process could take up: without room it takes no rings."""
        self._out = _Heap()
        self._in = _Heap()
        self._loops: list[asyncio.Task[None]] = []

    def wake(self, run_ids: Sequence[str]) -> None:
        if self._line.up:
            self._out.add(run_ids)
        else:  # Nobody else would hear it, and this process may do the work.
            self._in.add(run_ids)

    async def listen(self) -> AsyncIterator[Sequence[str]]:
        while True:
            batch = await self._in.take(KEPT_MOST)
            if batch:
                yield batch

    def start(self) -> None:
        """Begin to ring and to hear; a Redis that is not there is looked for again and again."""
        _ARQ.setLevel(logging.CRITICAL)  # It tells of every job; what matters is said by the line.
        self._loops = [
            self._spawn.start(self._line.keep("ring", self._ring), name="rings out"),
            self._spawn.start(self._line.keep("hear", self._hear, _empty), name="rings in"),
        ]

    async def close(self) -> None:
        """Ring and hear no more; what was not sent yet is found by a sweep."""
        await end(self._loops)

    # Out -----------------------------------------------------------------------------------------

    async def _ring(self, pool: ConnectionPool) -> None:
        redis = ArqRedis(pool, job_serializer=_encode, job_deserializer=_decode)
        await redis.ping()
        if not self._out:  # Else it is known with the first of them.
            self._line.reached("ring")
        while True:
            batch = await self._out.take(RING_MOST)
            try:
                await redis.enqueue_job(RING, list(batch), _queue_name=QUEUE, _expires=LIFE_S)
            except BaseException:
                self._out.add(batch)
                raise
            self._line.reached("ring")
            await self._clock.sleep(LINGER_S)

    # In ------------------------------------------------------------------------------------------

    async def _hear(self, pool: ConnectionPool) -> None:
        redis = ArqRedis(pool, job_serializer=_encode, job_deserializer=_decode)
        worker = _Listener(
            functions=[func(self._rung, name=RING)],
            redis_pool=redis,
            queue_name=QUEUE,
            handle_signals=False,
            max_jobs=AT_ONCE,
            job_timeout=RING_S,
            keep_result=0,
            poll_delay=POLL_S,
            max_tries=1_000_000,
            log_results=False,
            job_serializer=_encode,
            job_deserializer=_decode,
        )
        worker.attend(self._beat)
        self._tidy_at = 0.0
        try:
            await worker.main()
        finally:
            started = tuple(worker.tasks.values())
            for each in started:
                each.cancel()
            await asyncio.gather(*started, return_exceptions=True)

    async def _beat(self, worker: _Listener) -> None:
        """Do what is due after each look into the queue."""
        self._line.reached("hear")
        worker.allow_pick_jobs = self.room() > 0
        now = self._clock.monotonic_s()
        if now >= self._tidy_at:
            self._tidy_at = now + TIDY_S
            await _tidy(worker)

    async def _rung(self, ctx: dict[Any, Any], run_ids: list[str]) -> None:
        """Take as many rings as there is room for, and ring on for the rest."""
        del ctx
        room = max(0, self.room())
        self._in.add(run_ids[:room])
        self._out.add(run_ids[room:])


class _Listener(Worker):
    """arq's worker without its health key and cron, whose rhythm is used for our own upkeep."""

    def attend(self, beat: Callable[[_Listener], Any]) -> None:
        """Call `beat` after each look into the queue."""
        self._beat = beat

    async def heart_beat(self) -> None:
        await self._beat(self)


async def _tidy(worker: _Listener) -> None:
    """Remove rings that are too old to be worth anything, and what lies too far ahead: arq would
    never start a member with the score 0, and enough of them would hide all others."""
    seconds, _ = await worker.pool.time()
    now = int(seconds) * 1_000
    await worker.pool.zremrangebyscore(QUEUE, "-inf", now - LIFE_S * 1_000)
    await worker.pool.zremrangebyscore(QUEUE, now + LIFE_S * 1_000, "+inf")


async def _empty(pool: ConnectionPool, error: Exception) -> None:
    """Empty a queue that the worker stumbled over: something in it is not arq's."""
    away = isinstance(error, RedisError | OSError | TimeoutError)
    if not away or (isinstance(error, ResponseError) and not isinstance(error, OutOfMemoryError)):
        await ArqRedis(pool).delete(QUEUE)


class _Heap:
    """Run ids that wait to be taken, each once, in order; what is too much is dropped."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._bell = asyncio.Event()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, run_ids: Iterable[str]) -> None:
        self._ids.update(dict.fromkeys(islice(run_ids, max(0, KEPT_MOST - len(self._ids)))))
        if self._ids:
            self._bell.set()

    async def take(self, most: int) -> tuple[str, ...]:
        """Wait for ids and return some of them."""
        await self._bell.wait()
        batch = tuple(islice(self._ids, most))
        for run_id in batch:
            del self._ids[run_id]
        if not self._ids:
            self._bell.clear()
        return batch
