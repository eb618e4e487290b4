"""Where a redirect may lead, and what it takes along."""

from __future__ import annotations

import pytest
from aiohttp import web
from tramo import sdk

from tests.runtime.outbound.server import http_server
from tests.runtime.outbound.shop import TOKEN, answering, calling, context, outbound


async def test_a_redirect_to_another_origin_carries_no_credential():
    seen = {}

    async def elsewhere(request: web.Request) -> web.Response:
        seen.update({name.lower(): value for name, value in request.headers.items()})
        return web.Response(body=b"file")

    async with http_server(elsewhere) as other:

        async def away(request: web.Request) -> web.Response:
            assert request.headers["X-Token"] == TOKEN
            return web.Response(status=302, headers={"Location": f"http://other.test:{other}/file"})

        async with http_server(away) as port, outbound() as door:
            anywhere = sdk.Connector("any", title="Any").tramo_connector()
            ctx = door.context(anywhere)
            headers = {"X-Token": TOKEN, "Authorization": "Bearer x", "Cookie": "a=b"}
            answer = await ctx.http.get(f"http://shop.test:{port}/", headers=headers)
            bound = context(door, port)
            with pytest.raises(sdk.Rejected, match="may not reach"):
                await bound.http.get("x")
    assert answer.text == "file"
    assert sorted(seen) == ["accept", "accept-encoding", "host", "user-agent"]


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "PUT", "GET", ""),
        (303, "HEAD", "HEAD", ""),
        (307, "POST", "POST", "data"),
        (308, "PUT", "PUT", "data"),
        (301, "DELETE", "DELETE", "data"),
    ],
)
async def test_the_method_follows_the_rules_of_redirects(status, method, then, body):
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, (await request.read()).decode(), "X-Token" in request.headers))
        if request.path.endswith("/x"):
            return web.Response(status=status, headers={"Location": "y"})
        return web.Response()

    async with calling(handler) as ctx:
        sent = None if method == "HEAD" else b"data"
        await ctx.http.request(method, "x", body=sent)
    assert seen == [(method, "" if sent is None else "data", True), (then, body, True)]


async def test_redirects_end():
    async with calling(answering(302, Location="again")) as ctx:
        with pytest.raises(sdk.Rejected, match="without end"):
            await ctx.http.get("x")


async def test_a_redirect_never_leads_inside():
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response()

    async with http_server(canary) as port, outbound() as door:
        targets = ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "169.254.169.254"]
        for target in targets:
            handler = answering(302, Location=f"http://{target}:{port}/secret")
            async with http_server(handler) as away:
                ctx = door.context(sdk.Connector("any", title="Any").tramo_connector())
                with pytest.raises(sdk.Rejected):
                    await ctx.http.get(f"http://shop.test:{away}/")
    assert hits == []


async def test_a_write_that_was_redirected_into_the_dark_is_a_doubt():
    async with calling(answering(302, Location="http://127.0.0.1/")) as ctx:
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("x")
    assert not raised.value.settled
    assert ctx.sent

    async def then_gone(request: web.Request) -> web.Response:
        if request.method == "POST":
            return web.Response(status=303, headers={"Location": "y"})
        return web.Response(status=404)

    async with calling(then_gone) as ctx:
        with pytest.raises(sdk.Transient) as raised:
            await ctx.http.post("x")
    assert not raised.value.settled
    assert ctx.sent


async def test_a_body_is_not_handed_on_to_another_origin():
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response()

    async with http_server(canary) as other:
        handler = answering(307, Location=f"http://other.test:{other}/")
        async with http_server(handler) as port, outbound() as door:
            ctx = door.context(sdk.Connector("any", title="Any").tramo_connector())
            with pytest.raises(sdk.Transient, match="sent on"):
                await ctx.http.post(f"http://shop.test:{port}/", json={"card": 1})
    assert hits == []


# Pauses ---------------------------------------------------------------------------------------
