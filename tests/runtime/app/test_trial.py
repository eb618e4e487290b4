"""What `tramo check` and `tramo run` promise to scripts: exit codes, and nothing else on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from codecs import BOM_UTF8
from decimal import Decimal
from typing import Any

import pytest
from tramo.model.value import decode

MANUAL = {"id": "start", "type": "core.manual"}
HOOK = {"id": "hook", "type": "core.webhook"}
COPY = {"id": "copy", "type": "core.set", "params": {"fields": {"id": {"$expr": "start.id"}}}}

TELL = {
    "id": "tell",
    "type": "slack.post_message",
    "params": {"channel": "#vip", "text": "hello"},
}


def flow(nodes: list[dict[str, Any]], *edges: tuple[str, str]) -> bytes:
    drawn = [{"from": start, "to": end} for start, end in edges]
    document = {"format": 1, "id": "flow_t", "name": "T", "nodes": nodes, "edges": drawn}
    return json.dumps(document).encode()


SOUND = flow([MANUAL, COPY], ("start", "copy"))
TWO = flow([MANUAL, {**HOOK, "disabled": True}, COPY], ("start", "copy"), ("hook", "copy"))


@pytest.fixture
def tramo(tmp_path):
    """Run `tramo COMMAND` on a document, and on an event where there is one."""

    def run(command: str, document: bytes, event: bytes | None = None, *options: str):
        (tmp_path / "flow.json").write_bytes(document)
        arguments = [command, str(tmp_path / "flow.json"), "--json", *options]
        if event is not None:
            (tmp_path / "event.json").write_bytes(event)
            arguments += ["--event", str(tmp_path / "event.json")]
        env = {**os.environ, "TRAMO_DATA": str(tmp_path), "TRAMO_KEY_FILE": str(tmp_path / "key")}
        line = [sys.executable, "-m", "tramo.app.cli", *arguments]
        done = subprocess.run(line, env=env, capture_output=True, check=False)
        assert done.stderr == b""
        return done.returncode, decode(done.stdout)

    return run


@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["plain", "with a byte order mark"])
def test_a_run_shows_every_node_once_and_every_digit(tramo, mark):
    assert tramo("check", mark + SOUND) == (0, {"problems": []})
    event = mark + b'{"id": 820982911946154508, "total": 10.10}'
    code, run = tramo("run", mark + SOUND, event)
    assert (code, run["state"]) == (0, "succeeded")
    assert [step["node"] for step in run["steps"]] == ["start", "copy"]
    assert run["steps"][0]["output"]["total"].as_tuple() == Decimal("10.10").as_tuple()
    assert run["steps"][1]["output"] == {"id": 820982911946154508}


def test_a_trigger_that_is_switched_off_never_fires(tramo):
    code, run = tramo("run", TWO, b'{"id": 1}')
    assert (code, run["steps"][0]["node"]) == (0, "start"), "the other one needs no choosing"
    code, refused = tramo("run", TWO, b'{"id": 1}', "--trigger", "hook")
    assert (code, refused["code"]) == (1, "run.trigger_disabled")


@pytest.mark.parametrize(
    ("document", "event", "code"),
    [
        (SOUND[:40], b"{}", "flow.ends_early"),
        (SOUND, b'{"id":', "event.not_json"),
        (SOUND, b'{"id": NaN}', "event.not_json"),
        (SOUND, b"\xff\xfe{\0}\0", "event.not_json"),
        (SOUND, b"9" * 41, "event.not_json"),
    ],
)
def test_what_cannot_be_read_is_one_plain_sentence_and_exit_1(tramo, document, event, code):
    exit_code, said = tramo("run", document, event)
    (problem,) = said.get("problems") or [said]
    assert (exit_code, problem["code"]) == (1, code)
    assert problem["message"].endswith(".")
    assert "byte" not in problem["message"]


def test_a_further_flow_that_cannot_be_read_is_named(tramo, tmp_path):
    other = tmp_path / "other.json"
    other.write_bytes(b'{"id":')
    exit_code, said = tramo("run", SOUND, b"{}", "--also", str(other))
    assert (exit_code, said["code"]) == (1, "file.not_json")
    assert said["message"] == f"{other}: This is not JSON: it ends too early."


def test_a_webhook_tried_by_hand_carries_the_keys_that_its_door_would_find(tramo):
    hook = {**HOOK, "params": {"keys": {"order": "body.id"}}}
    document = flow([hook, {**TELL, "once": "order"}], ("hook", "tell"))
    event = b'{"body": {"id": 820982911946154508}, "headers": {}, "query": {}, "method": "POST"}'
    assert tramo("run", document, event, "--twins")[1]["state"] == "succeeded"
    code, run = tramo("run", document, event.replace(b"id", b"no"), "--twins")
    assert (code, run["reason"]) == (1, "once.key_missing")


def test_a_node_without_its_account_says_so_and_calls_nobody(tramo):
    document = flow([MANUAL, TELL], ("start", "tell"))
    code, run = tramo("run", document, b"{}")
    assert (code, run["state"], run["reason"]) == (1, "failed", "connection.missing")
    assert run["steps"][1]["attempts"] == 1
    assert "with twins" in run["steps"][1]["error"]["message"]
    assert tramo("run", document, b"{}", "--twins")[0] == 0
