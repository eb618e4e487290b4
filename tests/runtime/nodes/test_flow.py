"""Control and data nodes in whole runs: the command line's runner, real store, jumping clock."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tramo.app.cli.main import main
from tramo.graph import check
from tramo.model.value import decode, encode
from tramo.registry import discover

from tests.kit import document

BIG = 820982911946154508
GO = {"id": "go", "type": "core.manual"}


def run(
    folder: Path, nodes: list[Any], *edges: tuple[str, ...], event: Any, answers: Any = ()
) -> Any:
    """Run a flow behind a manual trigger to its end; return the run with steps by place."""
    flow = document([GO, *nodes], list(edges), timezone="Europe/Madrid", keys={"order": "id"})
    names = {"flow": flow, "event": event, "answers": list(answers)}
    for name, value in names.items():
        (folder / f"{name}.json").write_bytes(encode(value))
    arguments = ["run", str(folder / "flow.json"), "--json", "--clock", "fast"]
    for name in ("event", "answers"):
        arguments += [f"--{name}", str(folder / f"{name}.json")]
    out = io.TextIOWrapper(io.BytesIO())
    with redirect_stdout(out), redirect_stderr(io.StringIO()), pytest.raises(SystemExit):
        main([*arguments, "--timeout", "30"])
    out.flush()
    said = decode(out.buffer.getvalue())  # type: ignore[attr-defined]
    said["steps"] = {(step["node"], *step["iteration"]): step for step in said["steps"]}
    return said


def node(id: str, type: str, inside: str | None = None, **params: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"id": id, "type": f"core.{type}", "params": params}
    return made | ({"inside": inside} if inside else {})


def expr(source: str) -> dict[str, str]:
    return {"$expr": source}


def output(found: Any, *place: Any) -> Any:
    return found["steps"][place]["output"]


def shape(found: Any, *place: Any) -> tuple[str, str | None]:
    step = found["steps"][place]
    return step["state"], step["port"]


AS_ROW = {"as": "row"}
LINES = [
    {"sku": "mug", "n": 1, "price": Decimal("1.10")},
    {"sku": "tee", "n": 2, "price": Decimal("2.20")},
    {"sku": "cap", "n": 3, "price": Decimal("3.30")},
]


def test_lists_sums_and_code_keep_every_digit(tmp_path: Path) -> None:
    nodes = [
        node("kept", "filter", items=expr("go.lines"), where=expr("row.n >= go.low"), **AS_ROW),
        node(
            "sums",
            "aggregate",
            items=expr("kept.items"),
            fields={"worth": {"op": "sum", "value": expr("item.price * item.n")}},
        ),
        node(
            "code",
            "code",
            inputs={"id": expr("go.id"), "worth": expr("sums.worth")},
            source="{'next': id + 1, 'half': worth / 2, 'worth': worth}",
        ),
        node("cap", "lookup", rows=expr("go.lines"), field="sku", value="cap"),
    ]
    edges = [("go", "kept"), ("kept", "sums"), ("sums", "code"), ("code", "cap")]
    found = run(tmp_path, nodes, *edges, event={"id": BIG, "low": 2, "lines": LINES})
    assert found["state"] == "succeeded"
    assert output(found, "code") == {
        "next": BIG + 1,
        "half": Decimal("7.15"),
        "worth": Decimal("14.30"),
    }
    assert str(output(found, "code")["worth"]) == "14.30"
    assert output(found, "cap") == {"found": True, "row": LINES[2]}


def test_each_item_of_nested_loops_waits_for_itself(tmp_path: Path) -> None:
    nodes = [
        node("parcels", "for_each", items=expr("go.parcels"), at_once=3, collect="lines", **AS_ROW),
        node("lines", "for_each", "parcels", items=expr("row.lines"), collect=expr("rest.at")),
        node("rest", "wait", "lines", seconds=expr("item")),
    ]
    event = {"id": 1, "parcels": [{"lines": [60, 30]}, {"lines": []}, {"lines": [3600]}]}
    found = run(tmp_path, nodes, ("go", "parcels"), event=event)
    assert found["state"] == "succeeded"
    results = [each["results"] for each in output(found, "parcels")["results"]]
    assert [len(each) for each in results] == [2, 0, 1]
    assert results[0][1] > results[0][0]  # One after the other within a parcel.
    assert shape(found, "rest", 2, 0) == ("succeeded", "out")


def test_an_error_port_and_a_join_inside_a_loop_take_each_item_their_way(tmp_path: Path) -> None:
    nodes = [
        node("lines", "for_each", items=expr("go.lines"), collect="end"),
        node("half", "code", "lines", inputs={"n": expr("item")}, source="10 / n")
        | {"on_error": "branch"},
        node(
            "fixed",
            "set",
            "lines",
            fields={"why": expr("half.code"), "at": expr("half.details.line")},
        ),
        node("end", "merge", "lines", wait="any"),
    ]
    edges = [("go", "lines"), ("half", "end"), ("half", "error", "fixed"), ("fixed", "end")]
    found = run(tmp_path, nodes, *edges, event={"id": 1, "lines": [4, 0]})
    assert found["state"] == "succeeded"
    assert output(found, "lines")["results"] == [
        {"half": Decimal("2.5")},
        {"fixed": {"why": "code.failed", "at": 1}},
    ]


def test_a_wait_is_left_when_it_has_no_sense_any_more(tmp_path: Path) -> None:
    nodes = [
        node("carts", "for_each", items=expr("go.carts"), at_once=2),
        node(
            "rest",
            "wait",
            "carts",
            seconds=86_400,
            leave_on={"type": "core.webhook", "key": "order", "value": expr("item")},
        ),
        node("remind", "set", "carts", fields={"cart": expr("item")}),
    ]
    event = {"type": "core.webhook", "keys": {"order": "7"}, "data": {"n": 1}}
    found = run(
        tmp_path,
        nodes,
        *(("go", "carts"), ("rest", "remind")),
        event={"id": 1, "carts": [7, 8]},
        answers=[{"at_s": 60, "event": event}],
    )
    assert found["state"] == "succeeded"
    assert shape(found, "rest", 0) == ("succeeded", "left")
    assert shape(found, "rest", 1) == ("succeeded", "out")
    assert ("remind", 1) in found["steps"]
    assert found["steps"].get(("remind", 0), {"state": "skipped"})["state"] == "skipped"


@pytest.mark.parametrize(
    ("answers", "port", "ended"),
    [
        ([{"on": "ask", "answer": {"port": "no", "data": {"why": "dear"}}}], "no", "answer"),
        ([{"on": "ask", "answer": {"port": "yes"}}], "yes", "answer"),
        ([], "no", "late"),
    ],
)
def test_an_approval_goes_by_its_answer_or_by_its_default(
    tmp_path: Path, answers: Any, port: str, ended: str
) -> None:
    asking = node("ask", "approve", title="Refund?", timeout_s=3600, default="no")
    nodes = [asking, node("yes", "set", fields={}), node("no", "set", fields={})]
    edges = [("go", "ask"), ("ask", "yes", "yes"), ("ask", "no", "no")]
    found = run(tmp_path, nodes, *edges, event={"id": 1}, answers=answers)
    assert found["state"] == "succeeded"
    assert shape(found, "ask") == ("succeeded", port)
    assert (output(found, "ask")["ended"], output(found, "ask")["port"]) == (ended, port)
    assert found["steps"][(port,)]["state"] == "succeeded"
    assert found["steps"][("yes" if port == "no" else "no",)]["state"] == "skipped"


@pytest.mark.parametrize(("count", "asked"), [(10, False), (11, True)])
def test_a_brake_asks_above_its_limit_only(tmp_path: Path, count: int, asked: bool) -> None:
    nodes = [node("brake", "brake", count=expr("go.count"), max=10), node("on", "set", fields={})]
    found = run(
        tmp_path,
        nodes,
        *(("go", "brake"), ("brake", "on")),
        event={"id": 1, "count": count},
        answers=[{"on": "brake", "answer": {"port": "out"}}] if asked else [],
    )
    assert found["state"] == "succeeded"
    assert output(found, "brake").get("asked", True) is asked
    assert found["steps"][("on",)]["state"] == "succeeded"


def test_code_runs_for_many_items_side_by_side(tmp_path: Path) -> None:
    nodes = [
        node("items", "for_each", items=expr("go.items"), at_once=5, collect=expr("code")),
        node("code", "code", "items", inputs={"n": expr("item")}, source="n * n"),
    ]
    found = run(tmp_path, nodes, ("go", "items"), event={"id": 1, "items": list(range(20))})
    assert output(found, "items")["results"] == [n * n for n in range(20)]


def test_code_that_fails_ends_the_run_with_its_line(tmp_path: Path) -> None:
    bad = node("code", "code", source="x = 1\nx + 'a'") | {"label": "Weigh"}
    found = run(tmp_path, [bad], ("go", "code"), event={"id": 1})
    assert found["state"] == "failed"
    error = found["steps"][("code",)]["error"]
    assert error["code"] == "code.failed"
    assert error["message"].startswith("“Weigh”: Line 2, column 1: unsupported operand")
    assert error["details"]["line"] == 2


def test_code_takes_inputs_by_names_that_python_can_read(tmp_path: Path) -> None:
    bad = node("code", "code", inputs={"order-id": 1}, source="1")
    found = run(tmp_path, [bad], ("go", "code"), event={"id": 1})
    error = found["steps"][("code",)]["error"]
    assert "“order-id” cannot name a variable in Python" in error["message"]


def test_code_cannot_be_put_together_from_data() -> None:
    made = node("code", "code", source={"$text": "print({{ go.x }})"})
    problems = check(document([GO, made], [("go", "code")]), discover().node_type)
    assert [problem.code for problem in problems] == ["params.fixed"]
