"""Data folders that a kill left behind under older versions: today's Tramo takes over every run."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tramo.app.house import House, open_house
from tramo.app.play import JumpingClock, Play, read_answers
from tramo.model.value import encode

from tests.kit import REGISTRY, owner, settings
from tests.schemas.record import HISTORY

pytestmark = pytest.mark.sqlite

FOLDERS = sorted(HISTORY.glob("folder_*.sql"))
PAID = {"type": "core.webhook", "keys": {"order": "7"}, "data": {"body": {"id": 7}}}
SETTLED = {"on": "call", "outcome": "happened", "output": {"ref": "A-1"}}
ANSWERS: dict[str, list[Any]] = {
    "flow_asks": [SETTLED],
    "flow_in_doubt": [SETTLED],
    "flow_wonders": [{"on": "may", "answer": {"port": "yes"}}],
    "flow_listens": [{"on": "paid", "event": PAID}],
}
"""What people and the world say to runs that wait for them; all others go on by themselves."""


class ThenClock(JumpingClock):
    """Begins at an instant of the past."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._ahead_ms = at - self.now_ms()


def write(script: Path, folder: Path) -> Path:
    path = folder / "data" / "tramo.sqlite3"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.executescript(script.read_text("utf-8"))
    connection.close()
    return path


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


@asynccontextmanager
async def opened(folder: Path, at: int) -> AsyncIterator[House]:
    given = settings(folder, synchronous="OFF", private_hosts=("127.0.0.1",))
    async with open_house(given, registry=REGISTRY, clock=ThenClock(at)) as house:
        yield house


@pytest.mark.parametrize("script", FOLDERS, ids=lambda path: path.stem)
async def test_no_run_of_an_older_version_is_lost_and_all_come_to_their_end(
    tmp_path: Path, script: Path
):
    path = write(script, tmp_path)
    before = dict(rows(path, "SELECT id, state FROM run"))
    assert {"running", "waiting", "asking", "succeeded", "failed"} <= set(before.values())
    killed_at = rows(path, "SELECT max(received_at) FROM event")[0][0]
    journal = rows(path, "SELECT run_id, seq, fmt, body FROM segment ORDER BY run_id, seq")
    async with opened(tmp_path, killed_at + 60_000) as house:
        scope = owner(house)
        for run_id in before:
            run = await house.runs.get(scope, run_id)
            answers = read_answers(encode(ANSWERS.get(run["flow"], [])))
            await Play(house, scope, run_id, answers=answers, fast=True).to_end(20)
        runs = {run_id: await house.runs.get(scope, run_id) for run_id in before}
        total = len((await house.runs.list(scope, limit=200))["items"])
    states = {run["flow"]: run["state"] for run in runs.values()}
    assert states.pop("flow_failed") == "failed"
    assert set(states.values()) == {"succeeded"}, states
    assert total == len(before)
    for run_id, state in before.items():
        if state in ("succeeded", "failed"):
            assert runs[run_id]["state"] == state
    assert_nothing_is_sent_twice(runs)
    # Monotone history: what was journalled is still there, as it was.
    kept = rows(path, "SELECT run_id, seq, fmt, body FROM segment ORDER BY run_id, seq")
    assert set(journal) <= set(kept)
    assert len(kept) > len(journal)


def assert_nothing_is_sent_twice(runs: dict[str, Any]) -> None:
    """What may not be repeated was in doubt, and is settled by a person's word alone."""
    for run in runs.values():
        for step in run["steps"]:
            if step["effect"] == "never_repeat":
                assert step["attempts"] == 1
                assert step["output"] == {"ref": "A-1"}


@pytest.mark.parametrize("script", FOLDERS, ids=lambda path: path.stem)
async def test_a_version_from_before_there_were_revisions_refuses_what_today_s_has_opened(
    tmp_path: Path, script: Path
):
    path = write(script, tmp_path)
    known = rows(path, "PRAGMA user_version")[0][0]
    async with opened(tmp_path, 1_795_000_000_000):
        pass
    # It compares this number with the newest format that it knows, and says what to do.
    assert rows(path, "PRAGMA user_version")[0][0] > 3 >= known
