"""Requests and answers on the wire, well and badly spoken."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.http.kit import GET, WITHIN_S, Run, echo, give_back, post, read, reply, serving


def test_requests_are_answered_one_after_the_other_on_one_connection(run: Run) -> None:
    async def scenario() -> None:
        async with serving(echo) as house:
            client = await house.client()
            for path in (b"/a", b"/b%20c?q=1&r=%C3%B1", b"/%C3%B1"):
                client.say(GET % path)
            said = [await client.answer() for _ in range(3)]
            assert [body.decode() for _, _, body in said] == [
                "GET|/a||",
                "GET|/b c|q=1&r=%C3%B1|",
                "GET|/ñ||",
            ]
            assert said[0][1]["date"] == "Mon, 21 Sep 2026 14:13:20 GMT"
            client.say(post(b"later"))
            assert (await client.answer())[2] == b"POST|/x||content-length=5|later"

    run(scenario)


def test_requests_sent_all_at_once_are_answered_in_their_order(run: Run) -> None:
    async def slower_first(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.01 / (1 + int(scope["path"][1:])))
        await reply(send, 200, scope["path"].encode())

    async def scenario() -> None:
        async with serving(slower_first) as house:
            client = await house.client()
            client.say(*(GET % b"/%d" % number for number in range(50)))
            for number in range(50):
                assert (await client.answer())[2] == b"/%d" % number

    run(scenario)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_however_the_bytes_are_cut_the_requests_are_the_same(data: st.DataObject) -> None:
    bodies = data.draw(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
    sent = b"".join(_framed(body, data.draw(st.booleans())) for body in bodies)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)), max_size=12)) | {0, len(sent)})

    async def scenario() -> None:
        async with asyncio.timeout(WITHIN_S), serving(give_back) as house:
            client = await house.client()
            for start, end in pairwise(cuts):
                client.say(sent[start:end])
                await asyncio.sleep(0)
            for body in bodies:
                assert (await client.answer())[2] == body

    asyncio.run(scenario())


def test_a_second_request_whose_body_comes_later_is_answered(run: Run) -> None:
    async def scenario() -> None:
        async with serving(give_back) as house:
            client = await house.client()
            client.say(post(b"first"), post(b"second")[:-3])
            assert (await client.answer())[2] == b"first"
            client.say(b"ond")
            assert (await client.answer())[2] == b"second"

    run(scenario)


def _framed(body: bytes, chunked: bool) -> bytes:
    if not chunked:
        return post(body)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    head = b"POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + chunks + b"0\r\n\r\n"


def test_what_follows_a_chunked_body_is_no_header(run: Run) -> None:
    async def scenario() -> None:
        async with serving(echo) as house:
            client = await house.client()
            client.say(
                b"POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
                b"3\r\nabc\r\n0\r\ncookie: stolen\r\n\r\n",
                GET % b"/next",
            )
            assert (await client.answer())[2] == b"POST|/x||transfer-encoding=chunked|abc"
            assert (await client.answer())[2] == b"GET|/next||"

    run(scenario)


def test_a_body_that_breaks_its_own_framing_is_answered_as_broken_off(run: Run) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await reply(send, 400, message["type"].encode())

    async def scenario() -> None:
        async with serving(app) as house:
            client = await house.client()
            client.say(
                b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcXX"
            )
            status, headers, body = await client.answer()
            assert (status, headers["connection"], body) == (400, "close", b"http.disconnect")
            assert await client.rest() == b""

    run(scenario)


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked(run: Run) -> None:
    async def scenario() -> None:
        async with serving(give_back) as house:
            client = await house.client()
            client.say(b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n")
            client.say(b"content-length: 3\r\n\r\n")
            assert (await client.answer())[0] == 100
            client.say(b"abc")
            assert (await client.answer())[2] == b"abc"

    run(scenario)


def test_a_body_is_read_no_faster_than_it_is_taken(run: Run) -> None:
    taken = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await taken.wait()
        await reply(send, 200, b"%d" % len(await read(receive)))

    async def scenario() -> None:
        async with serving(slow) as house:
            client = await house.client()
            client.say(post(b"x" * 30_000_000))
            unsent = client.writer.transport.get_write_buffer_size
            while True:
                before = unsent()
                await asyncio.sleep(0.1)
                if unsent() == before:
                    break
            assert before > 10_000_000, "the rest waits at the client's side"
            taken.set()
            assert (await client.answer())[2] == b"30000000"

    run(scenario)


def test_an_answer_before_the_body_has_come_arrives_whole(run: Run) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await reply(send, 413, b"too large" * 1_000)

    async def scenario() -> None:
        async with serving(refuse) as house:
            client = await house.client()
            client.say(post(b"x" * 1_000_000)[:-1])
            status, headers, body = await client.answer()
            assert (status, len(body), headers["connection"]) == (413, 9_000, "close")
            assert await client.rest() == b""

    run(scenario)


def test_an_answer_to_a_head_request_has_no_body(run: Run) -> None:
    async def scenario() -> None:
        async with serving(echo) as house:
            client = await house.client()
            client.say(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n", GET % b"/next")
            status, headers, _ = await client.answer(bare=True)
            assert (status, headers["content-length"]) == (200, "8")
            assert (await client.answer())[2] == b"GET|/next||"

    run(scenario)


def test_an_answer_of_unknown_length_comes_part_by_part(run: Run) -> None:
    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            await send({"type": "http.response.body", "body": b"%d," % number, "more_body": True})
        await send({"type": "http.response.body"})

    async def scenario() -> None:
        async with serving(stream) as house:
            client = await house.client()
            client.say(GET % b"/", GET % b"/")
            assert (await client.answer())[2] == b"0,1,2,"
            assert (await client.answer())[2] == b"0,1,2,"
            old = await house.client()
            old.say(b"GET / HTTP/1.0\r\n\r\n")
            _, headers, body = await old.answer()
            assert (headers["connection"], body) == ("close", b"0,1,2,")

    run(scenario)


def test_a_header_with_a_line_break_is_not_sent(run: Run) -> None:
    async def split(scope: Any, receive: Any, send: Any) -> None:
        try:
            await reply(send, 200, b"", (b"x-name", b"a\r\nset-cookie: b"))
        except RuntimeError:
            await reply(send, 500, b"refused")

    async def scenario() -> None:
        async with serving(split) as house:
            client = await house.client()
            client.say(GET % b"/")
            status, headers, body = await client.answer()
            assert (status, body, "set-cookie" in headers) == (500, b"refused", False)

    run(scenario)


@pytest.mark.parametrize("promised", [b"1", b"9"])
def test_an_answer_that_is_not_as_long_as_it_says_is_cut_off(run: Run, promised: bytes) -> None:
    async def lie(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", promised)],
            }
        )
        await send({"type": "http.response.body", "body": b"abc"})

    async def scenario() -> None:
        async with serving(lie) as house:
            client = await house.client()
            client.say(GET % b"/", GET % b"/next")
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.answer()

    run(scenario)


@pytest.mark.parametrize(
    ("said", "statuses"),
    [
        (post(b"all"), [200]),
        (GET % b"/1" + GET % b"/2", [200, 200]),
        (post(b"all") + b"GET / HTT", [200]),
        (b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf", [400]),
    ],
)
def test_who_says_no_more_is_answered_still(run: Run, said: bytes, statuses: list[int]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await asyncio.sleep(0.01)
        await reply(send, 200 if message["type"] == "http.request" else 400, b"heard")

    async def scenario() -> None:
        async with serving(app) as house:
            client = await house.client()
            client.say(said)
            client.writer.write_eof()
            assert [(await client.answer())[0] for _ in statuses] == statuses
            assert await client.rest() == b""

    run(scenario)


@pytest.mark.parametrize(
    ("target", "host"),
    [(b"http://b/x", "b"), (b"http://b:81/x", "b:81"), (b"http://[::1]:81/", "[::1]:81")],
)
def test_a_whole_address_says_which_host_is_meant(run: Run, target: bytes, host: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        await reply(send, 200, b",".join(hosts))

    async def scenario() -> None:
        async with serving(app) as house:
            client = await house.client()
            client.say(GET % target)
            assert (await client.answer())[2].decode() == host

    run(scenario)
