"""F22: bodies and requests that nobody should send, over a bare socket."""

from __future__ import annotations

import asyncio
import time
from typing import Final, NamedTuple

from tests.chaos.field import Campaign, Field
from tests.chaos.record import read_sqlite
from tests.chaos.server import Server
from tests.chaos.workload import chain, webhook

MIB: Final = 1024 * 1024
OK: Final = frozenset({200})
REJECTED: Final = frozenset({202})
LARGE: Final = frozenset({413})
REFUSED: Final = frozenset({400, 413, 431, 0})
"""0: the connection is closed without an answer, as servers do with what is no HTTP."""
LATE: Final = frozenset({408, 400, 0})


class Knock(NamedTuple):
    """One request as bytes, and which answers are right."""

    name: str
    data: bytes
    right: frozenset[int]
    pause_s: float = 0.0
    """Between its pieces; it is sent in five."""


def _with(body: bytes, *, length: int | None = None, kind: str = "application/json") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Length: {len(body) if length is None else length}"
    return f"{head}\r\n\r\n".encode() + body


def _chunked(body: bytes, size: int = 65_536) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + framed + b"0\r\n\r\n"


def _filled(size: int) -> bytes:
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


def knocks() -> list[Knock]:
    """Return the list, made by hand."""
    json: list[tuple[str, bytes, frozenset[int]]] = [
        ("nothing", b"", OK),
        ("null", b"null", OK),
        ("a number", b"1", OK),
        ("a text", b'"hello"', OK),
        ("a list", b"[]", OK),
        ("1 MiB", _filled(MIB), OK),
        ("1 MiB less 1", _filled(MIB - 1), OK),
        ("1 MiB and 1", _filled(MIB + 1), LARGE),
        ("40 digits", b'{"n": ' + b"1" * 40 + b"}", OK),
        ("41 digits", b'{"n": ' + b"1" * 41 + b"}", REJECTED),
        ("5,000 digits", b'{"n": ' + b"1" * 5_000 + b"}", REJECTED),
        ("a fraction of 5,000 digits", b'{"n": 0.' + b"1" * 5_000 + b"}", REJECTED),
        ("1e40", b'{"n": 1e40}', OK),
        ("1e400", b'{"n": 1e400}', REJECTED),
        ("1e999999999", b'{"n": 1e999999999}', REJECTED),
        ("1e-400", b'{"n": 1e-400}', REJECTED),
        ("-0", b'{"n": -0}', OK),
        ("NaN", b'{"n": NaN}', REJECTED),
        ("Infinity", b'{"n": Infinity}', REJECTED),
        ("the same name twice", b'{"id": "a", "id": "b"}', OK | REJECTED),
        ("a lone surrogate", b'{"t": "\\ud800"}', OK | REJECTED),
        ("a surrogate pair", b'{"t": "\\ud83d\\ude00"}', OK),
        ("NUL escaped", b'{"t": "\\u0000"}', OK | REJECTED),
        ("NUL as it is", b'{"t": "\x00"}', REJECTED),
        ("NUL in a name", b'{"\\u0000": 1}', OK | REJECTED),
        ("a byte order mark", b"\xef\xbb\xbf{}", OK | REJECTED),
        ("UTF-16", '{"a": 1}'.encode("utf-16"), REJECTED),
        ("Latin-1", '{"a": "é"}'.encode("latin-1"), REJECTED),
        ("bytes", bytes(range(256)), REJECTED),
        ("no JSON", b"hello=world&a=b", REJECTED),
        ("broken off", b'{"a": [1, 2', REJECTED),
        ("two documents", b"{}{}", REJECTED),
        ("a comma too many", b'{"a": 1,}', REJECTED),
        ("a comment", b"{/* a */}", REJECTED),
        ("100 deep", b"[" * 99 + b"]" * 99, OK),
        ("10,000 deep", b"[" * 10_000 + b"]" * 10_000, REJECTED),
        ("100,000 deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, REJECTED),
        ("100,000 open brackets", b"[" * 100_000, REJECTED),
        ("20,000 keys", _keys(20_000), OK),
        ("60,000 keys", _keys(60_000), OK),
        ("an empty name", b'{"": 1}', OK),
        ("__proto__", b'{"__proto__": {"a": 1}}', OK),
        ("a formula", b'{"$expr": "run.id"}', OK),
        ("a reference to a file", b'{"$file": "blob_x"}', OK),
        ("a very long name", b'{"' + b"k" * 500_000 + b'": 1}', OK),
    ]
    return [Knock(name, _with(body), right) for name, body, right in json] + _requests()


def _keys(count: int) -> bytes:
    return b"{" + b",".join(b'"k%d":1' % number for number in range(count)) + b"}"


def _requests() -> list[Knock]:
    """Return what is wrong around the body."""
    big = b"{" + b" " * (8 * MIB) + b"}"
    return [
        Knock("as a form", _with(b"a=1&b=2", kind="application/x-www-form-urlencoded"), OK),
        Knock(
            "a form of bytes", _with(b"a=\xff", kind="application/x-www-form-urlencoded"), REJECTED
        ),
        Knock(
            "a form of 5,000 fields",
            _with(
                b"&".join(b"a%d=1" % n for n in range(5_000)),
                kind="application/x-www-form-urlencoded",
            ),
            REJECTED,
        ),
        Knock("as text", _with("héllo".encode(), kind="text/plain"), OK),
        Knock("as multipart", _with(b'{"a": 1}', kind="multipart/form-data; boundary=x"), OK),
        Knock("no kind", b"Content-Length: 2\r\n\r\n{}", OK),
        Knock("an odd kind", _with(b"{}", kind="application/json; charset=klingon"), OK),
        Knock("chunked", _chunked(b'{"a": 1}'), OK),
        Knock("chunked, a byte each", _chunked(b'{"a": 12345}', 1), OK),
        Knock("chunked, 8 MiB", _chunked(big), LARGE),
        Knock("longer than it says", _with(b'{"a": 1}      ', length=8), OK),
        Knock("shorter than it says", _with(b'{"a": 1}', length=800), LATE, 1.0),
        Knock("no length that is a number", b"Content-Length: abc\r\n\r\n{}", REFUSED),
        Knock("a negative length", b"Content-Length: -5\r\n\r\n{}", REFUSED),
        Knock("two lengths", b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}", REFUSED),
        Knock("a length of 10 GB", b"Content-Length: 10737418240\r\n\r\n{}", LARGE),
        Knock(
            "a length and chunks",
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            OK | REFUSED,
        ),
        Knock("a bad chunk", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", REFUSED),
        Knock("slow", _with(b'{"a": 1}'), LATE, 1.2),
        Knock("300 headers", b"X-A: 1\r\n" * 300 + _with(b"{}"), REFUSED),
        Knock("a header of 50 KB", b"X-A: " + b"a" * 50_000 + b"\r\n" + _with(b"{}"), REFUSED),
        Knock("NUL in a header", b"X-A: a\x00b\r\n" + _with(b"{}"), OK | REFUSED),
        Knock("Expect", b"Expect: 100-continue\r\n" + _with(b"{}"), OK | {100}),
    ]


async def bodies(field: Field) -> None:
    """Knock with everything on the list, side by side, several times."""
    listed = knocks()
    rounds = field.pick(1, 20)
    field.report.demand(knock=len(listed) * rounds)
    async with field.serving() as server:
        address = await server.publish(
            chain("body", [{**webhook(), "params": {}}, {"id": "seen", "type": "core.log",
                  "params": {"message": "seen"}}])
        )  # fmt: skip
        wrong: list[str] = []
        slowest = 0.0
        for _ in range(rounds):
            found = await asyncio.gather(*(_knock(server, address, one) for one in listed))
            for one, (status, took_s) in zip(listed, found, strict=True):
                field.report.faults["knock"] += 1
                field.report.acks += status in (200, 202)
                if not one.pause_s:
                    slowest = max(slowest, took_s)
                if status not in one.right:
                    wrong.append(f"{one.name}: answered {status}, right is {sorted(one.right)}")
        alive = await _knock(server, address, Knock("after all", _with(b"{}"), OK))
        await server.settled(20)
        await server.stop()
        records = read_sqlite(server.data)
        field.report.runs = records.states
    field.report.exactly("answers that were not right", len(wrong), 0)
    field.report.exactly("status of a good request afterwards", alive[0], 200)
    field.report.at_most("slowest answer", slowest, 5.0, "s")
    field.report.exactly("runs that did not succeed", _failed(records.states), 0)
    field.report.found_wrong(wrong)


def _failed(states: dict[str, int]) -> int:
    return sum(count for state, count in states.items() if state != "succeeded")


async def _knock(server: Server, address: str, one: Knock) -> tuple[int, float]:
    """Send bytes and return the status of the answer, 0 when there was none."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode()
    data = head + one.data
    answer = asyncio.create_task(reader.read(4_096))
    try:
        async with asyncio.timeout(10):
            for piece in _pieces(data) if one.pause_s else [data]:
                if answer.done():
                    break
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(one.pause_s)
            said = await answer
    except (TimeoutError, OSError):
        said = b""
        if answer.done() and not answer.cancelled() and answer.exception() is None:
            said = answer.result()
    finally:
        answer.cancel()
        writer.close()
    return (int(said[9:12]) if said[:5] == b"HTTP/" else 0), time.monotonic() - began


def _pieces(data: bytes) -> list[bytes]:
    """Return the head of a request, and its body in four."""
    end = data.index(b"\r\n\r\n") + 4
    body = data[end:]
    size = -(-len(body) // 4)
    return [data[:end], *(body[at : at + size] for at in range(0, len(body), size))]


CAMPAIGNS = (Campaign("body", "F22", "bodies and requests that nobody should send", bodies),)
