"""F10, G18: a disk that is full. Whoever asks is told to come back, nothing is corrupt, and all of
it goes on by itself when there is room."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from tramo.model.problem import TramoError

from tests.kit import document, finished, opened, owner, post, publish

pytestmark = pytest.mark.sqlite

FLOW = document(
    [
        {"id": "hook", "type": "core.webhook"},
        {"id": "rest", "type": "core.wait", "params": {"seconds": 1}},
        {"id": "shown", "type": "core.set", "params": {"fields": {"n": {"$expr": "hook.body.n"}}}},
    ],
    [("hook", "rest"), ("rest", "shown")],
)


@contextmanager
def small_disk(folder: Path, size: str):
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tramo", str(folder)], check=False
    )
    if done.returncode:
        pytest.skip("a small disk needs the right to mount one (root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path, leave: int) -> None:
    """Take all the room but a little."""
    left = shutil.disk_usage(folder).free - leave
    with (folder / "filler").open("wb", buffering=0) as file:
        file.write(bytes(max(left - left % 4096, 0)))


async def deliver(house, address: str, count: int, size: int) -> tuple[list[int], list[dict]]:
    """Deliver so many; return which were acknowledged, and how the others were refused."""
    acked: list[int] = []
    refused: list[dict] = []
    for n in range(count):
        status, answer = await post(house, address, {"n": n, "text": os.urandom(size).hex()})
        assert status in (200, 503), answer
        if status == 200:
            acked.append(n)
        else:
            refused.append(answer)
    return acked, refused


@pytest.mark.parametrize(
    ("what", "size", "leave"), [("commit", 2_000, 30_000), ("blob", 100_000, 300_000)]
)
async def test_what_meets_a_full_disk_comes_back_and_all_goes_on(
    tmp_path, caplog, what, size, leave
):
    with small_disk(tmp_path / "disk", "24m"):
        async with opened(tmp_path / "disk") as house:
            address = (await publish(house, FLOW))["hook"]
            before, _ = await deliver(house, address, 5, size)
            fill(tmp_path / "disk", leave)
            during, refused = await deliver(house, address, 40, size)
            assert len(refused) > 10
            assert {answer["code"] for answer in refused} == {"store.unavailable"}
            runs = await house.runs.list(owner(house), limit=200)
            assert len(runs["items"]) == len(before) + len(during), "reading goes on"
            if what == "commit":
                with pytest.raises(TramoError) as caught:
                    await house.variables.put(owner(house), "rate", "x" * 9_000)
                assert caught.value.status == 503
                assert "its disk is full" in caught.value.message
            await asyncio.sleep(1.2)  # Waits come to their end, and nothing can be written.
            (tmp_path / "disk" / "filler").unlink()
            after, refused = await deliver(house, address, 3, size)
            assert refused == []
            runs = await finished(house, count=len(before + during + after))
            assert {run["state"] for run in runs} == {"succeeded"}
        told = [line.message for line in caplog.records if "cannot be written" in line.message]
        assert len(told) == 1, "once, not a storm"
        async with opened(tmp_path / "disk") as house:
            check = await house.database.read(
                lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar()
            )
            assert check == "ok"
            found = (await house.runs.list(owner(house), limit=200))["items"]
            assert len(found) == len(before + during + after)


async def test_a_log_that_cannot_be_folded_into_the_file_stays_and_nothing_is_lost(tmp_path):
    with small_disk(tmp_path / "disk", "24m"):
        async with opened(tmp_path / "disk") as house:
            address = (await publish(house, FLOW))["hook"]
            acked, _ = await deliver(house, address, 60, 20_000)
            fill(tmp_path / "disk", 8_192)
            with pytest.raises(TramoError) as caught:
                await house.database.tidy()
            assert caught.value.status == 503
        # It was stopped in order, on a full disk; the log is still there.
        assert (tmp_path / "disk" / "data" / "tramo.sqlite3-wal").stat().st_size > 0
        (tmp_path / "disk" / "filler").unlink()
        async with opened(tmp_path / "disk") as house:
            runs = await finished(house, count=len(acked))
            assert {run["state"] for run in runs} == {"succeeded"}
