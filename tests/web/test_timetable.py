"""When schedules fire next, asked over the API."""

from __future__ import annotations

from datetime import datetime

FLOW = {
    "format": 1,
    "id": "flow_hours",
    "name": "Hours",
    "timezone": "Europe/Madrid",
    "nodes": [
        {"id": "morning", "type": "core.schedule", "params": {"cron": "0 9 * * *"}},
        {
            "id": "night",
            "type": "core.schedule",
            "params": {"cron": "0 22 * * 1-5", "timezone": "America/Sao_Paulo"},
        },
    ],
    "edges": [],
}


async def test_a_flows_next_five_firings_are_told_with_their_zone(owner):
    await owner.call("POST", "/api/v1/flows", {"document": FLOW})
    answer = (await owner.call("GET", "/api/v1/flows/flow_hours/timetable")).json
    assert answer["active"] is False
    morning, night = answer["items"]
    assert (morning["node"], morning["timezone"]) == ("morning", "Europe/Madrid")
    assert (night["node"], night["timezone"]) == ("night", "America/Sao_Paulo")
    for item in answer["items"]:
        assert len(item["next"]) == 5
        assert item["next"] == sorted(item["next"])
        assert all(datetime.fromisoformat(text).tzinfo is not None for text in item["next"])


async def test_an_active_flow_tells_the_hours_of_the_version_that_takes_events(owner):
    await owner.call("POST", "/api/v1/flows", {"document": FLOW})
    assert (await owner.call("POST", "/api/v1/flows/flow_hours/publish")).status == 200
    draft = {**FLOW, "nodes": FLOW["nodes"][:1]}
    await owner.call("PUT", "/api/v1/flows/flow_hours/draft", draft)
    answer = (await owner.call("GET", "/api/v1/flows/flow_hours/timetable")).json
    assert answer["active"] is True
    assert len(answer["items"]) == 2


async def test_a_draft_that_cannot_be_followed_yet_has_no_hours(owner):
    broken = {**FLOW, "nodes": [{"id": "tick", "type": "core.schedule", "params": {"cron": "9"}}]}
    await owner.call("POST", "/api/v1/flows", {"document": broken})
    answer = (await owner.call("GET", "/api/v1/flows/flow_hours/timetable")).json
    assert answer["items"] == [{"node": "tick", "timezone": "Europe/Madrid", "next": []}]


async def test_a_schedule_that_is_being_written_is_previewed(owner):
    asked = {"params": {"every_s": 3600}, "timezone": "Europe/Madrid"}
    answer = await owner.call("POST", "/api/v1/timetable", asked)
    assert answer.status == 200
    assert len(answer.json["next"]) == 5
    for params in ({"cron": "61 * * * *"}, {"timezone": "Moon/Base"}, {}, {"every_s": 0}):
        answer = await owner.call("POST", "/api/v1/timetable", {"params": params})
        assert (answer.status, answer.code) == (422, "schedule.wrong")
