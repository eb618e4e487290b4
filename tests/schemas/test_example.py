"""The example flows: sound, in every installed node type, and fed by events of the right shape."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from tramo.graph import check, load, version_id
from tramo.model.problem import Problem
from tramo.model.value import decode
from tramo.registry import discover

EXAMPLES = sorted((Path(__file__).parents[2] / "schemas" / "examples").glob("*.json"))
REGISTRY = discover()


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
def test_each_example_has_an_event_as_its_trigger_would_output_it(path: Path) -> None:
    raw = (path.parent / "events" / path.name).read_bytes()
    decode(raw)
    for node in load(path.read_bytes()).nodes:
        kind = REGISTRY.node_type(node.type, node.v)
        assert kind is not None
        if kind.kind == "trigger" and kind.output_schema is not None:
            # Amounts are JSON numbers in a run, where the Struct's schema spells decimals as text.
            schema = json.loads(
                json.dumps(kind.output_schema).replace(
                    '"type": "string", "format": "decimal"', '"type": ["string", "number"]'
                )
            )
            jsonschema_rs.validator_for(schema).validate(json.loads(raw))
