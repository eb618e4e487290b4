"""A flow that comes without an id, as copies do."""

from __future__ import annotations

FLOW = {"format": 1, "name": "Hours", "nodes": [{"id": "go", "type": "core.manual"}], "edges": []}


async def test_a_document_without_an_id_is_given_one_each_time(owner):
    first = await owner.call("POST", "/api/v1/flows", {"document": FLOW})
    second = await owner.call("POST", "/api/v1/flows", {"document": FLOW})
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] != second.json["id"]
    for made in (first.json, second.json):
        assert made["document"] == {**FLOW, "id": made["id"]}


async def test_an_id_that_is_there_already_or_is_none_is_refused(owner):
    taken = {**FLOW, "id": "flow_hours"}
    assert (await owner.call("POST", "/api/v1/flows", {"document": taken})).status == 201
    again = await owner.call("POST", "/api/v1/flows", {"document": taken})
    assert (again.status, again.code) == (409, "flow.exists")
    for wrong in (None, "", "hours"):
        refused = await owner.call("POST", "/api/v1/flows", {"document": {**FLOW, "id": wrong}})
        assert (refused.status, refused.code) == (422, "flow.id")
