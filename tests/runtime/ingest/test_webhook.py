"""The core webhook: what is accepted, refused, answered and stored."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from sqlalchemy import func, select
from tramo.store import table

from tests.kit import document, finished, opened, owner, post, publish, steps


def echo(**params):
    return document(
        [
            {"id": "hook", "type": "core.webhook", "params": params},
            {
                "id": "copy",
                "type": "core.set",
                "params": {"fields": {"id": {"$expr": "hook.body.id"}}},
            },
        ],
        [("hook", "copy")],
    )


async def count(house, what) -> int:
    return await house.database.read(
        lambda c: c.execute(select(func.count()).select_from(what)).scalar_one()
    )


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


async def test_a_delivery_starts_a_run_that_sees_its_body_exactly(house):
    address = (await publish(house, echo()))["hook"]
    status, answer = await post(house, address, b'{"id": 820982911946154508, "total": 10.10}')
    assert status == 200
    assert len(answer["runs"]) == 1
    run = (await finished(house))[0]
    assert run["state"] == "succeeded"
    assert (await steps(house, run["id"]))["copy"]["output"] == {"id": 820982911946154508}


async def test_answer_finished_gives_the_last_output_after_the_commit(house):
    address = (await publish(house, echo(answer="finished")))["hook"]
    status, answer = await post(house, address, {"id": 7})
    assert status == 200
    assert (answer["state"], answer["output"]) == ("succeeded", {"id": 7})
    assert await count(house, table.run) == 1


async def test_a_failed_run_is_told_without_a_server_error(house):
    address = (await publish(house, echo(answer="finished")))["hook"]
    status, answer = await post(house, address, {"other": 7})
    assert status == 422
    assert answer["state"] == "failed"


async def test_the_same_delivery_twice_makes_one_run(house):
    address = (await publish(house, echo(dedupe="body.id")))["hook"]
    assert (await post(house, address, {"id": "a"}))[0] == 200
    status, answer = await post(house, address, {"id": "a"})
    assert status == 200
    assert answer["duplicate"] is True
    assert (await post(house, address, {"id": "b"}))[0] == 200
    assert await count(house, table.run) == 2


async def test_a_hundred_copies_at_once_make_one_run(house):
    import asyncio

    address = (await publish(house, echo(dedupe="body.id")))["hook"]
    answers = await asyncio.gather(*(post(house, address, {"id": "same"}) for _ in range(100)))
    assert {status for status, _ in answers} == {200}
    assert await count(house, table.run) == 1
    assert await count(house, table.event) == 1


async def test_an_unknown_address_and_a_wrong_method_are_told_apart(house):
    address = (await publish(house, echo()))["hook"]
    assert (await post(house, "nothing-here", {}))[0] == 404
    answer = await house.door.deliver(address, method="GET", headers={}, query={}, body=b"")
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


async def test_a_body_that_cannot_be_read_is_kept_as_rejected_and_not_sent_again(house):
    address = (await publish(house, echo()))["hook"]
    status, answer = await post(house, address, b"{not json")
    assert status == 202
    assert "rejected" in answer
    assert await count(house, table.rejected) == 1
    assert await count(house, table.run) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"n": NaN}',
        b'{"n": 1e400}',
        b'{"n": ' + b"9" * 5_000 + b"}",
        b"\xff\xfe{}",
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
    ],
)
async def test_hostile_bodies_never_start_a_run_and_never_break_the_door(house, body):
    address = (await publish(house, echo()))["hook"]
    assert (await post(house, address, body))[0] == 202
    assert await count(house, table.run) == 0


async def test_a_secret_is_proved_by_header_or_signature_and_a_wrong_one_leaves_no_trace(house):
    address = (await publish(house, echo(secret="open sesame")))["hook"]
    body = b'{"id":1}'
    right = hmac.new(b"open sesame", body, hashlib.sha256).hexdigest()
    assert (await post(house, address, body))[0] == 401
    assert (await post(house, address, body, x_tramo_secret="wrong"))[0] == 401
    assert await count(house, table.event) == 0
    assert (await post(house, address, body, x_tramo_secret="open sesame"))[0] == 200
    assert (await post(house, address, body, x_tramo_signature=f"sha256={right}"))[0] == 200
    run = (await finished(house, count=2))[0]
    shown = (await steps(house, run["id"]))["hook"]["output"]["headers"]
    assert "x-tramo-secret" not in shown


async def test_an_address_stays_the_same_over_versions_and_a_paused_flow_takes_nothing(house):
    scope = owner(house)
    first = (await publish(house, echo()))["hook"]
    changed = echo()
    changed["nodes"][1]["params"]["fields"]["more"] = 1
    assert (await publish(house, changed))["hook"] == first
    await house.flows.pause(scope, "flow_test")
    assert (await post(house, first, {"id": 1}))[0] == 404
    await house.flows.resume(scope, "flow_test")
    assert (await post(house, first, {"id": 1}))[0] == 200


async def test_the_test_address_runs_the_draft(house):
    scope = owner(house)
    address = (await publish(house, echo()))["hook"]
    draft = echo()
    draft["nodes"][1]["params"]["fields"] = {"draft": True}
    await house.flows.put(scope, draft)
    answer = await house.door.deliver(
        address,
        method="POST",
        headers={"content-type": "application/json"},
        query={},
        body=b"{}",
        test=True,
    )
    assert answer.status == 200
    run = (await finished(house))[0]
    assert run["by_hand"] is True
    assert (await steps(house, run["id"]))["copy"]["output"] == {"draft": True}


async def test_keys_named_by_the_trigger_find_the_run(house):
    address = (await publish(house, echo(keys={"order": "body.id", "sku": "body.lines[].sku"})))[
        "hook"
    ]
    await post(house, address, {"id": 820982911946154508, "lines": [{"sku": "A"}, {"sku": "B"}]})
    scope = owner(house)
    for value in ("820982911946154508", "A", "B"):
        assert len((await house.runs.list(scope, q=value))["items"]) == 1
    assert (await house.runs.list(scope, q="C"))["items"] == []


async def test_a_flows_own_keys_are_paths_or_formulas(house):
    flow = echo() | {
        "keys": {
            "order": "body.id",
            "sku": {"$expr": "hook.body.lines | map('sku')"},
            "email": {"$expr": "hook.body.customer.email | lower"},
        }
    }
    address = (await publish(house, flow))["hook"]
    await post(
        house,
        address,
        {"id": 7, "lines": [{"sku": "A"}], "customer": {"email": "Ana@Example.com"}},
    )
    run = (await finished(house))[0]
    found = {(key["kind"], key["value"]) for key in run["keys"]}
    assert found == {("order", "7"), ("sku", "A"), ("email", "ana@example.com")}
