"""`tramo run --clock fast --answers`: time jumps, people answer, events come in."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tramo.app.cli.main import main
from tramo.app.play import JumpingClock
from tramo.model.value import decode
from tramo.outbound.pause import Pause
from tramo.sdk import Transient

TRIGGER = {"id": "go", "type": "core.manual"}


def run(
    folder: Path,
    nodes: list[Any],
    edges: list[str],
    answers: Any = None,
    event: Any = None,
    **more: Any,
) -> tuple[int, dict[str, Any]]:
    """Run a flow of `nodes` behind a manual trigger; edges are `a > b` or `a.port > b`."""
    made = []
    for text in edges:
        start, end = (side.strip() for side in text.split(">"))
        node, _, port = start.partition(".")
        made.append({"from": node, "to": end, "port": port or "out"})
    flow = {"format": 1, "id": "flow_t", "name": "T", "nodes": [TRIGGER, *nodes], "edges": made}
    (folder / "flow.json").write_text(json.dumps({**flow, **more}))
    (folder / "event.json").write_text(json.dumps({} if event is None else event))
    arguments = ["run", str(folder / "flow.json"), "--event", str(folder / "event.json")]
    if answers is not None:
        (folder / "answers.json").write_text(json.dumps(answers))
        arguments += ["--answers", str(folder / "answers.json")]
    code, said, _ = tramo(*arguments, "--clock", "fast", "--json", "--timeout", "20")
    return code, decode(said)


def tramo(*arguments: str) -> tuple[int, str, str]:
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    out.flush()
    err.flush()
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return int(exit_.value.code or 0), said[0], said[1]


def wait(**params: Any) -> dict[str, Any]:
    return {"id": "rest", "type": "core.wait", "params": params}


def mark(name: str) -> dict[str, Any]:
    return {"id": name, "type": "core.set", "params": {"fields": {"here": True}}}


def states(document: dict[str, Any]) -> dict[str, str]:
    return {step["node"]: step["state"] for step in document["steps"] if not step["iteration"]}


PAID = {"type": "core.webhook", "key": "order", "value": "1001"}


def test_thirty_days_pass_in_a_moment(tmp_path: Path):
    code, run_ = run(tmp_path, [wait(seconds=30 * 86_400), mark("on")], ["go > rest", "rest > on"])
    assert (code, run_["state"]) == (0, "succeeded")
    rest = next(step for step in run_["steps"] if step["node"] == "rest")
    assert rest["started_at"][:7] != rest["ended_at"][:7]


def test_an_event_at_its_virtual_second_ends_a_wait(tmp_path: Path):
    answers = [
        {
            "at_s": 3_600,
            "event": {"type": "core.webhook", "keys": {"order": "1001"}, "data": {"n": 5}},
        }
    ]
    nodes = [wait(event=PAID, timeout_s=86_400), mark("on"), mark("late")]
    code, run_ = run(tmp_path, nodes, ["go > rest", "rest > on", "rest.late > late"], answers)
    assert (code, states(run_)["on"], states(run_)["late"]) == (0, "succeeded", "skipped")
    rest = next(step for step in run_["steps"] if step["node"] == "rest")
    assert rest["output"]["event"] == {"n": 5}


def test_an_event_about_another_order_changes_nothing(tmp_path: Path):
    answers = [{"at_s": 60, "event": {"type": "core.webhook", "keys": {"order": "1002"}}}]
    nodes = [wait(event=PAID, timeout_s=86_400), mark("on"), mark("late")]
    _, run_ = run(tmp_path, nodes, ["go > rest", "rest > on", "rest.late > late"], answers)
    assert (states(run_)["on"], states(run_)["late"]) == ("skipped", "succeeded")


def test_who_has_bought_is_not_waited_for_any_longer(tmp_path: Path):
    answers = [{"on": "rest", "event": {"type": "core.webhook", "keys": {"order": "1001"}}}]
    nodes = [wait(seconds=86_400, leave_on=[PAID]), mark("remind"), mark("left")]
    _, run_ = run(tmp_path, nodes, ["go > rest", "rest > remind", "rest.left > left"], answers)
    assert (states(run_)["remind"], states(run_)["left"]) == ("skipped", "succeeded")


def test_an_event_that_came_before_the_wait_counts_from_the_start_of_the_run(tmp_path: Path):
    answers = [{"at_s": 10, "event": {"type": "core.webhook", "keys": {"order": "1001"}}}]
    first = {"id": "first", "type": "core.wait", "params": {"seconds": 60}}
    for since, expected in (("start", "succeeded"), ("now", "skipped")):
        nodes = [first, wait(event={**PAID, "since": since}, timeout_s=60), mark("on")]
        _, run_ = run(tmp_path, nodes, ["go > first", "first > rest", "rest > on"], answers)
        assert states(run_)["on"] == expected


def test_an_event_in_the_instant_of_the_deadline_comes_before_it(tmp_path: Path):
    answers = [{"at_s": 60, "event": {"type": "core.webhook", "keys": {"order": "1001"}}}]
    nodes = [wait(event=PAID, timeout_s=60), mark("on"), mark("late")]
    _, run_ = run(tmp_path, nodes, ["go > rest", "rest > on", "rest.late > late"], answers)
    assert (states(run_)["on"], states(run_)["late"]) == ("succeeded", "skipped")


def test_a_person_says_no(tmp_path: Path):
    ask = {"id": "ask", "type": "core.approve", "params": {"title": "Refund?"}}
    answers = [{"on": "ask", "answer": {"port": "no", "data": {"why": "too late"}}}]
    code, run_ = run(
        tmp_path,
        [ask, mark("yes"), mark("no")],
        ["go > ask", "ask.yes > yes", "ask.no > no"],
        answers,
    )
    assert (code, states(run_)["no"], states(run_)["yes"]) == (0, "succeeded", "skipped")


def test_without_an_answer_the_run_is_printed_as_waiting(tmp_path: Path):
    ask = {"id": "ask", "type": "core.approve", "params": {"title": "Refund?"}}
    code, run_ = run(tmp_path, [ask], ["go > ask"])
    assert (code, run_["state"]) == (1, "waiting")


def test_each_item_of_a_loop_is_answered_by_its_iteration(tmp_path: Path):
    nodes = [
        {
            "id": "each",
            "type": "core.for_each",
            "params": {
                "items": {"$expr": "go.items"},
                "at_once": 3,
                "collect": {"$expr": "ask.port"},
            },
        },
        {"id": "ask", "type": "core.approve", "inside": "each", "params": {"title": "Ok?"}},
    ]
    answers = [
        {"on": "ask", "iteration": [2], "answer": {"port": "no"}},
        {"on": "ask", "iteration": [0], "answer": {"port": "yes"}},
        {"at_s": 50, "answer": {"port": "no"}},
    ]
    _, run_ = run(tmp_path, nodes, ["go > each"], answers, {"items": [1, 2, 3]})
    each = next(step for step in run_["steps"] if step["node"] == "each")
    assert each["output"]["results"] == ["yes", "no", "no"]


def test_a_step_of_a_called_flow_is_answered_by_its_name(tmp_path: Path):
    nodes = [
        {"id": "called", "type": "core.flow_called"},
        {"id": "ask", "type": "core.approve", "params": {"title": "Ok?", "timeout_s": 60}},
        {"id": "say", "type": "core.set", "params": {"fields": {"by": {"$expr": "ask.by"}}}},
    ]
    edges = [{"from": "called", "to": "ask"}, {"from": "ask", "port": "yes", "to": "say"}]
    child = {"format": 1, "id": "flow_child", "name": "C", "nodes": nodes, "edges": edges}
    call = {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_child"}}
    parent = {
        "format": 1,
        "id": "flow_parent",
        "name": "P",
        "nodes": [TRIGGER, call],
        "edges": [{"from": "go", "to": "call"}],
    }
    answers = [
        {"on": "ask", "answer": {"port": "yes"}},
        {"on": "aks", "answer": {"port": "yes"}},
    ]
    files = {"child": child, "parent": parent, "event": {}, "answers": answers}
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    place = {name: str(tmp_path / f"{name}.json") for name in files}
    code, said, noted = tramo(
        *("run", place["parent"], "--also", place["child"], "--event", place["event"]),
        *("--answers", place["answers"], "--clock", "fast", "--json"),
    )
    run_ = decode(said)
    assert (code, run_["steps"][1]["output"]["output"]) == (0, {"by": "answers"})
    assert noted == "tramo: entry 1 of the answers file was not used.\n"


YES = {"answer": {"port": "yes"}}


@pytest.mark.parametrize(
    "answers",
    [
        {"on": "x"},
        [{"at_s": 1}],
        [{"on": "x", "outcome": "perhaps"}],
        [{"wat": 1}],
        [{"at_s": "5", **YES}],
        [{"at_s": True, **YES}],
        [{"at_s": -1, **YES}],
    ],
)
def test_an_answers_file_that_cannot_be_read_is_named(tmp_path: Path, answers: Any):
    (tmp_path / "flow.json").write_text(
        json.dumps({"format": 1, "id": "flow_t", "name": "T", "nodes": [TRIGGER], "edges": []})
    )
    (tmp_path / "event.json").write_text("{}")
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    code, _, said = tramo(
        *("run", str(tmp_path / "flow.json"), "--event", str(tmp_path / "event.json")),
        *("--answers", str(tmp_path / "answers.json")),
    )
    assert code == 1
    assert "answers file" in said


def each(items: list[Any], **params: Any) -> dict[str, Any]:
    return {"id": "each", "type": "core.for_each", "params": {"items": items, **params}}


def outputs(document: dict[str, Any], node: str) -> list[Any]:
    return [step["output"] for step in document["steps"] if step["node"] == node]


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_loop_with_nothing_in_it_ends_and_may_collect(tmp_path: Path, at_once: int):
    loop = each([1, 2, 3], at_once=at_once, collect={"$expr": "item * 2 + index"})
    code, run_ = run(tmp_path, [loop, mark("on")], ["go > each", "each.done > on"])
    assert (code, states(run_)["on"]) == (0, "succeeded")
    assert outputs(run_, "each") == [{"count": 3, "failed": 0, "results": [2, 5, 8]}]


def test_a_batch_that_another_item_of_its_loop_fills_goes_on_at_once(tmp_path: Path):
    batch = {
        "id": "batch",
        "type": "core.batch",
        "inside": "each",
        "params": {"item": {"$expr": "item"}, "size": 2},
    }
    code, run_ = run(tmp_path, [each([1, 2, 3, 4], at_once=4), batch], ["go > each"])
    assert (code, run_["state"]) == (0, "succeeded")
    assert [given.get("items") for given in outputs(run_, "batch")] == [[1, 2], None, [3, 4], None]


def test_a_stored_step_that_fails_names_its_node_first(tmp_path: Path):
    seen = {"id": "seen", "type": "core.dedupe", "params": {"key": {"$expr": "go.id"}}}
    _, run_ = run(tmp_path, [seen], ["go > seen"], event={"id": None})
    assert run_["error"]["message"].startswith("“seen”: “key” is empty")


async def test_a_pause_that_a_vendor_asked_for_is_over_when_the_clock_has_jumped_past_it():
    clock = JumpingClock()
    pause = Pause(clock)
    pause.begin("account", 60)
    with pytest.raises(Transient):
        await pause.wait("account", "Shop")
    clock.jump_to(clock.now_ms() + 61_000)
    await pause.wait("account", "Shop")


FIRST = {"id": "first", "type": "core.merge", "params": {"wait": "first"}}
ENDLESS = {"id": "endless", "type": "core.batch", "params": {"item": 1, "size": 5}}


def test_a_batch_that_lost_a_race_is_let_go(tmp_path: Path):
    edges = ["go > rest", "go > endless", "rest > first", "endless > first", "first > on"]
    code, run_ = run(tmp_path, [wait(seconds=3), ENDLESS, FIRST, mark("on")], edges)
    assert (code, states(run_)["endless"], states(run_)["on"]) == (0, "cancelled", "succeeded")


def test_a_loop_that_failed_waits_for_no_batch_in_it(tmp_path: Path):
    rules = [{"port": "gather", "when": {"$expr": "item == 1"}}]
    inside = [
        {"id": "way", "type": "core.branch", "params": {"rules": rules}},
        ENDLESS,
        wait(seconds=3),
        {"id": "bad", "type": "core.set", "params": {"fields": {"n": {"$expr": "1 / 0"}}}},
    ]
    code, run_ = run(
        tmp_path,
        [each([1, 2], at_once=2), *({**node, "inside": "each"} for node in inside), mark("on")],
        ["go > each", "way.gather > endless", "way.else > rest", "rest > bad", "each.done > on"],
    )
    assert (code, run_["state"], run_["reason"]) == (1, "failed", "loop.item_failed")
    assert [s["state"] for s in run_["steps"] if s["node"] == "endless"] == ["cancelled", "skipped"]


def test_a_flow_that_calls_itself_is_tried_as_it_stands(tmp_path: Path):
    deeper = [{"port": "deeper", "when": {"$expr": "go.n < 4"}}]
    again = {"flow": "flow_t", "event": {"n": {"$expr": "go.n + 1"}}}
    nodes = [
        {"id": "way", "type": "core.branch", "params": {"rules": deeper}},
        {"id": "again", "type": "core.call_flow", "params": again},
        {"id": "end", "type": "core.set", "params": {"fields": {"n": {"$expr": "go.n"}}}},
        {"id": "up", "type": "core.set", "params": {"fields": {"n": {"$expr": "again.output.n"}}}},
    ]
    edges = ["go > way", "way.deeper > again", "again > up", "way.else > end"]
    code, run_ = run(tmp_path, nodes, edges, event={"n": 1})
    assert (code, outputs(run_, "up")) == (0, [{"n": 4}])
