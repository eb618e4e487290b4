"""The twin's conversation, held against a real mail server's: the same words, the same verdicts."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable

import pytest
from tramo.testing import Trial
from tramo_email import connector

from tests.plugins.email.server import Inbox, real_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

PLAIN = base64.b64encode(b"\0shop\0correct horse").decode()
WRONG = base64.b64encode(b"\0shop\0wrong").decode()
HELLO = ["EHLO client.test"]
SIGNED_IN = [*HELLO, f"AUTH PLAIN {PLAIN}"]
SENDER = [*SIGNED_IN, "MAIL FROM:<shop@shop.example>"]
READY = [*SENDER, "RCPT TO:<ana@example.com>"]

BAD = {
    "nonsense": ["HULLO there"],
    "nonsense after the greeting": [*HELLO, "SEND it"],
    "no name in EHLO": ["EHLO"],
    "no name in HELO": ["HELO"],
    "sender before the greeting": ["MAIL FROM:<shop@shop.example>"],
    "sender before the sign-in": [*HELLO, "MAIL FROM:<shop@shop.example>"],
    "recipient before the greeting": ["RCPT TO:<ana@example.com>"],
    "recipient before the sender": [*SIGNED_IN, "RCPT TO:<ana@example.com>"],
    "data before the greeting": ["DATA"],
    "data before the sender": [*SIGNED_IN, "DATA"],
    "data before a recipient": [*SENDER, "DATA"],
    "data after a forgotten message": [*READY, "RSET", "DATA"],
    "two senders": [*SENDER, "MAIL FROM:<two@shop.example>"],
    "sender without brackets' word": [*SIGNED_IN, "MAIL shop@shop.example"],
    "sender without anything": [*SIGNED_IN, "MAIL"],
    "sender with an unknown option": [*SIGNED_IN, "MAIL FROM:<shop@shop.example> COLOUR=RED"],
    "sender with a size that is none": [*SIGNED_IN, "MAIL FROM:<shop@shop.example> SIZE=big"],
    "sender that is too large": [*SIGNED_IN, "MAIL FROM:<shop@shop.example> SIZE=999999999"],
    "recipient without anything": [*SENDER, "RCPT"],
    "recipient without the word": [*SENDER, "RCPT ana@example.com"],
    "recipient with an unknown option": [*SENDER, "RCPT TO:<ana@example.com> COLOUR=RED"],
    "recipient in the sender's words": [*SENDER, "RCPT FROM:<ana@example.com>"],
    "sign-in before the greeting": [f"AUTH PLAIN {PLAIN}"],
    "sign-in with a wrong password": [*HELLO, f"AUTH PLAIN {WRONG}"],
    "sign-in in an unknown way": [*HELLO, "AUTH MAGIC"],
    "sign-in that is not base64": [*HELLO, "AUTH PLAIN !!!"],
    "sign-in a second time": [*SIGNED_IN, f"AUTH PLAIN {PLAIN}"],
}
GOOD = {
    "greeting": HELLO,
    "old greeting": ["HELO client.test"],
    "sign-in": SIGNED_IN,
    "sign-in step by step": [*HELLO, "AUTH PLAIN", PLAIN],
    "sender with a size": [*SIGNED_IN, "MAIL FROM:<shop@shop.example> SIZE=1000"],
    "two recipients": [*READY, "RCPT TO:<ben@example.com>"],
    "nothing": [*HELLO, "NOOP"],
    "forgetting": [*READY, "RSET"],
    "another sender after forgetting": [*READY, "RSET", "MAIL FROM:<two@shop.example>"],
    "message": [*READY, "DATA", "Subject: x\r\n\r\n..dots\r\n."],
    "goodbye": [*HELLO, "QUIT"],
}

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def verdict(connect: Connect, lines: list[str]) -> int:
    """Say the lines and return the first digit of the last answer."""
    reader, writer = await connect()
    try:
        answer = await _answer(reader)
        for line in lines:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()
            answer = await _answer(reader)
        return answer // 100
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(5):
        while (line := await reader.readline())[3:4] == b"-":
            pass
    return int(line[:3])


async def twin_verdict(lines: list[str]) -> int:
    twin = Trial(connector).twin
    twin.credential |= {"username": "shop", "password": "correct horse"}
    server = await asyncio.start_server(twin.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await verdict(lambda: asyncio.open_connection("127.0.0.1", port), lines)


async def real_verdict(lines: list[str]) -> int:
    async with real_server(Inbox(), auth_required=True) as port:
        return await verdict(lambda: asyncio.open_connection("127.0.0.1", port), lines)


@pytest.mark.parametrize("case", BAD)
async def test_twin_and_a_real_server_refuse_the_same_words(case: str) -> None:
    assert len(BAD) >= 20
    assert await real_verdict(BAD[case]) in (4, 5)
    assert await twin_verdict(BAD[case]) == await real_verdict(BAD[case])


@pytest.mark.parametrize("case", GOOD)
async def test_twin_and_a_real_server_take_the_same_words(case: str) -> None:
    assert await real_verdict(GOOD[case]) in (2, 3)
    assert await twin_verdict(GOOD[case]) == await real_verdict(GOOD[case])


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe\r\n", b"EHLO " + b"x" * 100_000, b"DATA"])
async def test_the_twin_survives_a_client_that_talks_rubbish_and_leaves(junk: bytes) -> None:
    twin = Trial(connector).twin
    server = await asyncio.start_server(twin.serve, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.readline()
        writer.write(junk)
        writer.close()
    assert await twin_verdict(GOOD["message"]) == 2
