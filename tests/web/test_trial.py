"""Pinned data and trials over the API: exact numbers, and nothing outside unasked."""

from __future__ import annotations

from tests.kit import document

API = "/api/v1"
NODES = [
    {"id": "go", "type": "core.manual"},
    {"id": "look", "type": "core.set", "params": {"fields": {"id": {"$expr": "go.id"}}}},
    {
        "id": "tell",
        "type": "core.http_request",
        "params": {"method": "POST", "url": "https://example.com/orders", "json": {}},
    },
]


async def draft(browser) -> str:
    flow = document(NODES, [("go", "look"), ("look", "tell")])
    assert (await browser.call("POST", f"{API}/flows", {"document": flow})).status == 201
    return f"{API}/flows/flow_test"


async def test_pinned_data_is_kept_beside_the_draft_and_in_no_export(owner):
    flow = await draft(owner)
    output = {"id": 820982911946154508}
    made = await owner.call("PUT", f"{flow}/pins/look", {"output": output})
    assert (made.status, made.json["output"], made.json["run"]) == (200, output, None)
    assert b"820982911946154508" in made.body
    assert b"820982911946154508" not in (await owner.call("GET", f"{flow}/export")).body
    started = await owner.call("POST", f"{flow}/runs", {"event": {}, "pins": True, "confirm": ""})
    assert started.json["run"] is None
    assert (await owner.call("DELETE", f"{flow}/pins/look")).status == 204
    assert (await owner.call("GET", f"{flow}/pins")).json["items"] == []
    both = await owner.call("PUT", f"{flow}/pins/look", {"output": 1, "run": "run_x"})
    assert (both.status, both.code) == (422, "pin.data")


async def test_whoever_asks_is_told_what_would_happen_outside(owner):
    flow = await draft(owner)
    body = {"event": {"id": 1}, "part": {"only": "tell"}, "confirm": ""}
    asked = (await owner.call("POST", f"{flow}/runs", body)).json
    assert asked["run"] is None
    assert [(it["node"], it["host"]) for it in asked["effects"]] == [("tell", "example.com")]
    refused = await owner.call("POST", f"{flow}/runs", {**body, "confirm": "guessed"})
    assert (refused.status, refused.code) == (409, "trial.confirm")
    inner = {**body, "part": {"until": "look"}}
    assert (await owner.call("POST", f"{flow}/runs", inner)).json["run"].startswith("run_")
    two = {**body, "part": {"until": "look", "only": "tell"}}
    assert (await owner.call("POST", f"{flow}/runs", two)).code == "trial.way"


async def test_runs_are_listed_by_how_they_began(owner):
    flow = await draft(owner)
    body = {"event": {"id": 1}, "part": {"until": "look"}, "confirm": ""}
    run = (await owner.call("POST", f"{flow}/runs", body)).json["run"]
    for query, found in (("by_hand=true", [run]), ("by_hand=false", []), ("trigger=go", [run])):
        answer = await owner.call("GET", f"{API}/runs?{query}")
        assert [it["id"] for it in answer.json["items"]] == found
