"""The command line, as scripts use it: against a server and against a data folder alike."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tramo.model.value import decode

from tests.bench.order import ORDER
from tests.bench.server import free_port, start

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


class Cli:
    """`tramo` on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "TRAMO_DATA": str(folder / "data"),
            "TRAMO_KEY_FILE": str(folder / "key.toml"),
        }

    def __call__(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "tramo.app.cli", *arguments]
        return subprocess.run(command, env=self.env, input=given, capture_output=True, check=False)

    def json(self, *arguments: str, given: bytes = b""):
        done = self(*arguments, "--json", given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return decode(done.stdout)


@pytest.fixture(params=["a running server", "a data folder"])
def cli(request, tmp_path):
    cli = Cli(tmp_path)
    if request.param == "a data folder":
        yield cli
        return
    process = start(cli.env, free_port())
    yield cli
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def flow(tmp_path, **fields) -> str:
    document = json.loads((EXAMPLES / "order_routing.json").read_text()) | fields
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_flow_goes_from_a_file_to_an_address_and_back(cli, tmp_path):
    path = flow(tmp_path)
    put = cli.json("flow", "put", path)
    assert put["problems"] == []
    published = cli.json("flow", "publish", put["id"])
    assert len(published["version"]) == 64
    assert "/in/" in published["addresses"][0]["url"]
    assert cli.json("flow", "publish", put["id"])["addresses"] == published["addresses"]
    listed = cli.json("flow", "list")["items"]
    assert [(item["id"], item["state"]) for item in listed] == [(put["id"], "active")]
    exported = cli("flow", "export", put["id"])
    assert decode(exported.stdout) == decode(Path(path).read_bytes())


def test_secrets_come_by_standard_input_and_are_never_printed(cli):
    secret = "xoxb-canary-1234567890"
    given = json.dumps({"bot_token": secret, "signing_secret": "hush"}).encode()
    made = cli(
        "connection", "put", "slack", "--name", "Chat", "--secret-stdin", "--json", given=given
    )
    assert made.returncode == 0, made.stdout + made.stderr
    listed = cli("connection", "list", "--json")
    assert secret.encode() not in made.stdout + listed.stdout
    assert set(decode(made.stdout)["secret_fields"]) == {"bot_token", "signing_secret"}
    again = cli(
        "connection", "put", "slack", "--name", "Chat", "--secret-stdin", "--json", given=given
    )
    assert decode(again.stdout)["id"] == decode(made.stdout)["id"]
    assert secret.encode() not in (cli.folder / "data" / "tramo.sqlite3").read_bytes()


def test_a_twin_needs_no_secret_and_shows_what_it_was_asked(cli):
    made = cli.json("connection", "put", "slack", "--name", "Chat", "--twin")
    assert cli.json("connection", "test", "Chat")["ok"] is True
    assert cli.json("connection", "twin", made["id"])["ledger"]


def test_a_token_is_printed_once(cli):
    made = cli.json("token", "create", "--name", "script", "--role", "viewer")
    assert made["token"].startswith("tramo_")


def test_what_is_not_there_is_said_on_stderr_and_exits_1(cli):
    done = cli("flow", "publish", "flow_nowhere")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"flow.unknown" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["flow", "put"],
        ["run", "x.json"],
        ["serve", "--port", "many"],
        ["check", "--what"],
    ],
)
def test_wrong_usage_exits_2(tmp_path, arguments):
    done = Cli(tmp_path)(*arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr + done.stdout


def test_runs_are_listed_searched_and_shown(tmp_path):
    cli = Cli(tmp_path)
    port = free_port()
    process = start(cli.env, port)
    try:
        put = cli.json("flow", "put", flow(tmp_path))
        address = cli.json("flow", "publish", put["id"])["addresses"][0]["url"]
        from urllib.request import Request, urlopen

        head = {"content-type": "application/json"}
        with urlopen(Request(address, data=ORDER, headers=head, method="POST")) as answer:
            said = decode(answer.read())
        listed = cli.json("runs", "list", "--state", "succeeded")["items"]
        assert [item["id"] for item in listed] == [said["run"]]
        shown = cli.json("runs", "show", said["run"])
        assert shown["event"]["payload"]["body"]["id"] == 820982911946154508
        assert cli("runs", "show", said["run"]).returncode == 0
        assert cli.json("runs", "list", "--state", "failed")["items"] == []
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not (tmp_path / "data" / "server.json").exists()
    assert [item["id"] for item in cli.json("runs", "list")["items"]] == [said["run"]]


def test_a_killed_servers_folder_is_opened_by_the_next_command(tmp_path):
    cli = Cli(tmp_path)
    process = start(cli.env, free_port())
    process.kill()
    process.wait()
    assert cli.json("flow", "list")["items"] == []
