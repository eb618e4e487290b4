"""Bodies: exact numbers, no odd field, no depth, no weight, no patience."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs
from tramo.ingest.door import DoorAnswer
from tramo.model.limit import DELIVERY_BYTES
from tramo.model.scope import Scope
from tramo_web import body

from tests.web.kit import send

SESSION = "/api/v1/session"
BIG = '{"id": 820982911946154508, "total": 10.10}'


@pytest.mark.parametrize(
    ("raw", "status", "code", "path"),
    [
        (b"", 415, "request.content_type", None),
        (b"{", 400, "request.json", None),
        (b"NaN", 400, "request.json", None),
        (b'{"email": NaN}', 400, "request.json", None),
        (b'{"language": "\\ud800"}', 400, "request.json", None),
        (b'\xef\xbb\xbf{"language": "es"}', 400, "request.json", None),
        (b"1e400", 400, "request.json", None),
        (b"9" * 5000, 400, "request.json", None),
        (b"[" * 100_000 + b"]" * 100_000, 400, "request.json", None),
        (b"[" * 101 + b"]" * 101, 400, "request.deep", None),
        (b"[]", 400, "request.invalid", ""),
        (b"null", 400, "request.invalid", ""),
        (b"{}", 400, "request.missing_field", "/language"),
        (b'{"language": 1}', 400, "request.invalid", "/language"),
        (b'{"language": "tlh"}', 400, "request.invalid", "/language"),
        (b'{"language": "es", "role": "owner"}', 400, "request.unknown_field", "/role"),
        (b'{"language": "es", "user": {"id": 1}}', 400, "request.unknown_field", "/user"),
        (b'{"Language": "es"}', 400, "request.unknown_field", "/Language"),
    ],
)
async def test_a_body_that_does_not_fit_is_named_by_its_place(owner, raw, status, code, path):
    content_type = "application/json" if raw else None
    answer = await owner.call("PATCH", SESSION, raw=raw, content_type=content_type)
    assert (answer.status, answer.code, answer.json["path"]) == (status, code, path)
    assert "Traceback" not in answer.body.decode()


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "text/plain, application/json",
    ],
)
async def test_only_json_is_taken_for_json(owner, kind):
    answer = await owner.call("PATCH", SESSION, {"language": "es"}, content_type=kind)
    assert (answer.status, answer.code) == (415, "request.content_type")


async def test_privileges_cannot_be_asked_for_with_extra_fields(house, stranger):
    scope = Scope(house.accounts.workspace_id, "test")
    link = await house.accounts.invite(scope, "eve@example.com", "viewer")
    account = {
        "token": link["url"].partition("#t=")[2],
        "name": "Eve",
        "email": "eve@example.com",
        "password": "long enough for it",
    }
    for extra in ({"role": "owner"}, {"workspace_id": "ws_x"}, {"id": "user_x"}, {"_": 1}):
        answer = await stranger.call("POST", "/api/v1/accounts", {**account, **extra})
        assert answer.code == "request.unknown_field"
    assert (await stranger.call("POST", "/api/v1/accounts", account)).json["role"] == "viewer"


async def test_numbers_go_in_and_come_out_exactly(owner):
    answer = await owner.call(
        "POST",
        "/api/v1/expressions/evaluate",
        raw=b'{"template": {"$expr": "order"}, "env": {"order": %s}}' % BIG.encode(),
    )
    assert b'"id":820982911946154508,"total":10.10' in answer.body


async def test_a_body_above_the_limit_is_refused_before_and_while_it_comes(owner):
    headers = {**owner.headers("PATCH"), "content-type": "application/json"}
    declared = {**headers, "content-length": str(body.BODY_BYTES + 1)}
    answer = await send(owner.app, "PATCH", SESSION, declared, [b"{}"])
    assert (answer.status, answer.code) == (413, "request.large")
    chunks = [b" " * 300_000] * 5
    answer = await send(owner.app, "PATCH", SESSION, headers, chunks)
    assert (answer.status, answer.code) == (413, "request.large")


async def test_a_slow_body_is_given_up(owner, monkeypatch):
    monkeypatch.setattr(body, "BODY_WITHIN_S", 0.05)
    monkeypatch.setattr(owner.app.patience, "within_s", 0.05)
    headers = {**owner.headers("PATCH"), "content-type": "application/json"}
    for method, path in (("PATCH", SESSION), ("POST", "/in/address")):
        answer = await slow_send(owner.app, method, path, headers)
        assert (answer.status, answer.code) == (408, "request.slow")


async def slow_send(app, method, path, headers):
    """Send half a body and then nothing."""
    never = asyncio.Event()

    async def app_with_slow_client(scope, receive, send_):
        said = False

        async def half():
            nonlocal said
            if said:
                await never.wait()
            said = True
            return {"type": "http.request", "body": b'{"lan', "more_body": True}

        await app(scope, half, send_)

    return await send(app_with_slow_client, method, path, headers)


async def test_a_client_that_hangs_up_is_no_error(owner, caplog):
    async def app_with_gone_client(scope, receive, send_):
        async def gone():
            return {"type": "http.disconnect"}

        await owner.app(scope, gone, send_)

    headers = {**owner.headers("PATCH"), "content-type": "application/json"}
    await send(app_with_gone_client, "PATCH", SESSION, headers)
    await send(app_with_gone_client, "POST", "/in/address", headers)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


# The door ----------------------------------------------------------------------------------------


class Listening:
    """Stands where the door stands and notes what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict]] = []

    async def deliver(self, address, **delivery):
        self.taken.append((address, delivery))
        return DoorAnswer(202, {"content-type": "text/html", "x-own": "1"}, b"<script>")


