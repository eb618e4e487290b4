"""kill -9 after the 2xx: what was acknowledged is finished or asked about after the restart, and
sent at most once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kit import finished, opened, publish, steps
from tests.runtime.ingest.test_order import messages, shop_and_chat, tell_team

CHILD = """
import asyncio, sys
from pathlib import Path
from tests.bench.order import ORDER
from tests.kit import opened, post, shopify_headers

async def main(folder, address, first):
    async with opened(folder) as house:
        for number in range(first, first + 6):
            name = f"event-{number}"
            status, _ = await post(house, address, ORDER, **shopify_headers(ORDER, "hush", name))
            assert status == 200, status
            print(name, flush=True)
        await asyncio.sleep(60)  # noqa: TID251 - it is killed here at the latest

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""


def _deliver_until_killed(folder: Path, address: str, first: int, after_s: float) -> list[str]:
    """Deliver orders in a process of its own, kill it, and return the ids it saw acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), address, str(first)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    acked = [process.stdout.readline().decode().strip()]
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    acked += process.stdout.read().decode().split()
    process.wait()
    return [name for name in acked if name]


@pytest.mark.sqlite
@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_and_no_message_is_sent_twice(tmp_path):
    async with opened(tmp_path) as house:
        shop, chat = await shop_and_chat(house)
        await publish(house, tell_team(shop, chat))
    address = shop["address"].rpartition("/")[2]
    draw = random.Random(20261121)
    acked: list[str] = []
    for kill in range(2):
        acked += _deliver_until_killed(tmp_path, address, kill * 1_000, draw.uniform(0.0, 0.08))
    assert len(acked) >= 2
    async with opened(tmp_path) as house:
        runs = await finished(house, count=len(acked), within_s=60)
        found = {
            (await house.runs.get(_scope(house), run["id"]))["event"]["id"]: run for run in runs
        }
        assert len(found) == len(runs), "one run an event"
        assert {run["state"] for run in runs} <= {"succeeded", "asking"}
        sent = len(await messages(house, chat))
        told = [run for run in runs if run["state"] == "succeeded"]
        doubted = [run for run in runs if run["state"] == "asking"]
        for run in doubted:
            step = (await steps(house, run["id"]))["tell"]
            assert step["error"].code == "step.unknown_outcome"
        assert len(told) <= sent <= len(told) + len(doubted)


def _scope(house):
    from tests.kit import owner

    return owner(house)
