"""Twins that several processes reach are one vendor: what one does there, the others see."""

from __future__ import annotations

import asyncio

import pytest
from tramo.outbound import shared_twin
from tramo.ports.http import Request
from tramo.store import twin as store

from tests.kit import owner, twin
from tests.runtime.app.cluster.conftest import until


def posted(text: str) -> Request:
    body = b'{"channel": "#general", "text": "%s"}' % text.encode()
    headers = {"authorization": "Bearer xoxb-demo", "content-type": "application/json"}
    return Request(
        method="POST",
        url="https://slack.com/api/chat.postMessage",
        headers=headers,
        body=body,
    )


async def way(house, connection: str):
    """Return a house's own way to a connection's twin."""
    _, found = await house.connections._twin(owner(house), connection)
    return found


async def test_what_each_process_sends_stands_in_one_ledger(town):
    async with town.house() as one, town.house() as other, town.house(worker=True) as worker:
        chat = (await twin(one, "slack"))["id"]
        houses = (one, other, worker)

        async def send(number: int) -> None:
            answer = await (await way(houses[number % 3], chat)).send(posted(f"order {number}"))
            assert answer.status == 200

        await asyncio.gather(*(send(number) for number in range(60)))
        for house in (one, other):
            told = await house.connections.twin(owner(house), chat)
            texts = sorted(entry["body"]["text"] for entry in told["ledger"])
            assert texts == sorted(f"order {number}" for number in range(60))
        await one.connections.delete(owner(one), chat)
        assert await one.database.read(lambda c: store.read(c, chat)) is None


async def test_a_process_that_dies_with_a_twin_keeps_it_for_a_moment_only(town, monkeypatch):
    monkeypatch.setattr(shared_twin, "LEASE_MS", 500)
    async with town.house() as one, town.house() as other:
        chat = (await twin(one, "slack"))["id"]
        held = await way(one, chat)
        await held._take()
        assert (await (await way(other, chat)).send(posted("after"))).status == 200
        with pytest.raises(ConnectionResetError):
            await held._keep(None)
        told = await one.connections.twin(owner(one), chat)
        assert [entry["body"]["text"] for entry in told["ledger"]] == ["after"]


async def test_what_could_not_be_kept_was_not_answered(town, monkeypatch):
    async with town.house() as one:
        chat = (await twin(one, "slack"))["id"]
        held = await way(one, chat)
        monkeypatch.setattr(store, "keep", lambda *_, **__: False)
        with pytest.raises(ConnectionResetError):
            await held.send(posted("lost"))
        monkeypatch.undo()
        await until(lambda: not held._working)
