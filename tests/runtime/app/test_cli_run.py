"""The commands for runs, as scripts use them, against a running server."""

from __future__ import annotations

import json
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tramo.app.cli import main
from tramo.model.value import decode

from tests.bench.server import free_port, start
from tests.kit import document
from tests.runtime.app.test_cli import Cli

HOOK = {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.order"}}}
STOP = {"id": "stop", "type": "core.stop", "params": {"outcome": "failed", "message": "No stock"}}
WAIT = {"id": "later", "type": "core.wait", "params": {"seconds": 86_400}}
EVENT = {"body": {"order": "1001"}, "headers": {}, "query": {}, "method": "POST"}


class Here:
    """`tramo` without a process of its own for each command."""

    def __init__(self, folder: Path, capture: Any) -> None:
        self.folder = folder
        self._capture = capture

    def __call__(self, *arguments: str, code: int = 0) -> bytes:
        """Run a command that exits with `code`; return what it printed."""
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = self._capture.readouterr()
        assert ended.value.code == code, out + err
        return out + err

    def json(self, *arguments: str) -> Any:
        return decode(self(*arguments, "--json"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    cli = Cli(tmp_path_factory.mktemp("server"))
    process = start(cli.env, free_port())
    yield cli
    process.send_signal(signal.SIGTERM)
    process.wait(20)


@pytest.fixture
def cli(server, capsysbinary, monkeypatch):
    for name in ("TRAMO_DATA", "TRAMO_KEY_FILE"):
        monkeypatch.setenv(name, server.env[name])
    return Here(server.folder, capsysbinary)


def published(cli, *nodes, **fields) -> str:
    drawn = [(a["id"], b["id"]) for a, b in pairwise(nodes)]
    path = cli.folder / "flow.json"
    path.write_text(json.dumps(document(list(nodes), drawn, **fields)))
    flow_id = cli.json("flow", "put", str(path))["id"]
    cli.json("flow", "publish", flow_id)
    (cli.folder / "event.json").write_text(json.dumps(EVENT))
    return flow_id


def started(cli, flow_id: str, *options: str) -> str:
    given = options or ("--event", str(cli.folder / "event.json"))
    return cli.json("flow", "start", flow_id, *given)["run"]


def test_a_run_is_found_tried_again_and_done_again(cli):
    first = started(cli, published(cli, HOOK, STOP))
    assert cli.json("runs", "show", first)["state"] == "failed"
    for options in (
        ("--state", "failed", "--state", "asking"),
        ("--key", "order:1001"),
        ("--text", "no stock"),
    ):
        assert [r["id"] for r in cli.json("runs", "list", *options)["items"]] == [first]
    second = cli.json("runs", "rerun", first, "--from", "start")["id"]
    family = cli.json("runs", "family", first)["items"]
    assert [run["id"] for run in family] == [first, second]
    assert b"Confirm it" in cli("runs", "again", first, "--confirm", "yes", code=1)
    again = cli.json("runs", "again", first, "--confirm", first)
    assert again["origin"] == again["id"]
    assert cli.json("runs", "steps", first, "--node", "stop")["total"] == 1
    assert cli.json("runs", "asking")["items"] == []
    assert cli.json("runs", "settle", "abort", "--flow", "flow_test")["answered"] == []


def test_what_goes_on_for_an_order_is_shown_hurried_and_stopped(cli):
    flow_id = published(cli, HOOK, WAIT, id="flow_wait")
    (cli.folder / "event.json").write_text(json.dumps(EVENT | {"body": {"order": "2002"}}))
    first = started(cli, flow_id)
    assert b"later: waiting" in cli("timeline", "show", "order", "2002")
    assert cli.json("runs", "hurry", first, "later")["state"] == "succeeded"
    second = started(cli, flow_id, "--record", "order:2002")
    assert cli.json("timeline", "stop", "order", "2002")["stopped"] == [second]
    assert cli.json("timeline", "hurry", "order", "2002")["hurried"] == []
    assert b"run.ended" in cli("runs", "cancel", second, code=1)


def test_runs_that_wait_on_an_older_version_move_to_the_live_one(cli):
    flow_id = published(cli, HOOK, WAIT, id="flow_move")
    waits = started(cli, flow_id)
    before = cli.json("runs", "show", waits)["version"]
    published(cli, HOOK, WAIT, STOP, id="flow_move")
    assert cli.json("runs", "move", flow_id) == {"moved": 1, "stay": []}
    assert cli.json("runs", "show", waits)["version"] != before
    assert b"Moved runs: 0." in cli("runs", "move", flow_id)


def test_variables_are_set_as_json_or_text(cli):
    cli.json("variable", "set", "rate", "0.190")
    cli.json("variable", "set", "name", "Ana", "--text")
    assert b"0.190" in cli("variable", "list")
    assert b"--text" in cli("variable", "set", "name", "Ana", code=1)
    cli("variable", "delete", "name")
    assert [item["name"] for item in cli.json("variable", "list")["items"]] == ["rate"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("runs", "show", ""), 1, b"is empty"),
        (("tables", "put", "stock", "\udcff", "row.json"), 2, b"not UTF-8"),
        (("run", "flow.json", "--event", "order.json", "--timeout", "nan"), 2, b"above 0"),
        (("run", "flow.json", "--event", "order.json", "--timeout", "-1"), 2, b"above 0"),
    ],
)
def test_what_no_command_can_mean_is_refused_in_a_sentence(cli, words, code, said):
    assert said in cli(*words, code=code)
