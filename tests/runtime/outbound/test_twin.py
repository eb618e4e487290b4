"""A twin is reached like its vendor, never by the network, and forgets nothing it has answered."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tramo import sdk
from tramo.app.port import SystemIds, TaskSpawn
from tramo.model.connection import Connection
from tramo.outbound import Outbound, TwinHouse

from tests.runtime.outbound.server import Answers, StillClock, raw_server


class Account(sdk.Credential):
    host: str
    token: sdk.Secret


class PostTwin(sdk.Twin):
    """A post office: counts letters by HTTP, and takes them by its own protocol too."""

    hosts = ("post.example", "*.post.example")

    def fresh_state(self):
        return {"letters": []}

    @sdk.route("POST", "/letters")
    async def post(self, request: sdk.TwinRequest) -> sdk.Response:
        if request.headers.get("authorization") != f"Bearer {self.credential['token']}":
            return sdk.json_response({"error": "who"}, 401)
        self.state["letters"].append(request.json())
        return sdk.json_response({"count": len(self.state["letters"])}, 201)

    @sdk.route("GET", "/letters/{number}")
    async def read(self, request: sdk.TwinRequest) -> sdk.Response:
        return sdk.json_response(self.state["letters"][int(request.params["number"])])

    def happen(self, topic=None, payload=None):
        self.state["letters"].append(payload)
        return sdk.Delivery(headers={"x-topic": topic or ""}, body=sdk.encode(payload))

    async def serve(self, reader, writer):
        while line := (await reader.readline()).strip():
            self.state["letters"].append(line.decode())
            writer.write(b"taken\r\n")
            await writer.drain()
        writer.close()


def definition(twin=PostTwin) -> sdk.Definition:
    connector = sdk.Connector(
        "post",
        title="Post",
        credential=Account,
        base_url="https://post.example/",
        hosts=("{host}", "elsewhere.example"),
        auth=sdk.Bearer("token"),
    )
    if twin is not None:
        connector.twin(twin)
    return connector.tramo_connector()


class House:
    def __init__(self, folder: Path | None) -> None:
        clock = StillClock()
        self.twins = TwinHouse(clock=clock, ids=SystemIds(), spawn=TaskSpawn(), folder=folder)
        self.resolver = Answers(["127.0.0.1"])
        self.outbound = Outbound(clock=clock, twins=self.twins, resolver=self.resolver)

    def context(self, token: str = "right", id: str = "conn_1", twin=PostTwin):
        return self.outbound.context(
            definition(twin),
            Connection(id=id, name="Post", connector="post", target="twin"),
            Account(host="mail.post.example", token=token),
        )


async def test_a_twin_answers_for_the_vendors_own_address_and_nobody_is_asked_for_it(tmp_path):
    house = House(tmp_path)
    answer = await house.context().http.post("letters", json={"n": 820982911946154508})
    assert answer.json() == {"count": 1}
    assert (await house.context().http.get("letters/0")).json() == {"n": 820982911946154508}
    assert house.resolver.asked == []
    ledger = house.twins.open("conn_1", definition(), {"token": "right"}).twin.ledger
    assert [(line.method, line.path, line.status) for line in ledger] == [
        ("POST", "/letters", 201),
        ("GET", "/letters/0", 200),
    ]


async def test_a_twin_refuses_what_its_vendor_would(tmp_path):
    ctx = House(tmp_path).context(token="wrong")
    ctx.credential.token = "other"  # as if the account had changed the token
    with pytest.raises(sdk.CredentialRefused):
        await ctx.http.post("letters", json=1)


async def test_a_twin_connection_never_reaches_the_network(tmp_path):
    house = House(tmp_path)
    with pytest.raises(sdk.BadParams, match="does not stand for"):
        await house.context().http.post("https://elsewhere.example/x")
    with pytest.raises(sdk.BadParams, match="may not reach"):
        await house.context().connect("other.example", 25)
    assert house.resolver.asked == []


async def test_what_a_twin_answered_it_still_knows_after_a_restart(tmp_path):
    await House(tmp_path).context().http.post("letters", json="one")
    await House(tmp_path).context().http.post("letters", json="two")
    again = House(tmp_path).context()
    assert (await again.http.get("letters/0")).json() == "one"
    other = House(tmp_path).context(id="conn_2")
    assert (await other.http.post("letters", json="x")).json() == {"count": 1}


KILLED = """
import asyncio, os, signal, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from tests.runtime.outbound.test_twin import House

async def main():
    house = House(Path(sys.argv[1]))
    for n in range(10**9):
        count = (await house.context().http.post("letters", json=n)).json()["count"]
        print(count, flush=True)
        if count == 25:
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_killing_the_process_loses_nothing_that_was_answered(tmp_path):
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parents[3])],
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[-1:] == ["25"], done.stderr
    answer = await House(tmp_path).context().http.post("letters", json="after")
    assert answer.json() == {"count": 26}


