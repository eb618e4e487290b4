"""Every route × every role: generated from the API's own description, so none is forgotten."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import sign_in
from tests.web.kit import Browser

ROLES = ("viewer", "editor", "owner")
ANYONE, VIEWER, EDITOR, OWNER = "anyone", "viewer", "editor", "owner"

TABLE = {
    ("GET", "/health"): ANYONE,
    ("GET", "/openapi.json"): VIEWER,
    ("GET", "/session"): VIEWER,
    ("POST", "/session"): ANYONE,
    ("PATCH", "/session"): VIEWER,
    ("DELETE", "/session"): VIEWER,
    ("POST", "/links/redeem"): ANYONE,
    ("POST", "/accounts"): ANYONE,
    ("GET", "/members"): VIEWER,
    ("DELETE", "/members/{user_id}"): OWNER,
    ("POST", "/invitations"): OWNER,
    ("GET", "/tokens"): EDITOR,
    ("POST", "/tokens"): EDITOR,
    ("DELETE", "/tokens/{token_id}"): EDITOR,
    ("GET", "/flows"): VIEWER,
    ("POST", "/flows"): EDITOR,
    ("POST", "/flows/check"): VIEWER,
    ("GET", "/flows/{flow_id}"): VIEWER,
    ("DELETE", "/flows/{flow_id}"): EDITOR,
    ("PUT", "/flows/{flow_id}/draft"): EDITOR,
    ("POST", "/flows/{flow_id}/publish"): EDITOR,
    ("POST", "/flows/{flow_id}/pause"): EDITOR,
    ("POST", "/flows/{flow_id}/resume"): EDITOR,
    ("GET", "/flows/{flow_id}/export"): VIEWER,
    ("GET", "/flows/{flow_id}/versions"): VIEWER,
    ("GET", "/flows/{flow_id}/versions/{version}"): VIEWER,
    ("PATCH", "/flows/{flow_id}/versions/{number}"): EDITOR,
    ("GET", "/flows/{flow_id}/waiting"): VIEWER,
    ("POST", "/flows/{flow_id}/waiting"): EDITOR,
    ("POST", "/flows/{flow_id}/presence"): VIEWER,
    ("DELETE", "/flows/{flow_id}/presence/{tab}"): VIEWER,
    ("POST", "/flows/{flow_id}/runs"): EDITOR,
    ("GET", "/flows/{flow_id}/pins"): VIEWER,
    ("PUT", "/flows/{flow_id}/pins/{node}"): EDITOR,
    ("DELETE", "/flows/{flow_id}/pins/{node}"): EDITOR,
    ("GET", "/runs"): VIEWER,
    ("GET", "/runs/{run_id}"): VIEWER,
    ("GET", "/runs/counts"): VIEWER,
    ("GET", "/runs/{run_id}/steps"): VIEWER,
    ("GET", "/runs/{run_id}/steps/{node}/output"): VIEWER,
    ("GET", "/runs/{run_id}/family"): VIEWER,
    ("POST", "/runs/{run_id}/cancel"): EDITOR,
    ("POST", "/runs/{run_id}/rerun"): EDITOR,
    ("POST", "/runs/{run_id}/release"): EDITOR,
    ("POST", "/runs/{run_id}/steps/{node}/answer"): EDITOR,
    ("GET", "/flows/{flow_id}/timetable"): VIEWER,
    ("POST", "/timetable"): VIEWER,
    ("GET", "/asking"): VIEWER,
    ("GET", "/asking/answers"): VIEWER,
    ("POST", "/asking/answer"): EDITOR,
    ("POST", "/runs/{run_id}/steps/{node}/hurry"): EDITOR,
    ("GET", "/timeline"): VIEWER,
    ("POST", "/timeline/stop"): EDITOR,
    ("POST", "/timeline/hurry"): EDITOR,
    ("GET", "/variables"): VIEWER,
    ("GET", "/variables/{name}"): VIEWER,
    ("PUT", "/variables/{name}"): EDITOR,
    ("DELETE", "/variables/{name}"): EDITOR,
    ("GET", "/approvals"): VIEWER,
    ("POST", "/runs/{run_id}/steps/{node}/reply"): VIEWER,
    ("GET", "/alerts"): VIEWER,
    ("POST", "/alerts/{alert_id}/seen"): EDITOR,
    ("GET", "/notices"): VIEWER,
    ("POST", "/notices/{notice_id}/send"): EDITOR,
    ("GET", "/notices/way"): VIEWER,
    ("PUT", "/notices/way"): EDITOR,
    ("GET", "/retention"): VIEWER,
    ("PUT", "/retention"): OWNER,
    ("PUT", "/flows/{flow_id}/retention"): OWNER,
    ("POST", "/retention/sweep"): OWNER,
    ("GET", "/tables"): VIEWER,
    ("GET", "/tables/{table}/rows"): VIEWER,
    ("PUT", "/tables/{table}/rows"): EDITOR,
    ("DELETE", "/tables/{table}/rows"): EDITOR,
    ("DELETE", "/tables/{table}"): EDITOR,
    ("POST", "/tables/{table}/import"): EDITOR,
    ("GET", "/tables/{table}/export"): VIEWER,
    ("GET", "/live"): VIEWER,
    ("GET", "/catalog"): VIEWER,
    ("POST", "/expressions/evaluate"): VIEWER,
    ("GET", "/connections"): VIEWER,
    ("POST", "/connections"): EDITOR,
    ("PATCH", "/connections/{connection_id}"): EDITOR,
    ("DELETE", "/connections/{connection_id}"): EDITOR,
    ("POST", "/connections/{connection_id}/test"): EDITOR,
    ("GET", "/connections/{connection_id}/choices/{name}"): VIEWER,
    ("GET", "/connections/{connection_id}/twin"): VIEWER,
    ("POST", "/connections/{connection_id}/twin/deliver"): EDITOR,
}


async def described(owner: Browser) -> dict[str, Any]:
    answer = await owner.call("GET", "/api/v1/openapi.json")
    assert answer.status == 200
    return answer.json


async def test_every_route_has_its_row_and_every_row_its_route(owner):
    document = await described(owner)
    found = {
        (method.upper(), path.removeprefix("/api/v1")): operation["x-tramo-role"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == TABLE


async def test_every_body_is_described_with_the_fields_that_are_taken(owner):
    document = await described(owner)
    schemas = document["components"]["schemas"]
    assert schemas["SignIn"]["additionalProperties"] is False
    assert set(schemas["NewAccount"]["required"]) == {"token", "name", "email", "password"}
    body = document["paths"]["/api/v1/session"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/SignIn"}


async def test_each_role_reaches_what_it_may_and_nothing_else(app, house):
    browsers = {role: await sign_in(app, house, role) for role in ROLES}
    scope_of = {role: (await browsers[role].call("GET", "/api/v1/session")).json for role in ROLES}
    assert {role: scope_of[role]["role"] for role in ROLES} == {role: role for role in ROLES}
    rank = {role: place for place, role in enumerate((ANYONE, *ROLES))}
    for (method, path), needed in TABLE.items():
        if (method, path) in {("DELETE", "/session"), ("GET", "/live")}:
            continue  # these end a session or never end; they have tests of their own
        for role in (ANYONE, *ROLES):
            browser = browsers.get(role) or Browser(app)
            answer = await browser.call(method, f"/api/v1{fill(path)}", sample(method, path))
            place = f"{role} {method} {path}: {answer.status} {answer.body[:200]!r}"
            refused = answer.status == 401 if role == ANYONE else answer.status == 403
            if (method, path) in {("POST", "/session"), ("POST", "/links/redeem")}:
                assert answer.status in (200, 401, 410, 429), place
            elif rank[role] < rank[needed]:
                assert refused, place
                assert answer.code == ("session.none" if role == ANYONE else "session.role"), place
            else:
                assert answer.status not in (401, 403), place
                assert answer.status < 500, place


def fill(path: str) -> str:
    for name in (
        "user_id",
        "token_id",
        "run_id",
        "connection_id",
        "version",
        "number",
        "tab",
        "node",
        "name",
        "alert_id",
        "notice_id",
    ):
        path = path.replace(f"{{{name}}}", "unknown")
    return path.replace("{flow_id}", "flow_unknown")


def sample(method: str, path: str) -> Any:
    """Return a well-formed body."""
    return (
        {
            "/session": {"email": "a@example.com", "password": "x"}
            if method == "POST"
            else {"language": "es"},
            "/links/redeem": {"token": "x"},
            "/accounts": {
                "token": "x",
                "name": "A",
                "email": "a@example.com",
                "password": "x" * 10,
            },
            "/invitations": {"email": "new@example.com", "role": "viewer"},
            "/tokens": {"name": "ci", "role": "viewer"},
            "/flows": {"name": "New"},
            "/flows/check": {"format": 1},
            "/flows/{flow_id}/draft": {"format": 1, "id": "flow_unknown", "name": "x"},
            "/flows/{flow_id}/runs": {"event": {}},
            "/flows/{flow_id}/presence": {"tab": "tab_of_test"},
            "/flows/{flow_id}/waiting": {"fate": "move"},
            "/flows/{flow_id}/versions/{number}": {"name": "x"},
            "/flows/{flow_id}/pins/{node}": {"output": 1},
            "/runs/{run_id}/steps/{node}/answer": {"outcome": "happened"},
            "/runs/{run_id}/steps/{node}/reply": {"port": "yes"},
            "/notices/way": {"connections": []},
            "/runs/{run_id}/rerun": {},
            "/runs/{run_id}/steps/{node}/hurry": {},
            "/timeline/stop": {"kind": "order", "value": "unknown"},
            "/timeline/hurry": {"kind": "order", "value": "unknown"},
            "/variables/{name}": {"value": 1},
            "/asking/answer": {"outcome": "abort", "runs": ["run_unknown"]},
            "/expressions/evaluate": {"template": {"$expr": "1 + 1"}},
            "/connections": {"connector": "unknown", "name": "x"},
            "/connections/{connection_id}": {"name": "x"},
            "/connections/{connection_id}/twin/deliver": {"type": "x.y"},
        }.get(path)
        if method not in ("GET", "DELETE")
        else None
    )


HOSTILE = ("%00", "..%2f..%2fetc", "%ff%fe", "a" * 199, "'%20OR%201=1--", "%F0%9F%92%A9", "-1")


async def test_no_odd_id_makes_the_server_fail(owner):
    for method, path in TABLE:
        if "{" not in path:
            continue
        for odd in HOSTILE:
            parts = [odd if part.startswith("{") else part for part in path.split("/")]
            answer = await owner.call(method, "/api/v1" + "/".join(parts), sample(method, path))
            assert 400 <= answer.status < 500, f"{method} {path} {odd}: {answer.body[:300]!r}"
            assert set(answer.json) >= {"code", "params", "path", "message"}
