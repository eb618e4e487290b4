"""The real server in a process of its own: it starts, serves, stops and leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tramo.model.value import decode

ROOT = Path(__file__).parents[2]
WITHIN_S = 30


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int, link: str) -> None:
        self.process = process
        self.port = port
        self.token = link.partition("#t=")[2]

    def call(self, method: str, path: str, body: str | None = None, **headers: str):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"content-type": "application/json"} if body else {}
        client.request(method, path, body and body.encode(), {**sent, **headers})
        answer = client.getresponse()
        answer.text = answer.read().decode()
        client.close()
        return answer

    def stop(self, name: int = signal.SIGTERM) -> int:
        self.process.send_signal(name)
        return self.process.wait(15)


SCRIPT = """
import sys
from pathlib import Path
from tramo.app.setting import load_settings
from tramo.model.problem import TramoError
from tramo_web.server import serve

folder, host, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

async def started(house):
    user = await house.accounts.ensure_owner(name="Ana", email="ana@example.com")
    link = await house.accounts.make_link("sign_in", user_id=user)
    print(link["url"], flush=True)

settings = load_settings({}, data=folder / "data", key_file=folder / "key", host=host, port=port)
try:
    sys.exit(serve(settings, started=started))
except TramoError as error:
    print(error.code, error.message, flush=True)
    sys.exit(3)
"""


def launch(folder: Path, port: int, host: str = "127.0.0.1") -> subprocess.Popen[str]:
    paths = os.pathsep.join(str(ROOT / room) for room in ("runtime", "web", "plugins"))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), host, str(port)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(folder: Path) -> Iterator[Served]:
    port = free_port()
    process = launch(folder, port)
    try:
        assert process.stdout is not None
        yield Served(process, port, process.stdout.readline().strip())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with running(tmp_path) as served:
        yield served


def enter(served: Served) -> dict[str, str]:
    """Sign in; return the headers that a page would send."""
    answer = served.call("POST", "/api/v1/links/redeem", f'{{"token": "{served.token}"}}')
    assert answer.status == 200, answer.text
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {"cookie": cookie, "x-csrf-token": decode(answer.text)["csrf"]}


def children(pid: int) -> list[str]:
    """Return the command lines of a process's children."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [Path(f"/proc/{child}/cmdline").read_text() for child in path.read_text().split()]


def is_alone(pid: int) -> bool:
    """Tell whether a process has no child but the one that writes what it is told."""
    until = time.monotonic() + WITHIN_S
    while not all("tramo.store.scribe_process" in child for child in children(pid)):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)  # It is being started, and looks like its parent until then.
    return True


def test_it_serves_and_stops_in_order(served):
    headers = enter(served)
    assert decode(served.call("GET", "/api/v1/health").text) == {"status": "ok"}
    session = decode(served.call("GET", "/api/v1/session", **headers).text)
    assert session["user"]["name"] == "Ana"
    assert session["public_url"] == f"http://127.0.0.1:{served.port}"
    made = served.call("POST", "/api/v1/flows", '{"name": "Ñandú 10.10"}', **headers)
    assert made.status == 201, made.text
    assert served.call("POST", "/in/unknown", "{}").status == 404
    assert served.call("GET", "/api/v1/flows", host="evil.example").status == 421
    assert made.headers["server"] == "tramo"
    # The one that serves holds everything; the other only writes what it is told (decision 0021).
    assert is_alone(served.process.pid)
    assert served.stop() == 0


def test_a_stop_ends_live_lines_and_lets_requests_end(served):
    headers = enter(served)
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    line.request("GET", "/api/v1/live", headers=headers)
    answer = line.getresponse()
    assert answer.readline() == b": tramo\n"
    began = time.monotonic()
    assert served.stop() == 0
    assert time.monotonic() - began < 40
    assert answer.read().strip() == b"", "the line ended as it should"


def test_a_client_that_vanishes_frees_its_line(served):
    headers = enter(served)
    for _ in range(15):
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        line.request("GET", "/api/v1/live", headers=headers)
        answer = line.getresponse()
        assert answer.status == 200
        assert answer.readline() == b": tramo\n"
        answer.close()
        line.close()
        time.sleep(0.05)


def test_killed_it_leaves_neither_process_nor_lock(tmp_path):
    with running(tmp_path) as first:
        group = os.getpgid(first.process.pid)
        first.stop(signal.SIGKILL)
        until = time.monotonic() + WITHIN_S
        while _alive(group) and time.monotonic() < until:
            time.sleep(0.01)  # The process that writes for it ends once it has noticed.
        assert _alive(group) == []
    with running(tmp_path) as second:
        assert second.call("GET", "/api/v1/health").status == 200


def _alive(group: int) -> list[str]:
    return [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and _group(entry) == group
    ]


def _group(entry: Path) -> int:
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return int(fields[2]) if fields[0] != "Z" else -1


def test_strangers_cannot_reach_a_server_without_an_owner(tmp_path):
    process = launch(tmp_path, free_port(), host="0.0.0.0")
    said, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 3
    assert said.startswith("serve.no_owner")
    with running(tmp_path) as served:
        enter(served)
    port = free_port()
    process = launch(tmp_path, port, host="0.0.0.0")
    assert process.stdout is not None
    assert "/start#t=" in process.stdout.readline()
    process.terminate()
    process.communicate(timeout=WITHIN_S)


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = launch(tmp_path, taken.getsockname()[1])
        said, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 3
    assert said.startswith("serve.port_taken")


def test_slow_headers_and_slow_bodies_are_given_up(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as slow:
        slow.sendall(b"POST /in/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        assert b" 408 " in slow.recv(4096)
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nhost: ")
        began = time.monotonic()
        slow.recv(4096)
        assert time.monotonic() - began < 50


def test_a_large_body_is_refused_on_the_wire(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as large:
        large.sendall(
            b"POST /in/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            + b"100000\r\n" + b"x" * 0x100000 + b"\r\n5\r\nxxxxx\r\n0\r\n\r\n"
        )  # fmt: skip
        assert b" 413 " in large.recv(4096)
