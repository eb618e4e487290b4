"""The scribe: a second process writes what can be dictated, and nobody can tell who wrote what."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tramo.model.event import Event, Key
from tramo.model.problem import TramoError
from tramo.store import committer as committing
from tramo.store import table
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database, open_database
from tramo.store.dictation import Doubtful
from tramo.store.run import Accept, Advance, NewRun
from tramo.store.scribe import LOST
from tramo.store.scribe_process import WRITTEN

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parents[3]
TABLES = ("event", "run", "segment", "run_key")


def accept(number: int, delivery: str | None = None) -> Accept:
    event = Event(
        id=f"evt_{number}",
        type="core.webhook",
        source="flow_a/hook",
        delivery_id=delivery or f"evt_{number}",
        received_at=number,
        payload=b'{"total":"189.85","note":"%b"}' % (b"Llamar al timbre " * (number % 9)),
        keys=(Key("order", str(number)),),
    )
    run = NewRun(
        id=f"run_{number}",
        workspace_id="ws_1",
        flow_id="flow_a",
        version="v",
        trigger="hook",
        state="running",
        origin=f"run_{number}",
        owner="own_1",
        lease_until=1,
        due_at=1,
        started_at=number,
        segment=b'[[1790000000000,[["t","hook"]]]]' * (1 + number % 3),
        keys=(Key("order", str(number)), Key("customer", "carmen")),
    )
    return Accept("ws_1", event, [run])


def advance(number: int, seq: int, *, token: int = 1) -> Advance:
    row = dict.fromkeys(("reason", "error", "owner", "lease_until", "result", "due_at", "now"))
    return Advance(
        workspace_id="ws_1",
        flow_id="flow_a",
        run_id=f"run_{number}",
        token=token,
        seq=seq,
        segment=b'[[1790000000001,[["e","succeeded",null,null]]]]',
        row={**row, "state": "succeeded", "ended_at": 9, "crashes": 0, "rung": 0},
    )


async def calling(database: Database) -> Database:
    """Let units pile up until a scribe is called, and wait for it."""
    await asyncio.gather(*(database.submit(accept(100_000 + n)) for n in range(200)))
    async with asyncio.timeout(30):
        while database.committer.scribe is None:
            await asyncio.sleep(0.01)
    return database


@pytest.fixture
async def database(tmp_path):
    database = await open_database(tmp_path)
    yield await calling(database)
    await database.close()


async def count(database: Database, what=table.event) -> int:
    """Return how many there are beside those that called the scribe."""
    found = select(func.count()).select_from(what)
    return await database.read(lambda c: c.execute(found).scalar_one()) - 200


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / "tramo.sqlite3") as driver:
        return {name: sorted(driver.execute(f"SELECT * FROM {name}")) for name in TABLES}


async def test_it_writes_what_the_thread_would(tmp_path, monkeypatch):
    async def write(folder: Path) -> None:
        database = await calling(await open_database(folder)) if folder.name == "scribe" else None
        if database is None:
            monkeypatch.setattr(committing, "CALLED_AT", 10**9)
            database = await open_database(folder)
            await asyncio.gather(*(database.submit(accept(100_000 + n)) for n in range(200)))
        given = await asyncio.gather(*(database.submit(accept(n)) for n in range(40)))
        assert not any(each.duplicate or each.held_back or each.woken for each in given)
        done = await asyncio.gather(*(database.submit(advance(n, 1)) for n in range(40)))
        assert not any(each.fenced for each in done)
        assert (database.committer.scribe is not None) == (folder.name == "scribe")
        await database.close()

    for name in ("scribe", "thread"):
        await write(tmp_path / name)
    assert rows(tmp_path / "scribe") == rows(tmp_path / "thread")


async def test_a_delivery_that_is_known_is_a_duplicate_and_its_neighbours_are_written(database):
    await database.submit(accept(1, "same"))
    units = [accept(2), accept(3, "same"), accept(4)]
    answers = await asyncio.gather(*(database.submit(unit) for unit in units))
    assert [answer.duplicate for answer in answers] == [False, True, False]
    assert await count(database) == 3
    assert database.committer.scribe is not None


async def test_an_advance_of_somebody_elses_run_is_fenced_and_its_neighbours_are_written(database):
    await asyncio.gather(*(database.submit(accept(n)) for n in range(3)))
    units = [advance(0, 1), advance(1, 1, token=7), advance(2, 1)]
    answers = await asyncio.gather(*(database.submit(unit) for unit in units))
    assert [answer.fenced for answer in answers] == [False, True, False]
    ids = ["run_0", "run_1", "run_2"]
    states = select(table.run.c.state).where(table.run.c.id.in_(ids)).order_by(table.run.c.id)
    found = await database.read(lambda c: list(c.execute(states).scalars()))
    assert found == ["succeeded", "running", "succeeded"]


async def test_what_only_the_thread_can_write_keeps_its_place_among_what_is_dictated(database):
    seen: list[asyncio.Future[int]] = []
    counted = select(func.count()).select_from(table.event)
    for number in range(60):
        given = database.submit(accept(number))
        if number % 7 == 0:
            await given  # What was answered is there for whoever comes next.
            seen.append(
                asyncio.ensure_future(database.write(lambda c: c.execute(counted).scalar_one()))
            )
    found = await asyncio.gather(*seen)
    assert found == sorted(found)
    assert all(there >= 200 + 7 * index + 1 for index, there in enumerate(found))
    assert await count(database) == 60


@pytest.mark.parametrize("committed", [True, False], ids=["it was committed", "it was not"])
async def test_what_it_had_in_hand_when_it_died_is_looked_up(database, monkeypatch, committed):
    scribe = database.committer.scribe
    hear = database.committer._hear
    if committed:  # It dies between the commit and the answer.
        monkeypatch.setattr(scribe, "_hear", lambda said: hear(LOST if said == WRITTEN else said))
    else:
        os.kill(scribe.pid, signal.SIGSTOP)
    futures = [database.submit(accept(n)) for n in range(5)]
    await asyncio.sleep(0)
    if not committed:
        await asyncio.sleep(0.05)
        os.kill(scribe.pid, signal.SIGKILL)
    answers = await asyncio.gather(*futures)
    assert not any(answer.duplicate for answer in answers)
    assert await count(database) == await count(database, table.run) == 5
    assert database.committer.scribe is None
    assert not (await database.submit(advance(3, 1))).fenced


async def test_what_cannot_be_looked_up_yet_is_looked_up_again(database, monkeypatch):
    scribe, hear = database.committer.scribe, database.committer._hear
    monkeypatch.setattr(scribe, "_hear", lambda said: hear(LOST if said == WRITTEN else said))
    look, tries = Doubtful.apply, []

    def fail(unit, connection):
        tries.append(unit)
        if len(tries) < 3:
            raise StoreUnavailable("the disk is full")
        return look(unit, connection)

    monkeypatch.setattr(Doubtful, "apply", fail)
    assert not (await database.submit(accept(1))).duplicate
    assert len(tries) == 3
    assert await count(database) == 1


async def test_killed_again_and_again_it_loses_nothing_and_writes_nothing_twice(
    database, monkeypatch
):
    monkeypatch.setattr(committing, "CALLED_AGAIN_S", 0.0)
    database.committer._call_after_s = 0.0
    killed: set[int] = set()

    async def deliver(first: int) -> None:
        for number in range(first, first + 40):
            assert not (await database.submit(accept(number))).duplicate
            assert not (await database.submit(advance(number, 1))).fenced
            if number % 10 == 5 and (scribe := database.committer.scribe) is not None:
                killed.add(scribe.pid)
                with suppress(ProcessLookupError):
                    os.kill(scribe.pid, signal.SIGKILL)

    await asyncio.gather(*(deliver(first * 1_000) for first in range(16)))
    assert await count(database) == await count(database, table.run) == 640
    assert killed
    ended = select(func.count()).select_from(table.run).where(table.run.c.state == "succeeded")
    assert await database.read(lambda c: c.execute(ended).scalar_one()) == 640


async def test_what_cannot_be_sent_is_refused_alone(database):
    strange = accept(1)
    strange.runs[0].slot = "\ud800"
    answers = await asyncio.gather(
        *(database.submit(unit) for unit in (accept(0), strange, accept(2))), return_exceptions=True
    )
    assert isinstance(answers[1], UnicodeEncodeError)
    assert await count(database) == 2


async def test_a_signal_to_all_of_a_group_leaves_it_at_work(database):
    scribe = database.committer.scribe
    pid = scribe.pid
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    await database.submit(accept(1))
    assert database.committer.scribe is scribe
    assert is_alive(pid)


async def test_closing_writes_what_is_dictated_and_ends_it(tmp_path):
    database = await calling(await open_database(tmp_path))
    scribe = database.committer.scribe
    assert scribe is not None
    pid = scribe.pid
    futures = [database.submit(accept(n)) for n in range(300)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*futures)
    assert not is_alive(pid)
    assert not (tmp_path / "tramo.sqlite3-wal").exists()
    assert len(rows(tmp_path)["event"]) == 500


async def test_without_room_for_a_process_the_thread_writes_alone(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    database = await open_database(tmp_path)
    await asyncio.gather(*(database.submit(accept(100_000 + n)) for n in range(200)))
    assert database.committer.scribe is None
    assert await count(database) == 0
    await database.close()


async def test_what_it_may_not_write_the_thread_writes(database):
    scribe = database.committer.scribe
    log = database.folder / "tramo.sqlite3-wal"
    limit = log.stat().st_size + 20_000
    resource.prlimit(scribe.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    given = await asyncio.gather(*(database.submit(accept(number)) for number in range(400)))
    assert not any(each.duplicate for each in given)
    assert await count(database) == 400
    assert database.committer.scribe is scribe


SERVER = """
import asyncio, sys
from pathlib import Path
from tramo.store.commit import StoreUnavailable
from tramo.store.database import open_database
from tests.runtime.store.test_scribe import accept, calling