async def test_a_delivery_reaches_the_door_byte_for_byte(app, house, monkeypatch):
    door = Listening()
    monkeypatch.setattr(house, "door", door)
    headers = [
        ("Host", "anything.tunnel.example"),
        ("X-Shopify-Hmac-Sha256", "abc="),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
    ]
    answer = await send(
        app, "POST", "/in/test/abc?a=1&b=%C3%B1&a=2", headers, [b'{"a":', b" 1.10}"]
    )
    (address, delivery), *rest = door.taken
    assert (address, rest) == ("abc", [])
    assert delivery["body"] == b'{"a": 1.10}'
    assert delivery["headers"]["x-shopify-hmac-sha256"] == "abc="
    assert delivery["headers"]["x-twice"] == "1, 2"
    assert delivery["query"] == {"a": "2", "b": "ñ"}
    assert (delivery["test"], delivery["method"]) == (True, "POST")
    assert (answer.status, answer.body) == (202, b"<script>")
    assert answer.header("x-own") == "1"
    assert "sandbox" in answer.header("content-security-policy")
    assert answer.header("x-content-type-options") == "nosniff"


async def test_the_door_has_limits(app, house, monkeypatch):
    door = Listening()
    monkeypatch.setattr(house, "door", door)
    fits = await send(app, "POST", "/in/abc", {}, [b"x" * DELIVERY_BYTES])
    assert fits.status == 202
    for kind, headers, chunks in (
        ("declared", {"content-length": str(DELIVERY_BYTES + 1)}, [b""]),
        ("sent", {}, [b"x" * DELIVERY_BYTES, b"x"]),
    ):
        answer = await send(app, "POST", "/in/abc", headers, chunks)
        assert (answer.status, answer.code) == (413, "request.large"), kind
    assert (await send(app, "TRACE", "/in/abc", {})).status == 405
    many = [(f"x-{n}", "1") for n in range(101)]
    assert (await send(app, "POST", "/in/abc", many)).status == 431
    assert (await send(app, "POST", "/in/abc", {"x": "1" * 40_000})).status == 431
    long_query = "&".join(f"a{n}=1" for n in range(1001))
    assert (await send(app, "POST", f"/in/abc?{long_query}", {})).status == 400
    assert len(door.taken) == 1


async def test_an_address_that_nobody_listens_at_is_unknown(app):
    for path in ("/in/made-up", "/in/test/made-up", "/in/", "/in/a/b/c", "/in/%00"):
        answer = await send(app, "POST", path, {}, [b"{}"])
        assert answer.status == 404, path


@pytest.mark.parametrize("path", ["/in/x", SESSION])
async def test_a_body_that_breaks_off_is_answered_all_the_same(owner, path):
    """Bad framing looks like a client that left, and the one that stayed must not read a 500."""

    async def app_with_bad_framing(scope, receive, send_):
        async def receive_broken():
            return {"type": "http.disconnect"}

        await owner.app(scope, receive_broken, send_)

    method = "POST" if path.startswith("/in/") else "PATCH"
    headers = {**owner.headers(method), "content-type": "application/json"}
    assert (await send(app_with_bad_framing, method, path, headers)).status == 400


async def test_the_operator_may_let_larger_deliveries_in(app, house, monkeypatch):
    monkeypatch.setattr(house, "door", Listening())
    monkeypatch.setattr(house, "settings", structs.replace(house.settings, delivery_mb=2))
    for size, status in ((2 * DELIVERY_BYTES, 202), (2 * DELIVERY_BYTES + 1, 413)):
        answer = await send(app, "POST", "/in/abc", {}, [b"x" * size])
        assert answer.status == status, size