async def test_many_requests_at_once_are_all_kept(tmp_path):
    house = House(tmp_path)
    calls = [house.context().http.post("letters", json=n) for n in range(100)]
    assert len(await asyncio.gather(*calls)) == 100
    assert (await House(tmp_path).context().http.post("letters", json=1)).json()["count"] == 101


async def test_a_memory_that_cannot_be_read_is_put_aside(tmp_path, caplog):
    (tmp_path / "conn_1.json").write_bytes(b'{"half": ')
    answer = await House(tmp_path).context().http.post("letters", json="x")
    assert answer.json() == {"count": 1}
    assert (tmp_path / "conn_1.unreadable").read_bytes() == b'{"half": '


async def test_without_a_folder_a_twin_lives_in_memory_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    house = House(None)
    await house.context().http.post("letters", json=1)
    assert (await house.context().http.post("letters", json=1)).json() == {"count": 2}
    assert list(tmp_path.iterdir()) == []


async def test_what_happens_at_a_twin_is_kept_before_its_delivery_goes_out(tmp_path):
    twin = House(tmp_path).twins.open("conn_1", definition(), {"token": "right"})
    delivery = await twin.happen("letter", {"id": 1})
    assert (delivery.headers, delivery.body) == ({"x-topic": "letter"}, b'{"id":1}')
    assert (await House(tmp_path).context().http.get("letters/0")).json() == {"id": 1}


async def test_a_forgotten_twin_starts_anew(tmp_path):
    house = House(tmp_path)
    await house.context().http.post("letters", json=1)
    house.twins.forget("conn_1")
    assert (await house.context().http.post("letters", json=1)).json() == {"count": 1}


async def test_a_connector_without_a_twin_says_so(tmp_path):
    with pytest.raises(sdk.Unavailable, match="has no twin"):
        House(tmp_path).context(twin=None)


async def test_a_twin_speaks_its_own_protocol_and_keeps_what_it_confirmed(tmp_path):
    house = House(tmp_path)
    ctx = house.context()
    opened = await ctx.connect("mail.post.example", 25)
    assert not ctx.sent
    reader, writer = await asyncio.open_connection(sock=opened)
    for letter in (b"first\r\n", b"second\r\n"):
        writer.write(letter)
        assert await reader.readline() == b"taken\r\n"
        kept = (tmp_path / "conn_1.json").read_bytes()
        assert letter.strip() in kept
    writer.write(b"\r\n")
    assert await reader.read() == b""
    writer.close()


# Sockets to the real world ----------------------------------------------------------------------


def live(host: str, *private_hosts: str):
    clock = StillClock()
    door = Outbound(
        clock=clock,
        twins=TwinHouse(clock=clock, ids=SystemIds(), spawn=TaskSpawn()),
        private_hosts=private_hosts,
        resolver=Answers(["127.0.0.1"]),
    )
    return door.context(
        definition(),
        Connection(id="conn_1", name="Post", connector="post"),
        Account(host=host, token="topsecret"),
    )


async def test_a_socket_leads_to_the_connections_host_and_is_the_callers():
    async def greet(reader, writer):
        writer.write(b"220 hello\r\n")
        await writer.drain()
        await reader.read(1)

    async with raw_server(greet) as port:
        ctx = live("mail.example", "mail.example")
        opened = await ctx.connect("mail.example", port)
        reader, writer = await asyncio.open_connection(sock=opened)
        assert await reader.readline() == b"220 hello\r\n"
        writer.close()
    assert not ctx.sent
    ctx.sending()
    assert ctx.sent


async def test_a_socket_never_leads_inside_nor_to_another_host():
    hits = []

    async def canary(reader, writer):
        hits.append(1)

    async with raw_server(canary) as port:
        for host, allowed in (
            ("mail.example", False),
            ("127.0.0.1", False),
            ("localhost", False),
            ("mail.example", True),
        ):
            ctx = live(host)
            asked = "evil.example" if allowed else host
            with pytest.raises(sdk.BadParams):
                await ctx.connect(asked, port)
    assert hits == []


async def test_a_socket_that_nobody_answers_is_settled(unused_tcp_port):
    ctx = live("mail.example", "mail.example")
    with pytest.raises(sdk.Transient, match="could not be reached") as raised:
        await ctx.connect("mail.example", unused_tcp_port)
    assert raised.value.settled
    for port in (0, 70_000, -1):
        with pytest.raises(sdk.BadParams, match="not a port"):
            await ctx.connect("mail.example", port)


async def test_keys_are_noted_once_with_their_connection():
    ctx = live("mail.example")
    ctx.add_key("letter", "7")
    ctx.add_key("letter", "7")
    assert ctx.keys == [sdk.Key("letter", "7", "conn_1")]
