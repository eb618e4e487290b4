"""Watching a list at a web address: what is new in it, and what cannot be watched."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk
from tramo.model.value import encode
from tramo.nodes.watch_url import PAGE, WatchUrl, find_entries
from tramo.ports.http import Response

from tests.runtime.nodes.kit import Service

URL = "https://api.example.com/orders"


async def look(body: Any, cursor: Any = None, **params: Any) -> sdk.Page:
    """Look once at a list."""
    headers = {"content-type": "application/json"}
    service = Service(Response(status=200, headers=headers, body=encode(body), url=URL))
    return await find_entries(service.context(), WatchUrl(url=URL, **params), cursor)


async def test_the_first_look_finds_nothing_new_and_the_next_only_what_is() -> None:
    first = await look([{"id": 1}, {"id": 820982911946154508}])
    assert first.items == []
    second = await look([{"id": 3, "name": "x"}, {"id": 1}], first.cursor)
    assert [(item.id, item.payload) for item in second.items] == [
        ("3", {"id": "3", "item": {"id": 3, "name": "x"}})
    ]
    assert (await look([{"id": 3}, {"id": 1}], second.cursor)).items == []


async def test_list_and_id_are_found_by_their_paths() -> None:
    body = {"data": {"orders": [{"order": {"number": "A-1"}}]}}
    page = await look(body, {"seen": []}, items="data.orders", id="order.number")
    assert [item.id for item in page.items] == ["A-1"]


async def test_an_id_that_stands_twice_in_the_list_counts_once() -> None:
    page = await look([{"id": 1, "n": 1}, {"id": 1, "n": 2}], {"seen": []})
    assert [item.payload["item"]["n"] for item in page.items] == [1]


async def test_a_long_list_comes_in_pages_that_lose_nothing() -> None:
    body = [{"id": n} for n in range(PAGE + 20)]
    first = await look(body, {"seen": []})
    assert (len(first.items), first.more) == (PAGE, True)
    second = await look(body, first.cursor)
    assert (len(second.items), second.more) == (20, False)
    assert {item.id for item in (*first.items, *second.items)} == {str(n) for n in range(PAGE + 20)}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"orders": []}, "no list as its answer"),
        ([{"name": "x"}], "no id at id"),
        ([1, 2], "no id at id"),
        ([{"id": n} for n in range(10_001)], "10001 entries"),
    ],
)
async def test_what_cannot_be_watched_is_said_plainly(body: Any, words: str) -> None:
    with pytest.raises(sdk.BadParams, match=words):
        await look(body, {"seen": []})
