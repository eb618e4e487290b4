"""Pages, assets and the headers that keep a browser safe."""

from __future__ import annotations

import re

import pytest
from tramo_web.asgi import Application, build_app
from tramo_web.front import Front

from tests.web.kit import Browser, send

HOST = {"host": "127.0.0.1:8700"}


async def test_each_page_has_a_fresh_nonce_in_page_and_policy(app):
    seen = set()
    for path in ("/", "/flows/flow_1", "/start", "/no/such/page.html", "/index.html"):
        answer = await send(app, "GET", path, HOST)
        assert answer.status == 200
        nonce = re.search(r'content="([^"]+)"', answer.body.decode())[1]
        assert f"style-src 'self' 'nonce-{nonce}'" in answer.header("content-security-policy")
        assert answer.header("cache-control") == "no-store"
        seen.add(nonce)
    assert len(seen) == 5


async def test_the_policy_lets_nothing_in_from_elsewhere(app):
    policy = (await send(app, "GET", "/", HOST)).header("content-security-policy")
    parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == "'self'"
    assert parts["connect-src"] == "'self'"
    assert parts["frame-ancestors"] == parts["base-uri"] == parts["object-src"] == "'none'"
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_assets_are_kept_for_ever_and_other_files_are_asked_for_again(app):
    asset = await send(app, "GET", "/assets/index-1.js", HOST)
    assert (asset.status, asset.body) == (200, b"let a = 1")
    assert asset.header("content-type") == "text/javascript; charset=utf-8"
    assert "immutable" in asset.header("cache-control")
    packed = await send(
        app, "GET", "/assets/index-1.js", {**HOST, "accept-encoding": "gzip, deflate, br"}
    )
    assert (packed.header("content-encoding"), packed.body) == ("gzip", b"packed")
    known = await send(
        app, "GET", "/assets/index-1.js", {**HOST, "if-none-match": asset.header("etag")}
    )
    assert (known.status, known.body) == (304, b"")
    icon = await send(app, "GET", "/icon.svg", HOST)
    assert icon.header("cache-control") == "no-cache"
    assert icon.header("content-type") == "image/svg+xml"
    head = await send(app, "HEAD", "/icon.svg", HOST)
    assert (head.status, head.body, head.header("content-length")) == (200, b"", "6")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../etc/passwd",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fkey.toml",
        "/assets/secret.py",
        "/assets/index-1.js.gz",
        "/assets/",
        "/assets//etc/passwd",
        "/assets/%00",
        "/help/flow.cycle",
    ],
)
async def test_nothing_but_the_built_files_is_served(app, path):
    answer = await send(app, "GET", path, HOST)
    assert answer.status == 404
    assert b"root:" not in answer.body


async def test_a_new_build_is_served_without_a_restart(app, editor_folder):
    await send(app, "GET", "/", HOST)
    (editor_folder / "assets" / "index-2.js").write_text("let b = 2")
    (editor_folder / "index.html").write_text("new __CSP_NONCE__")
    assert (await send(app, "GET", "/", HOST)).body.startswith(b"new ")
    assert (await send(app, "GET", "/assets/index-2.js", HOST)).status == 200


async def test_without_a_built_editor_a_plain_page_says_what_to_do(house, tmp_path):
    app = build_app(house, static=tmp_path / "none")
    answer = await send(app, "GET", "/", HOST)
    assert answer.status == 503
    assert b"npm run build" in answer.body
    assert (await send(app, "GET", "/assets/x.js", HOST)).status == 404


async def test_pages_are_read_only(app):
    answer = await send(app, "POST", "/", HOST)
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD")


