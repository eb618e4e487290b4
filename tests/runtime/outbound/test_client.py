"""`ctx.http` against real servers and twins: what it sends, to whom, and what an answer means."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from base64 import b64encode
from decimal import Decimal
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web
from tramo import sdk
from tramo.model.connection import Connection

from tests.runtime.outbound.server import StillClock, http_server, raw_server
from tests.runtime.outbound.shop import (
    TOKEN,
    Shop,
    answering,
    calling,
    context,
    definition,
    echo,
    outbound,
)


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        (sdk.Header("X-Token", "token"), "x-token", TOKEN),
        (sdk.Bearer("token"), "authorization", f"Bearer {TOKEN}"),
        (
            sdk.Basic("user", "token"),
            "authorization",
            "Basic " + b64encode(f"me:{TOKEN}".encode()).decode(),
        ),
    ],
)
async def test_requests_are_signed_as_the_connector_says(auth, name, value):
    async with calling(echo, auth) as ctx:
        seen = (await ctx.http.get("orders", headers={name.upper(): "mine"})).json()
    assert seen["headers"][name] == value
    assert seen["headers"]["user-agent"].startswith("Tramo/")


async def test_numbers_go_out_and_come_back_exactly():
    async with calling(echo) as ctx:
        answer = await ctx.http.post(
            "orders", json={"id": 820982911946154508, "total": Decimal("10.10")}
        )
    assert answer.json()["body"] == '{"id":820982911946154508,"total":10.10}'
    assert answer.json()["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("url", "options", "path"),
    [
        ("orders", {}, "/api/v1/orders"),
        ("orders?x=1", {"query": {"q": "a b&c", "n": 2}}, "/api/v1/orders?x=1&q=a+b%26c&n=2"),
        ("/root", {}, "/root"),
        ("", {}, "/api/v1/"),
        ("orders:search", {}, "/api/v1/orders:search"),
    ],
)
async def test_a_path_stands_behind_the_connectors_address(url, options, path):
    async with calling(echo) as ctx:
        assert (await ctx.http.get(url, **options)).json()["path"] == path


async def test_a_form_travels_as_a_form():
    async with calling(echo) as ctx:
        seen = (await ctx.http.post("x", form={"a": "b c", "ñ": "&"})).json()
    assert seen["body"] == "a=b+c&%C3%B1=%26"
    assert seen["headers"]["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "url",
    ["../x", "a/../../x", "a/%2e%2e/x", "..\\x", "//evil.test/x", "https://evil.test/x",
     "http://other.test/x", "http://shop.test:1/x", "file:///etc/passwd", "a b", "a\r\nX: y"],
)  # fmt: skip
async def test_a_path_never_leaves_the_connections_hosts(url):
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response()

    async with calling(canary) as ctx:
        with pytest.raises(sdk.BadParams):
            await ctx.http.post(url)
        assert not ctx.sent
    assert hits == []


@pytest.mark.parametrize("headers", [{"X-A": "1\r\nX-B: 2"}, {"Host": "evil.test"}])
async def test_a_header_that_could_break_out_is_the_callers_mistake(headers):
    async with calling(echo) as ctx:
        with pytest.raises(sdk.BadParams) as refused:
            await ctx.http.get("x", headers=headers)
    assert refused.value.code == "outbound.header"


# What an answer means --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method", "kind", "settled", "sent"),
    [
        (401, "POST", sdk.CredentialRefused, None, False),
        (403, "GET", sdk.CredentialRefused, None, False),
        (400, "POST", sdk.Rejected, None, False),
        (404, "GET", sdk.Rejected, None, False),
        (422, "PUT", sdk.Rejected, None, False),
        (429, "POST", sdk.Transient, True, False),
        (429, "GET", sdk.Transient, True, False),
        (408, "POST", sdk.Transient, False, True),
        (500, "POST", sdk.Transient, False, True),
        (503, "DELETE", sdk.Transient, False, True),
        (502, "GET", sdk.Transient, True, False),
    ],
)
async def test_each_status_has_its_class_and_says_whether_it_is_settled(
    status, method, kind, settled, sent
):
    async with calling(answering(status, b'{"why": "because"}')) as ctx:
        with pytest.raises(kind) as raised:
            await ctx.http.request(method, "orders")
    assert type(raised.value) is kind
    assert getattr(raised.value, "settled", None) is settled
    assert ctx.sent is sent
    assert raised.value.details == {"status": status, "body": {"why": "because"}}
    assert str(status) in raised.value.message
    assert "because" in raised.value.message


async def test_a_query_that_travels_as_post_is_no_doubt_when_it_fails():
    async with calling(answering(500)) as ctx:
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("graphql", json={}, safe=True)
    assert raised.value.settled
    assert not ctx.sent


async def test_after_a_write_no_later_failure_counts_as_settled():
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.path.endswith("first") else 429)

    async with calling(handler) as ctx:
        await ctx.http.post("first")
        assert ctx.sent
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("second")
    assert not raised.value.settled
    assert ctx.sent


async def test_of_two_writes_side_by_side_one_that_never_left_does_not_clear_the_other():
    arrived = asyncio.Event()
    go_on = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.Response(status=200 if request.path.endswith("slow") else 422)

    async with calling(handler) as ctx:
        slow = asyncio.ensure_future(ctx.http.post("slow"))
        await arrived.wait()
        with pytest.raises(sdk.BadParams):
            await ctx.http.post("http://shop.test:1/")
        assert ctx.sent
        quick = asyncio.ensure_future(ctx.http.post("quick"))
        go_on.set()
        with pytest.raises(sdk.Rejected):
            await quick
        assert ctx.sent
        await slow
        assert ctx.sent


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "GET / HTTP/1.1\r\nX:", ""])
async def test_an_odd_method_is_the_callers_mistake(method):
    async with calling(echo) as ctx:
        with pytest.raises(sdk.BadParams):
            await ctx.http.request(method, "x")


async def test_text_that_no_address_can_hold_is_the_callers_mistake():
    async with calling(echo) as ctx:
        for options in ({"url": "x/\udcff"}, {"url": "x", "query": {"q": "\udcff"}}):
            with pytest.raises(sdk.BadParams):
                await ctx.http.request("GET", **options)
        with pytest.raises(sdk.BadParams):
            await ctx.http.post("x", form={"a": "\udcff"})


async def test_an_accepted_status_is_handed_back():
    async with calling(answering(404, b"gone")) as ctx:
        assert (await ctx.http.get("x", accept={404})).text == "gone"


async def test_a_connector_finds_the_vendors_own_words():
    def words(body: Any) -> str | None:
        return body["errors"][0]["message"]

    async with calling(
        answering(422, b'{"errors": [{"message": "Tag is too long"}]}'), error_message=words
    ) as ctx:
        with pytest.raises(sdk.Rejected, match=r"refused the request \(422\): Tag is too long\.$"):
            await ctx.http.post("x")
    async with calling(answering(422, b"[]"), error_message=words) as ctx:
        with pytest.raises(sdk.Rejected, match=r"\(422\): \[\]\.$"):
            await ctx.http.post("x")


async def test_a_page_of_html_is_not_quoted_at_people():
    async with calling(answering(502, b"<h1>Bad</h1>", Content_Type="text/html")) as ctx:
        with pytest.raises(sdk.Transient, match=r"failed \(502\)\.$"):
            await ctx.http.get("x")


async def test_what_never_arrived_is_settled_and_what_may_have_is_not(unused_tcp_port):
    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")

    async with outbound() as door:
        ctx = context(door, unused_tcp_port)
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("x")
        assert raised.value.settled
        assert not ctx.sent

        async with raw_server(hang_up) as port:
            for method, settled in (("POST", False), ("GET", True)):
                ctx = context(door, port)
                with pytest.raises(sdk.Transient) as raised:
                    await ctx.http.request(method, "x")
                assert raised.value.settled is settled
                assert ctx.sent is not settled


# Redirects ------------------------------------------------------------------------------------


async def test_after_a_429_the_whole_connection_waits():
    clock = StillClock()
    answers = [web.Response(status=429, headers={"Retry-After": "3"}), web.Response()]
    times = []

    async def handler(request: web.Request) -> web.Response:
        times.append(clock.seconds)
        return answers.pop(0)

    async with http_server(handler) as port, outbound(clock) as door:
        with pytest.raises(sdk.Transient) as raised:
            await context(door, port).http.post("x")
        assert raised.value.retry_after_s == 3
        await context(door, port).http.post("x")
    assert times == [1000.0, 1003.0]


async def test_a_long_pause_is_handed_to_the_engine_without_asking_the_vendor():
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=429, headers={"Retry-After": "60"})

    async with http_server(handler) as port, outbound() as door:
        with pytest.raises(sdk.Transient):
            await context(door, port).http.post("x")
        other = context(door, port)
        with pytest.raises(sdk.Transient) as raised:
            await other.http.post("x")
    assert len(asked) == 1
    assert raised.value.settled
    assert raised.value.retry_after_s == 60
    assert not other.sent


async def test_without_a_vendor_a_pause_is_the_hosts_own():
    busy = answering(429, Retry_After="60")
    async with http_server(busy) as one, http_server(echo) as two, outbound() as door:
        ctx = door.context(sdk.Connector("any", title="Any").tramo_connector())
        for _ in range(2):
            with pytest.raises(sdk.Transient):
                await ctx.http.get(f"http://shop.test:{one}/")
        assert (await ctx.http.get(f"http://shop.test:{two}/")).status == 200
    assert [line.rpartition(" ")[2] for line in ctx.lines] == ["429", "200"]


def test_the_door_out_opens_without_loading_what_it_may_not_need():
    code = (
        "import sys; import tramo.outbound, tramo.vault, tramo.vault.keeper;"
        "heavy = {'aiohttp', 'cryptography', 'litestar', 'networkx', 'jinja2'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("86400", 3600.0), ("soon", None), ("nan", None),
        ("inf", 3600.0), (formatdate(1_800_001_000 + 90, usegmt=True), 90.0),
        (formatdate(0, usegmt=True), 0.0), (formatdate(9_000_000_000, usegmt=True), 3600.0),
        ("Wed, 99 Foo 2026", None),
    ],
)  # fmt: skip
async def test_a_vendors_wish_is_read_as_seconds_or_as_a_date(text, seconds):
    async with calling(answering(503, Retry_After=text)) as ctx:
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.get("x")
    assert raised.value.retry_after_s == seconds


# Secrets --------------------------------------------------------------------------------------


async def test_no_secret_is_in_an_error_or_a_log_line():
    async def leak(request: web.Request) -> web.Response:
        return web.json_response(
            {"echo": {TOKEN: [request.headers["Authorization"], f"token={TOKEN}"]}}, status=422
        )

    async with calling(leak, sdk.Basic("user", "token")) as ctx:
        with pytest.raises(sdk.Rejected) as raised:
            await ctx.http.post(f"orders/{TOKEN}", query={"token": TOKEN})
        ctx.log("sent", token=TOKEN, text="a\nb")
        with pytest.raises(sdk.BadParams) as refused:
            await ctx.http.get(f"https://{TOKEN}.evil.test/")
    pair = b64encode(f"me:{TOKEN}".encode()).decode()
    shown = repr((raised.value.message, raised.value.args, raised.value.details, ctx.lines))
    shown += repr(refused.value) + repr(ctx.credential)
    assert TOKEN not in shown
    assert pair not in shown
    assert "•••" in shown
    assert ctx.lines[1] == "sent token='•••' text='a\\nb'"


async def test_an_empty_secret_is_asked_for_not_sent():
    async with outbound() as door:
        empty = Shop(address="http://shop.test", token="")
        ctx = door.context(definition(), Connection(id="c", name="c", connector="shop"), empty)
        with pytest.raises(sdk.CredentialRefused, match="“token”"):
            await ctx.http.get("x")


async def test_without_a_connection_a_refusal_parks_nothing():
    async with http_server(answering(401)) as port, outbound() as door:
        ctx = door.context(sdk.Connector("any", title="Any").tramo_connector())
        with pytest.raises(sdk.Rejected, match="401"):
            await ctx.http.get(f"http://shop.test:{port}/")
        with pytest.raises(sdk.BadParams, match="whole"):
            await ctx.http.get("relative")


async def test_an_answer_past_the_cap_is_refused_for_a_read_and_a_doubt_for_a_write():
    async with calling(answering(200, b"x" * (11 * 1024 * 1024))) as ctx:
        with pytest.raises(sdk.Rejected, match="larger than"):
            await ctx.http.get("x")
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("x")
    assert not raised.value.settled