async def main(folder):
    database = await calling(await open_database(folder))
    print(database.committer.scribe.pid, flush=True)

    async def deliver(first):
        for number in range(first, first + 100_000):
            assert not (await database.submit(accept(number))).duplicate
            print(number, flush=True)

    await asyncio.gather(*(deliver(first * 1_000_000) for first in range(8)))

asyncio.run(main(Path(sys.argv[1])))
"""


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a process that stores deliveries by its scribe; return it, and the scribe's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_what_a_killed_server_had_acknowledged_is_there(tmp_path):
    process, pid = serve(tmp_path)
    assert process.stdout is not None
    acked = [process.stdout.readline() for _ in range(40)]
    process.kill()
    acked += process.stdout.readlines()
    process.wait()
    database = await open_database(tmp_path)
    stored = await database.read(lambda c: set(c.execute(select(table.event.c.id)).scalars()))
    await database.close()
    assert {f"evt_{int(number)}" for number in acked if number.endswith(b"\n")} <= stored
    assert not is_alive(pid)


async def test_nobody_opens_the_folder_of_a_killed_server_before_its_scribe_is_gone(tmp_path):
    process, pid = serve(tmp_path)
    os.kill(pid, signal.SIGSTOP)  # As a disk that hangs would.
    process.kill()
    process.wait()
    try:
        with pytest.raises(TramoError) as caught:
            await open_database(tmp_path)
        assert caught.value.code == "store.in_use"
    finally:
        os.kill(pid, signal.SIGCONT)
    async with asyncio.timeout(30):
        while is_alive(pid):
            await asyncio.sleep(0.01)
    database = await open_database(tmp_path)
    await database.close()
