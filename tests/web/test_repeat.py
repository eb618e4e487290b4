"""Writes with an Idempotency-Key: asked twice, carried out once, answered alike."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from tramo.store import table
from tramo.store.kept_answer import KEPT_MS

from tests.web.conftest import sign_in

FLOWS = "/api/v1/flows"


async def names(browser) -> list[str]:
    answer = await browser.call("GET", FLOWS)
    return [item["name"] for item in answer.json["items"]]


async def test_a_call_that_is_made_twice_is_carried_out_once(owner):
    first = await owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1")
    again = await owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1")
    assert first.status == again.status == 201
    assert first.body == again.body
    assert first.header("etag") == again.header("etag") != ""
    assert again.header("idempotency-replayed") == "true"
    assert first.header("idempotency-replayed") == ""
    assert again.header("content-security-policy") == first.header("content-security-policy") != ""
    assert await names(owner) == ["Once"]


async def test_two_calls_in_flight_are_one(owner):
    answers = await asyncio.gather(
        *(owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1") for _ in range(4))
    )
    assert sorted({answer.status for answer in answers}) in ([201], [201, 409])
    assert {a.code for a in answers if a.status == 409} <= {"repeat.going"}
    assert await names(owner) == ["Once"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", FLOWS, {"name": "Other"}),
        ("POST", f"{FLOWS}/check", {"name": "Once"}),
        ("PUT", "/api/v1/variables/rate", {"name": "Once"}),
        ("POST", f"{FLOWS}?x=1", {"name": "Once"}),
    ],
)
async def test_a_key_belongs_to_one_call(owner, method, path, body):
    await owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1")
    answer = await owner.call(method, path, body, idempotency_key="k-1")
    assert (answer.status, answer.code) == (422, "repeat.other")
    assert await names(owner) == ["Once"]


async def test_a_refusal_is_decided_anew(owner):
    for status, body in ((400, {}), (201, {"name": "Once"})):
        answer = await owner.call("POST", FLOWS, body, idempotency_key="k-1")
        assert answer.status == status


async def test_what_is_shown_once_is_shown_once(owner, house):
    body = {"name": "ci", "role": "viewer"}
    made = await owner.call("POST", "/api/v1/tokens", body, idempotency_key="k-1")
    again = await owner.call("POST", "/api/v1/tokens", body, idempotency_key="k-1")
    assert made.status == 201
    assert (again.status, again.code) == (409, "repeat.done")
    assert len((await owner.call("GET", "/api/v1/tokens")).json["items"]) == 1
    rows = await house.database.read(lambda c: c.execute(select(table.kept_answer)).all())
    assert made.json["token"].encode() not in b"".join(row.body or b"" for row in rows)


async def test_people_do_not_share_their_keys(app, house, owner):
    await owner.call("PUT", "/api/v1/variables/rate", {"value": 1}, idempotency_key="k-1")
    editor = await sign_in(app, house, "editor")
    answer = await editor.call("PUT", "/api/v1/variables/rate", {"value": 2}, idempotency_key="k-1")
    assert answer.json["value"] == 2
    viewer = await sign_in(app, house, "viewer")
    refused = await viewer.call(
        "PUT", "/api/v1/variables/rate", {"value": 1}, idempotency_key="k-1"
    )
    assert refused.code == "session.role"


async def test_a_stranger_gets_nothing_out_of_a_key(stranger, owner):
    await owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1")
    answer = await stranger.call("POST", FLOWS, {"name": "Once"}, idempotency_key="k-1")
    assert answer.code == "session.none"


async def test_a_key_is_forgotten_after_a_day(owner, house):
    await owner.call("PUT", "/api/v1/variables/rate", {"value": 1}, idempotency_key="k-1")
    await house.database.write(
        lambda c: c.execute(
            table.kept_answer.update().values(at=house.clock.now_ms() - KEPT_MS - 1)
        )
    )
    answer = await owner.call("PUT", "/api/v1/variables/rate", {"value": 2}, idempotency_key="k-1")
    assert answer.json["value"] == 2
    rows = await house.database.read(lambda c: c.execute(select(table.kept_answer)).all())
    assert len(rows) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x7fb"])
async def test_a_key_is_short_and_plain(owner, key):
    answer = await owner.call("POST", FLOWS, {"name": "Once"}, idempotency_key=key)
    assert (answer.status, answer.code) == (400, "repeat.key")


async def test_reading_needs_no_key_and_takes_no_notice_of_one(owner):
    for _ in range(2):
        answer = await owner.call("GET", FLOWS, idempotency_key="k-1")
        assert (answer.status, answer.header("idempotency-replayed")) == (200, "")


async def test_the_description_names_the_key_on_every_write(owner):
    document = (await owner.call("GET", "/api/v1/openapi.json")).json
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            names = [item["name"] for item in described.get("parameters", ())]
            writes = method != "get" and described["x-tramo-role"] != "anyone"
            assert ("Idempotency-Key" in names) == writes, (method, path)
