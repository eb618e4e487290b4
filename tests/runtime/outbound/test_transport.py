"""The transport against real servers: what reaches whom, what comes back, what a failure means."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
import zlib

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tramo.outbound.address import AddressPolicy
from tramo.outbound.failure import AddressRefused, TooLarge
from tramo.outbound.transport import AiohttpTransport
from tramo.ports.http import Interrupted, NotSent, Request

from tests.runtime.outbound.server import Answers, http_server, raw_server


@pytest.fixture
async def transport():
    """A transport for which the loopback is on the operator's list, under one name."""
    transport = AiohttpTransport(
        policy=AddressPolicy(["shop.test", "127.0.0.1"]), resolver=Answers(["127.0.0.1"])
    )
    yield transport
    await transport.close()


def request(port: int, path: str = "/", method: str = "GET", **fields) -> Request:
    return Request(method=method, url=f"http://shop.test:{port}{path}", **fields)


async def echo(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        },
        headers=[("X-Two", "a"), ("X-Two", "b"), ("Set-Cookie", "session=1")],
    )


async def test_a_request_arrives_as_it_was_given_and_nothing_is_added(transport):
    async with http_server(echo) as port:
        sent = request(port, "/a%2Fb?x=%2B&y=1", "POST", headers={"X-One": "1"}, body=b"{}")
        answer = await transport.send(sent)
        again = (await transport.send(sent)).json()
    seen = answer.json()
    assert (answer.status, seen["method"], seen["path"]) == (200, "POST", "/a%2Fb?x=%2B&y=1")
    assert seen["body"] == "{}"
    assert seen["headers"] == {
        "host": f"shop.test:{port}",
        "x-one": "1",
        "accept-encoding": "gzip, deflate",
        "content-length": "2",
    }
    assert answer.headers["x-two"] == "a, b"
    assert "cookie" not in again["headers"]


async def test_connections_are_used_again_and_resolved_once():
    peers = set()

    async def note(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response()

    resolver = Answers(["127.0.0.1"])
    transport = AiohttpTransport(policy=AddressPolicy(["shop.test"]), resolver=resolver)
    async with http_server(note) as port:
        for _ in range(5):
            await transport.send(request(port, "/", "POST"))
        await transport.close()
    assert len(peers) == 1
    assert resolver.asked == ["shop.test"]


async def test_a_name_that_leads_inside_is_refused_though_another_address_is_public(monkeypatch):
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response()

    async with http_server(canary) as port:
        for answer in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["::1"]):
            transport = AiohttpTransport(resolver=Answers(answer))
            with pytest.raises(AddressRefused, match="TRAMO_PRIVATE_HOSTS"):
                await transport.send(request(port))
            await transport.close()
        transport = AiohttpTransport()  # the operating system's own resolver
        for host in ("127.0.0.1", "localhost", "localhost.", "2130706433", "0x7f.1", "0", "[::1]"):
            with pytest.raises(NotSent):
                await transport.send(Request(method="GET", url=f"http://{host}:{port}/"))
        await transport.close()
    assert hits == []


async def test_rebinding_never_reaches_the_loopback():
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response()

    async with http_server(canary) as port:
        for turn in range(100):
            # A public answer for the check, a private one for whoever asks a second time; and the
            # other way round. 192.0.0.8 stands for the public host: listed here, and silent.
            answers = [["192.0.0.8"], ["127.0.0.1"]]
            resolver = Answers(*answers[turn % 2 :], *answers[: turn % 2])
            transport = AiohttpTransport(policy=AddressPolicy(["192.0.0.8"]), resolver=resolver)
            with pytest.raises(NotSent):
                await transport.send(request(port, timeout_s=0.01))
            await transport.close()
            assert resolver.asked == ["shop.test"]
    assert hits == []


async def test_a_connection_that_turns_out_to_lead_elsewhere_carries_no_byte():
    """The second wall: who is at the other end is asked of the socket, not of the resolver."""
    heard = []
    left = asyncio.Event()

    async def listen(reader, writer):
        heard.append(await reader.read(100))
        left.set()

    class Fooled(AddressPolicy):
        def check(self, host, addresses):
            """Let everything pass, as if the resolver's answer had been judged wrongly."""

    async with raw_server(listen) as port:
        sender = AiohttpTransport(policy=Fooled(), resolver=Answers(["127.0.0.1"]))
        with pytest.raises(NotSent):
            await sender.send(request(port, "/", "POST", body=b"secret"))
        await sender.close()
        async with asyncio.timeout(50):
            await left.wait()
    assert heard == [b""]


