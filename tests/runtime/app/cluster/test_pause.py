"""A vendor that asks one process for a pause gets it from all of them."""

from __future__ import annotations

import asyncio

import pytest
from tramo.sdk import Transient
from tramo.store.pause import note_pause, read_pauses


async def test_a_pause_that_one_worker_was_asked_for_holds_the_others_back(town):
    async with town.house() as one, town.house() as other:
        one.outbound.pause.begin("conn_shop", 60.0)
        async with asyncio.timeout(50):
            while not other.outbound.pause._until_s:
                await asyncio.sleep(0.02)
        with pytest.raises(Transient) as caught:
            await other.outbound.pause.wait("conn_shop", "Shop")
        assert caught.value.retry_after_s == pytest.approx(60.0, abs=6.0)
        await other.outbound.pause.wait("conn_mail", "Mail")  # Only that connection.


async def test_the_longest_pause_counts_and_old_ones_are_swept_away(town):
    async with town.house() as house:
        for until, now in ((5_000, 0), (9_000, 0), (7_000, 0)):
            await house.database.write(
                lambda c, until=until, now=now: note_pause(c, "conn_a", until, now)
            )
        assert await house.database.read(lambda c: read_pauses(c, 1_000)) == {"conn_a": 9_000}
        await house.database.write(lambda c: note_pause(c, "conn_b", 20_000, 10_000))
        assert await house.database.read(lambda c: read_pauses(c, 0)) == {"conn_b": 20_000}
