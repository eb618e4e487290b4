"""What a connection may cost, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tramo_web.http import connection, server

from tests.web.http.kit import GET, WITHIN_S, House, Run, echo, give_back, read, reply, serving


@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -3\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_closed(run: Run, said: bytes) -> None:
    asked: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await reply(send, 200, await read(receive))

    async def scenario() -> None:
        async with serving(app) as house:
            client = await house.client()
            client.say(said, GET % b"/smuggled")
            assert (await client.answer())[0] == 400
            assert await client.rest() == b""
            assert "/smuggled" not in asked

    run(scenario)


def test_a_head_of_any_length_costs_little(run: Run) -> None:
    async def scenario() -> None:
        async with serving(echo) as house:
            client = await house.client()
            client.say(b"GET / HTTP/1.1\r\n")
            for number in range(200):
                client.say(b"x-%d: %b\r\n" % (number, b"y" * 1_000))
            assert (await client.answer())[0] == 431
            assert await client.rest() == b""

    run(scenario)


def test_a_head_that_does_not_come_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOOK_S", 0.01)

    async def scenario() -> None:
        async with serving(echo) as house:
            client = await house.client()
            client.say(b"GET / HTTP/1.1\r\nhost: ")
            assert (await client.answer())[0] == 408
            assert await client.rest() == b""

    run(scenario)


def test_a_connection_at_rest_is_closed_in_the_end(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOOK_S", 0.001)

    async def scenario() -> None:
        async with serving(echo) as house:
            client, silent = await house.client(), await house.client()
            client.say(GET % b"/")
            assert (await client.answer())[0] == 200
            assert await client.rest() == await silent.rest() == b""

    run(scenario)


def test_a_client_that_hangs_up_is_noticed_by_who_answers(run: Run) -> None:
    noticed = asyncio.Event()

    async def line(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.body", "body": b"nobody hears this"})
        noticed.set()

    async def scenario() -> None:
        async with serving(line) as house:
            client = await house.client()
            client.say(GET % b"/")
            await client.line()
            client.hang_up()
            await noticed.wait()

    run(scenario)


def test_a_client_that_does_not_read_holds_the_answer_up_and_is_cut_off(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOOK_S", 0.001)
    sent: list[int] = []
    cut = asyncio.Event()

    async def pour(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(1_000):
            await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
            if (house := houses[0]).server._connections:
                sent.append(number)
            else:
                assert house.server.looks > connection.STALLED_LOOKS
                cut.set()
                return

    houses: list[House] = []

    async def scenario() -> None:
        async with serving(pour) as house:
            houses.append(house)
            client = await house.client()
            client.stop_reading()
            client.say(GET % b"/")
            await cut.wait()
            assert len(sent) < 50

    run(scenario)


def test_whoever_asks_for_another_protocol_is_answered_in_this_one(run: Run) -> None:
    async def scenario() -> None:
        async with serving(give_back) as house:
            client = await house.client()
            client.say(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
            status, headers, _ = await client.answer()
            assert (status, headers["connection"]) == (200, "close")
            assert await client.rest() == b""

    run(scenario)


def test_closing_lets_an_answer_end_and_takes_nobody_new(run: Run) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        await go_on.wait()
        await reply(send, 200, b"done")

    async def scenario() -> None:
        async with serving(slow) as house:
            client, resting = await house.client(), await house.client()
            client.say(GET % b"/")
            await asked.wait()
            closing = asyncio.ensure_future(house.server.close(WITHIN_S))
            assert await resting.rest() == b""
            with pytest.raises(ConnectionError):
                await house.client()
            go_on.set()
            assert (await client.answer())[2] == b"done"
            assert await closing

    run(scenario)


def test_closing_cuts_off_what_does_not_end(run: Run) -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with serving(never) as house:
            client = await house.client()
            client.say(GET % b"/")
            await asyncio.sleep(0.05)
            assert not await house.server.close(0.05)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.answer()

    run(scenario)


def test_where_there_are_too_many_the_one_that_rests_longest_goes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 3)

    async def scenario() -> None:
        async with serving(echo) as house:
            clients = [await house.client() for _ in range(5)]
            served = 0
            for client in clients:
                client.say(GET % b"/")
                try:
                    served += (await client.answer())[0] == 200
                except (ConnectionError, asyncio.IncompleteReadError):
                    continue
            assert served == 3

    run(scenario)


def test_an_application_that_fails_ends_its_connection_only(run: Run) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/bad":
            raise ValueError("a mistake")
        await reply(send, 200, b"fine")

    async def scenario() -> None:
        async with serving(app) as house:
            good, bad = await house.client(), await house.client()
            bad.say(GET % b"/bad")
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await bad.answer()
            good.say(GET % b"/good")
            assert (await good.answer())[2] == b"fine"

    run(scenario)


@pytest.mark.parametrize("endless", [b"0\r\nx: ", b"5;x=", b"0\r\n" + b"x: y\r\n" * 1_000])
def test_what_a_body_carries_beside_its_data_has_an_end(run: Run, endless: bytes) -> None:
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "http.disconnect":
            assert message["more_body"]
        heard.append("broken off")
        await reply(send, 400, b"broken off")

    async def scenario() -> None:
        async with serving(app) as house:
            client = await house.client()
            client.say(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
            client.say(b"2\r\n{}\r\n", endless)
            for _ in range(40):
                client.say(endless if b"\n" in endless[5:] else b"y" * 4_096)
            assert (await client.answer())[0] == 400
            assert await client.rest() == b""
            assert heard == ["broken off"]

    run(scenario)


def test_requests_that_wait_for_their_turn_cost_next_to_nothing(run: Run) -> None:
    many = 5_000
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        began.set()
        await go_on.wait()
        await reply(send, 200, scope["path"].encode())

    async def scenario() -> None:
        async with serving(slow) as house:
            client = await house.client()
            client.say(*(GET % b"/%d" % number for number in range(many)))
            await began.wait()
            (one,) = house.server._connections
            assert 1 < len(one._exchanges) < connection.SLICE_BYTES // len(GET) + 2
            go_on.set()
            for number in range(many):
                assert (await client.answer())[2] == b"/%d" % number

    run(scenario)


def test_who_has_left_is_not_answered_further(run: Run) -> None:
    asked: list[str] = []
    go_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await go_on.wait()
        await reply(send, 200, b"")

    async def scenario() -> None:
        async with serving(slow) as house:
            client = await house.client()
            client.say(*(GET % b"/%d" % number for number in range(9)))
            while not asked:
                await asyncio.sleep(0)
            client.hang_up()
            await asyncio.sleep(0.01)
            go_on.set()
            while house.server._connections:
                await asyncio.sleep(0.01)
            assert len(asked) <= 4, "a loop that does not read notices it as it writes"

    run(scenario)


def test_few_open_files_leave_some_for_all_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "getrlimit", lambda _: (64, 64))

    async def scenario() -> None:
        async with serving(echo) as house:
            for _ in range(40):
                client = await house.client()
                client.say(GET % b"/")
                assert (await client.answer())[0] == 200
            assert len(house.server._connections) == 32

    run(scenario)