async def test_a_redirect_is_handed_back_not_followed(transport):
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})

    async with http_server(away) as port:
        answer = await transport.send(request(port))
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_certainly_never_arrived_is_not_sent(transport, method, unused_tcp_port):
    with pytest.raises(NotSent, match="could not be reached"):
        await transport.send(request(unused_tcp_port, "/", method))

    class NoSuchName:
        async def resolve(self, host):
            raise OSError("Name or service not known")

    lost = AiohttpTransport(resolver=NoSuchName())
    with pytest.raises(NotSent, match="could not be resolved"):
        await lost.send(request(80, "/", method))
    await lost.close()

    async with http_server(echo) as port:  # no TLS here: the handshake fails before the request
        with pytest.raises(NotSent):
            await transport.send(Request(method=method, url=f"https://shop.test:{port}/"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
        b"this is not HTTP\r\n\r\n",
    ],
    ids=["reset", "truncated", "half a chunk", "damaged gzip", "brotli", "not http"],
)
async def test_a_broken_answer_may_have_arrived_and_is_never_sent_twice(transport, method, answer):
    arrived = []

    async def talk(reader, writer):
        arrived.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as port:
        with pytest.raises(Interrupted) as broken:
            await transport.send(request(port, "/", method))
    assert len(arrived) == 1
    assert "Error" not in str(broken.value), "these are a person's words"
    assert "\n" not in str(broken.value)


async def test_one_deadline_bounds_everything(transport):
    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw_server(drip) as port:
        started = asyncio.get_running_loop().time()
        with pytest.raises(Interrupted, match="no answer within"):
            await transport.send(request(port, timeout_s=0.2))
        assert asyncio.get_running_loop().time() - started < 10, "not the 20 s that it drips"


@pytest.mark.parametrize("form", ["plain", "declared", "gzip", "two gzips", "deflate", "raw"])
async def test_an_answer_past_the_cap_is_cut_off_however_it_is_packed(form):
    plain = b"\0" * 50_000_000
    raw = zlib.compressobj(wbits=-15)
    body, encoding = {
        "plain": lambda: (plain[:200_000], ""),
        "declared": lambda: (plain[:200_000], ""),
        "gzip": lambda: (gzip.compress(plain), "gzip"),
        "two gzips": lambda: (gzip.compress(plain[:90_000]) * 2, "gzip"),
        "deflate": lambda: (zlib.compress(plain), "deflate"),
        "raw": lambda: (raw.compress(plain) + raw.flush(), "deflate"),
    }[form]()

    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\n"
        if encoding:
            head += f"Content-Encoding: {encoding}\r\n"
        if form != "plain":
            head += f"Content-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    capped = AiohttpTransport(
        policy=AddressPolicy(["shop.test"]), resolver=Answers(["127.0.0.1"]), response_bytes=100_000
    )
    async with raw_server(talk) as port:
        with pytest.raises(TooLarge, match="100,000 bytes"):
            await capped.send(request(port))
    await capped.close()


@pytest.mark.parametrize("form", ["gzip", "two gzips", "deflate", "raw", "nothing"])
async def test_a_compressed_answer_is_read(transport, form):
    raw = zlib.compressobj(wbits=-15)
    body, encoding, text = {
        "gzip": (gzip.compress(b"hello"), "gzip", b"hello"),
        "two gzips": (gzip.compress(b"hel") + gzip.compress(b"lo"), "gzip", b"hello"),
        "deflate": (zlib.compress(b"hello"), "deflate", b"hello"),
        "raw": (raw.compress(b"hello") + raw.flush(), "deflate", b"hello"),
        "nothing": (b"", "gzip", b""),
    }[form]

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    async with http_server(serve) as port:
        answer = await transport.send(request(port))
    assert answer.body == text
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-B: 2"}, {"X-A": "1\n2"}, {"X-A": "\0"}, {"X-A\r\nX-B": "1"}, {"X A": "1"},
        {"": "1"}, {"Host": "evil.example"}, {"content-length": "0"}, {"Transfer-Encoding": "x"},
        {"Connection": "close"}, {"Proxy-Authorization": "x"}, {"X-A": "ț"},
    ],
)  # fmt: skip
async def test_a_header_that_could_break_out_is_never_sent(transport, headers):
    hits = []

    async def canary(request: web.Request) -> web.Response:
        hits.append(1)
        return web.Response()

    async with http_server(canary) as port:
        with pytest.raises(NotSent):
            await transport.send(request(port, headers=headers))
    assert hits == []


async def test_an_odd_method_is_never_sent(transport):
    for method in ("CONNECT", "TRACE", "GET / HTTP/1.1\r\nX: y", "get", ""):
        with pytest.raises(NotSent):
            await transport.send(request(1, "/", method))


async def test_proxies_named_in_the_environment_are_ignored(transport, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with http_server(echo) as port:
        assert (await transport.send(request(port))).status == 200


def certificate(name: str, tmp_path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a server's and a client's TLS side for one host name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2090, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "pair.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "pair.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_the_host_name_is_kept_for_tls_though_the_address_is_pinned(tmp_path):
    server, client = certificate("shop.test", tmp_path)
    names = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    async with http_server(echo, ssl_context=server) as port:
        for host, fine in (("shop.test", True), ("other.test", False)):
            transport = AiohttpTransport(
                policy=AddressPolicy(["127.0.0.1"]), resolver=Answers(["127.0.0.1"]), tls=client
            )
            sent = transport.send(Request(method="POST", url=f"https://{host}:{port}/"))
            if fine:
                assert (await sent).json()["headers"]["host"] == f"shop.test:{port}"
            else:
                with pytest.raises(NotSent, match="certificate"):
                    await sent
            await transport.close()
    assert names == ["shop.test", "other.test"]
