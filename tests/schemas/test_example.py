"""The example flows: sound, in every installed node type, and fed by events of the right shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tramo.app.play import read_answers
from tramo.graph import check, load, version_id
from tramo.model.flow import Flow
from tramo.model.problem import Problem
from tramo.model.value import decode
from tramo.registry import discover

EXAMPLES = sorted((Path(__file__).parents[2] / "schemas" / "examples").glob("*.json"))
ANSWERS = sorted((Path(__file__).parents[2] / "schemas" / "examples" / "answers").glob("*.json"))
REGISTRY = discover()
WIDTH, HEAD, ROW, PADDING = 248, 64, 26, 34
"""What the canvas draws of a node: its width, its head, a row for each port; room in a box."""


def test_the_flows_that_docs_and_demo_name_exist() -> None:
    names = {path.stem for path in EXAMPLES}
    assert names >= {"hello", "vip_orders", "order_routing", "low_stock", "cancelled_order"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_no_problem_but_accounts_to_choose(path: Path) -> None:
    problems: list[Problem] = check(path.read_bytes(), REGISTRY.node_type)
    assert {problem.code for problem in problems} <= {"node.connection_missing"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_laid_out_and_named_like_its_file(path: Path) -> None:
    flow = load(path.read_bytes())
    assert flow.id == f"flow_{path.stem}"
    assert set(flow.layout) == {node.id for node in flow.nodes}


def test_no_two_examples_are_the_same_flow() -> None:
    versions = {version_id(load(path.read_bytes())) for path in EXAMPLES}
    assert len(versions) == len(EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_has_an_event_as_one_of_its_triggers_would_output_it(path: Path) -> None:
    raw = (path.parent / "events" / path.name).read_bytes()
    decode(raw)
    kinds = [REGISTRY.node_type(node.type, node.v) for node in load(path.read_bytes()).nodes]
    triggers = [kind for kind in kinds if kind is not None and kind.kind == "trigger"]
    fits = [
        kind.output_schema is None
        or jsonschema_rs.validator_for(_plain(kind.output_schema)).is_valid(json.loads(raw))
        for kind in triggers
    ]
    assert any(fits)


def _plain(schema: Any) -> Any:
    """Return a schema in which amounts are JSON numbers, as in a run."""
    decimal, number = '"type": "string", "format": "decimal"', '"type": ["string", "number"]'
    return json.loads(json.dumps(schema).replace(decimal, number))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_from_left_to_right_and_no_node_covers_another(path: Path) -> None:
    flow = load(path.read_bytes())
    for edge in flow.edges:
        assert flow.layout[edge.from_][0] + WIDTH < flow.layout[edge.to][0], edge
    rooms = sorted((*flow.layout[node.id], _height(flow, node.id), node.id) for node in flow.nodes)
    for number, (x, y, height, id) in enumerate(rooms):
        for other_x, other_y, other_height, other in rooms[number + 1 :]:
            apart = other_x >= x + WIDTH or other_y >= y + height or y >= other_y + other_height
            assert apart, f"{id} and {other} cover each other"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_box_of_a_loop_holds_what_stands_inside_it_and_nothing_else(path: Path) -> None:
    flow = load(path.read_bytes())
    around = {node.id: node.inside for node in flow.nodes}
    for loop in set(around.values()) - {None}:
        inside = [id for id in around if loop in _boxes(id, around)]
        left, top = (min(flow.layout[id][axis] for id in inside) - PADDING for axis in (0, 1))
        right = max(flow.layout[id][0] for id in inside) + WIDTH + PADDING
        bottom = max(flow.layout[id][1] + _height(flow, id) for id in inside) + PADDING
        for id in set(around) - {loop, *inside}:
            x, y = flow.layout[id]
            apart = x >= right or left >= x + WIDTH or y >= bottom or top >= y + _height(flow, id)
            assert apart, f"{id} stands in the box of {loop}"


def _boxes(id: str, around: dict[str, str | None]) -> list[str]:
    """Return the loops that a node is inside of, the innermost first."""
    loop = around[id]
    return [] if loop is None else [loop, *_boxes(loop, around)]


def _height(flow: Flow, id: str) -> int:
    """Return how high a node with the ports that edges leave by is drawn, at the least."""
    node = next(node for node in flow.nodes if node.id == id)
    kind = REGISTRY.node_type(node.type, node.v)
    assert kind is not None
    left = {edge.port for edge in flow.edges if edge.from_ == id} | {
        port.name for port in kind.ports
    }
    return HEAD + (len(left) * ROW + 8 if left != {"out"} else 0)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_people_read_names_on_an_example_and_no_ids(path: Path) -> None:
    nodes = load(path.read_bytes()).nodes
    labels = [node.label for node in nodes]
    assert all(labels), [node.id for node in nodes if not node.label]
    assert len(set(labels)) == len(labels), "two nodes of one name cannot be told apart"


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_answers_are_for_nodes_of_their_example(path: Path) -> None:
    (flow,) = [
        load(each.read_bytes()) for each in EXAMPLES if path.stem.startswith(f"{each.stem}_")
    ] or [None]
    assert flow is not None, "an answers file is named after its example, and after what happens"
    named = {answer.on for answer in read_answers(path.read_bytes()) if answer.on}
    assert named <= {node.id for node in flow.nodes}
