"""Runs over the API: searches, another try, doubts; every answer as its page reads it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import document
from tests.web.kit import Browser

API = "/api/v1"
HOOK = {
    "id": "hook",
    "type": "core.webhook",
    "params": {"keys": {"order": "body.order"}},
}
STOP = {"id": "stop", "type": "core.stop", "params": {"outcome": "failed", "message": "No stock"}}
LOOK = {
    "id": "look",
    "type": "core.branch",
    "params": {"rules": [{"port": "bad", "when": {"$expr": "hook.body.bad"}}]},
}


async def publish(browser: Browser) -> None:
    flow = document([HOOK, LOOK, STOP], [("hook", "look"), ("look", "bad", "stop")])
    assert (await browser.call("POST", f"{API}/flows", {"document": flow})).status == 201
    assert (await browser.call("POST", f"{API}/flows/flow_test/publish")).status == 200


async def start(browser: Browser, order: Any, *, bad: bool = False) -> str:
    event = {"body": {"order": order, "bad": bad}, "headers": {}, "query": {}, "method": "POST"}
    answer = await browser.call("POST", f"{API}/flows/flow_test/runs", {"event": event})
    assert answer.status == 202, answer.body
    return answer.json["run"]


async def ids(browser: Browser, query: str) -> list[str]:
    answer = await browser.call("GET", f"{API}/runs?{query}")
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.json["items"]]


async def test_runs_are_searched_by_the_words_of_the_address(owner):
    await publish(owner)
    good = await start(owner, 820982911946154508)
    bad = await start(owner, "1002", bad=True)
    assert await ids(owner, "state=failed&state=asking") == [bad]
    assert await ids(owner, "key=order:820982911946154508") == [good]
    assert await ids(owner, "text=no%20stock") == [bad]
    assert await ids(owner, "flow=flow_other") == []
    answer = await owner.call("GET", f"{API}/runs?text=nothing+at+all")
    assert answer.json["searched"] == {"runs": 2, "back_to": None}
    counts = await owner.call("GET", f"{API}/runs/counts?flow=flow_test")
    assert counts.json == {"counts": {"failed": 1, "succeeded": 1}, "back_to": None}
    wrong = await owner.call("GET", f"{API}/runs?from=yesterday", accept_language="es")
    assert (wrong.status, wrong.code) == (400, "request.instant")
    assert "zona horaria" in wrong.json["message"]


async def test_another_try_is_asked_for_in_one_call(owner):
    await publish(owner)
    bad = await start(owner, "1002", bad=True)
    answer = await owner.call("POST", f"{API}/runs/{bad}/rerun", {"from": "failed"})
    assert answer.status == 202, answer.body
    made = answer.json
    assert (made["origin"], made["copied_from"], made["rerun"]) == (bad, bad, "failed")
    family = await owner.call("GET", f"{API}/runs/{made['id']}/family")
    assert [run["id"] for run in family.json["items"]] == [bad, made["id"]]
    assert family.json["acts"][0]["actor_name"] == "Olga"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"again": True}, 422, "rerun.confirm"),
        ({"from": "middle"}, 400, "request.invalid"),
        ({"version": "oldest"}, 400, "request.invalid"),
        ({"start": "failed"}, 400, "request.unknown_field"),
        ({"version": "newest"}, 409, "rerun.no_version"),
    ],
)
async def test_a_wish_for_a_rerun_that_does_not_fit_is_refused(owner, body, status, code):
    flow = document([HOOK, STOP], [("hook", "stop")])
    await owner.call("POST", f"{API}/flows", {"document": flow})
    run = await start(owner, "1")
    answer = await owner.call("POST", f"{API}/runs/{run}/rerun", body)
    assert (answer.status, answer.code) == (status, code)


async def test_answers_in_bulk_say_whom_they_mean(owner):
    for body, code in (
        ({"outcome": "abort"}, "answer.whom"),
        ({"outcome": "resend", "flow": "flow_test"}, "answer.resend_named"),
        ({"outcome": "perhaps", "flow": "flow_test"}, "request.invalid"),
    ):
        answer = await owner.call("POST", f"{API}/asking/answer", body)
        assert answer.code == code
    done = await owner.call(
        "POST", f"{API}/asking/answer", {"outcome": "abort", "flow": "flow_test"}
    )
    assert done.json == {"answered": [], "refused": [], "more": False}
    assert (await owner.call("GET", f"{API}/asking")).json == {"items": [], "next": None}
    assert (await owner.call("GET", f"{API}/asking/answers")).json == {"items": [], "next": None}


async def test_a_flow_is_started_from_a_record(owner):
    await publish(owner)
    first = await start(owner, "1001")
    path = f"{API}/flows/flow_test/runs"
    record = {"kind": "order", "value": "1001"}
    answer = await owner.call("POST", path, {"record": record, "version": "published"})
    assert answer.status == 202, answer.body
    run = (await owner.call("GET", f"{API}/runs/{answer.json['run']}")).json
    assert run["id"] != first
    assert run["event"]["payload"]["body"]["order"] == "1001"
    nothing = await owner.call("POST", path, {"record": {"kind": "order", "value": "9"}})
    assert (nothing.status, nothing.code) == (404, "record.no_event")
    for body in ({}, {"record": record, "event": None}):
        answer = await owner.call("POST", path, body)
        assert (answer.status, answer.code) == (422, "run.start_with")


async def test_a_timeline_is_read_stopped_and_hurried(owner):
    await publish(owner)
    run = await start(owner, "1001")
    answer = await owner.call("GET", f"{API}/timeline?kind=order&value=1001")
    assert [item["what"] for item in answer.json["items"]] == ["event", "began", "ended"]
    assert answer.json["items"][1]["run"] == run
    record = {"kind": "order", "value": "1001"}
    stopped = await owner.call("POST", f"{API}/timeline/stop", record)
    assert stopped.json == {"stopped": [], "refused": [], "more": False}
    hurried = await owner.call("POST", f"{API}/timeline/hurry", record)
    assert hurried.json == {"hurried": [], "refused": [], "more": False}
    wrong = await owner.call("GET", f"{API}/timeline?kind=order")
    assert wrong.code == "request.query"


async def test_variables_are_set_and_read_to_the_last_digit(owner):
    path = f"{API}/variables/rate"
    body = b'{"value": {"rate": 0.190, "id": 820982911946154508}}'
    assert (await owner.call("PUT", path, raw=body)).status == 200
    answer = await owner.call("GET", path)
    assert b'"rate":0.190' in answer.body
    assert b'"id":820982911946154508' in answer.body
    assert answer.json["updated_by"] == "Olga"
    assert (await owner.call("DELETE", path)).status == 204
    assert (await owner.call("GET", path)).code == "variable.unknown"


async def test_steps_come_in_pages(owner):
    await publish(owner)
    run = await start(owner, "1")
    shown = (await owner.call("GET", f"{API}/runs/{run}")).json
    assert (shown["steps_total"], shown["next"]) == (3, None)
    first = (await owner.call("GET", f"{API}/runs/{run}/steps?limit=2")).json
    rest = await owner.call("GET", f"{API}/runs/{run}/steps?limit=2&cursor={first['next']}")
    assert [step["node"] for step in first["items"] + rest.json["items"]] == [
        step["node"] for step in shown["steps"]
    ]
    skipped = await owner.call("GET", f"{API}/runs/{run}/steps?state=skipped&node=stop")
    assert skipped.json["total"] == 1
    inside = await owner.call("GET", f"{API}/runs/{run}/steps?iteration_prefix=3,0")
    assert inside.json == {"items": [], "total": 0, "next": None}
    wrong = await owner.call("GET", f"{API}/runs/{run}/steps?iteration_prefix=x")
    assert wrong.code == "run.iteration"
