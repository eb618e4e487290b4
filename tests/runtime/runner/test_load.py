"""Runs on their way into a worker's memory."""

from __future__ import annotations

from tramo.app.house import House
from tramo.app.play import JumpingClock
from tramo.runner.load import Loader
from tramo.store import lease
from tramo.store.lease import Claim

from tests.kit import document, publish
from tests.runtime.runner.kit import deliver, items, jump, opened, until

MINUTE_S = 60


async def claimed(house: House, run_id: str, clock: JumpingClock) -> Claim:
    """Claim a run as another worker does."""
    claim = await house.database.write(
        lambda c: lease.claim_run(c, run_id, owner="own_other", now=clock.now_ms(), lease_ms=30_000)
    )
    assert claim is not None
    return claim


async def test_what_was_read_of_a_run_before_others_began_it_is_not_believed(tmp_path):
    clock = JumpingClock()
    rest = {"id": "rest", "type": "core.wait", "params": {"seconds": MINUTE_S}}
    flow = document([{"id": "hook", "type": "core.webhook"}, rest], [("hook", "rest")])
    flow["limits"] = {"concurrency": {"at_once": 1}}
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, flow))["hook"]
        await deliver(house, address, {}, {})
        await until(house, "waiting", "queued")
        run_id = (await items(house))[1]["id"]
        loader = Loader(house.database, house.plans)
        claim = await claimed(house, run_id, clock)
        await loader.read_ahead([claim])
        assert await loader.take_up(claim) is None  # It has no slot yet.
        jump(house, clock, MINUTE_S)
        await until(house, "succeeded", "waiting")
        found = await loader.take_up(await claimed(house, run_id, clock))
        assert found is not None
        assert found.begun