async def test_every_kind_of_answer_has_its_safety_headers(app, owner):
    made = [
        await send(app, "GET", "/", HOST),
        await send(app, "GET", "/assets/index-1.js", HOST),
        await send(app, "GET", "/assets/none.js", HOST),
        await send(app, "POST", "/", HOST),
        await send(app, "GET", "/", {"host": "evil.example"}),
        await send(app, "POST", "/in/unknown", {}),
        await owner.call("GET", "/api/v1/session"),
        await owner.call("GET", "/api/v1/catalog"),
        await owner.call("GET", "/api/v1/none"),
        await owner.call("PUT", "/api/v1/session"),
        await owner.call("PATCH", "/api/v1/session", {"x": 1}),
        await owner.call("DELETE", "/api/v1/session"),
        await Browser(app).call("GET", "/api/v1/session"),
        await Browser(app).call("GET", "/api/v1/health"),
    ]
    for answer in made:
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cross-origin-opener-policy") == "same-origin"
        assert answer.header("cross-origin-resource-policy") == "same-origin"
        policy = answer.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.header("cache-control")
        assert answer.header("server") == "tramo"
    for answer in made[6:]:
        assert "no-store" in answer.header("cache-control") or answer is made[7]


async def test_the_framework_shows_nothing_of_itself(app, owner):
    for path in ("/schema", "/not-served", "/docs", "/api/v1/schema", "/api/v1/docs"):
        answer = await owner.call("GET", path)
        assert b"swagger" not in answer.body.lower()
        assert b"openapi" not in answer.body.lower()
    refused = await Browser(app).call("GET", "/api/v1/openapi.json")
    assert refused.status == 401


async def test_unknown_addresses_and_methods_are_plain_problems(owner):
    unknown = await owner.call("GET", "/api/v1/none")
    assert (unknown.status, unknown.code) == (404, "request.unknown_address")
    method = await owner.call("PUT", "/api/v1/session")
    assert (method.status, method.code) == (405, "request.method")
    assert "GET" in method.header("allow")
    query = await owner.call("GET", "/api/v1/flows?limit=-1")
    assert (query.status, query.code) == (400, "request.query")
    assert query.json["params"]["name"] == "limit"


async def test_a_query_that_is_none_of_the_choices_is_told_them_under_the_name_it_was_sent(owner):
    for path, last in (("runs", "quarantined"), ("notices", "withdrawn")):
        odd = await owner.call("GET", f"/api/v1/{path}?state=odd")
        assert (odd.status, odd.code) == (400, "request.query_choice")
        assert odd.json["params"]["name"] == "state"
        assert odd.json["params"]["choices"].split(", ")[-1] == last


async def test_a_fault_of_ours_is_logged_and_told_without_its_inside(
    owner, house, monkeypatch, caplog
):
    async def broken(*_args, **_options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house.flows, "list", broken)
    answer = await owner.call("GET", "/api/v1/flows")
    assert (answer.status, answer.code) == (500, "server.error")
    assert b"secret detail" not in answer.body
    reference = answer.json["params"]["reference"]
    assert reference in answer.json["message"]
    assert reference in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("front", "host", "known"),
    [
        (Front(), "127.0.0.1:8700", True),
        (Front(), "localhost", True),
        (Front(), "[::1]:8700", True),
        (Front(), "localhost.", True),
        (Front(), "evil.example", False),
        (Front(), "127.0.0.1.evil.example", False),
        (Front(), "192.168.1.5", False),
        (Front(), "", False),
        (Front(), "127.0.0.1@evil.example", False),
        (Front(), "evil.example/127.0.0.1", False),
        (Front(), "127.0.0.1:99999", False),
        (Front(), "[::1", False),
        (Front(host="0.0.0.0"), "192.168.1.5:8700", True),
        (Front(host="0.0.0.0"), "rebound.example", False),
        (Front(host="0.0.0.0", public_url="https://tramo.example"), "tramo.example", True),
        (Front(public_url="https://tramo.example"), "tramo.example:443", True),
        (Front(public_url="https://tramo.example"), "other.example", False),
    ],
)
async def test_only_our_own_host_names_are_answered(house, editor_folder, front, host, known):
    app = Application(lambda: None, front, static=editor_folder)
    app.enter(house)
    for path in ("/", "/api/v1/health"):
        answer = await send(app, "GET", path, {"host": host})
        assert answer.status == (200 if known else 421)
    twice = [("host", "127.0.0.1:8700"), ("host", "evil.example")]
    assert (await send(app, "GET", "/", twice)).status == 421
