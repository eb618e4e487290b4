"""What a version is: the id of a flow's logic, blind to looks and keen on everything else."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tramo.graph import check, load, version_id
from tramo.graph.format import UnknownFormat, upgrade
from tramo.model.problem import TramoError
from tramo.model.value import encode

from tests.runtime.graph.kit import node_types, order_flow, place

GOLDEN = Path(__file__).parent / "golden"
NAMES = st.text(min_size=1, max_size=20)
NOTES = st.fixed_dictionaries({"text": NAMES}, optional={"title": NAMES, "color": st.just("blue")})

LOOKS = st.one_of(
    st.tuples(st.just("/name"), NAMES),
    st.tuples(st.just("/nodes/2/label"), NAMES),
    st.tuples(st.just("/nodes/2/note"), NAMES),
    st.tuples(st.just("/layout/order"), st.lists(st.integers(-9999, 9999), max_size=2)),
    st.tuples(st.just("/layout"), st.just({})),
    st.tuples(st.just("/notes"), st.lists(NOTES, max_size=2)),
    st.tuples(st.just("/nodes/2/v"), st.just(1)),
    st.tuples(st.just("/edges/0/port"), st.just("out")),
    st.tuples(st.just("/nodes/1/on_error"), st.just("stop")),
)
LOGIC = st.one_of(
    st.tuples(st.just("/language"), st.sampled_from(["en", "pt", "ro"])),
    st.tuples(st.just("/timezone"), st.sampled_from(["UTC", "Europe/Lisbon"])),
    st.tuples(st.just("/limits/timeout_s"), st.integers(1, 1_000)),
    st.tuples(st.just("/limits/at_once"), st.integers(1, 9)),
    st.tuples(st.just("/keys/order"), NAMES),
    st.tuples(st.just("/nodes/2/id"), st.sampled_from(["tell_all", "t"])),
    st.tuples(st.just("/nodes/2/type"), st.sampled_from(["core.set", "slack.post_message"])),
    st.tuples(st.just("/nodes/2/v"), st.integers(2, 9)),
    st.tuples(st.just("/nodes/2/connection"), NAMES),
    st.tuples(st.just("/nodes/2/params/message"), NAMES | st.integers() | st.none()),
    st.tuples(st.just("/nodes/2/params/other"), st.booleans() | NAMES),
    st.tuples(st.just("/nodes/3/params/amount"), st.sampled_from(["10.1", "10.100", "11"])),
    st.tuples(st.just("/nodes/3/retry/attempts"), st.sampled_from([1, 2, 5])),
    st.tuples(st.just("/nodes/3/timeout_s"), st.integers(1, 100)),
    st.tuples(st.just("/nodes/3/on_error"), st.sampled_from(["branch", "continue"])),
    st.tuples(st.just("/nodes/3/on_doubt"), st.sampled_from(["repeat", "skip"])),
    st.tuples(st.just("/nodes/3/once"), NAMES),
    st.tuples(st.just("/nodes/3/disabled"), st.just(True)),
    st.tuples(st.just("/nodes/6/inside"), st.just(...)),
    st.tuples(st.just("/edges/1/port"), st.sampled_from(["else", "error"])),
    st.tuples(st.just("/edges/1/to"), st.sampled_from(["refund", "both"])),
    st.tuples(st.just("/edges/5"), st.just(...)),
)


def _document() -> dict[str, Any]:
    return {**order_flow(), "keys": {}}


VERSION = version_id(load(_document()))


@settings(deadline=None)
@given(st.lists(LOOKS, max_size=5))
def test_no_change_of_looks_makes_a_new_version(changes: list[tuple[str, Any]]) -> None:
    document = _document()
    for path, value in changes:
        if path.startswith("/layout/") and "layout" not in document:
            continue
        place(document, path, value)
    assert version_id(load(document)) == VERSION


@settings(deadline=None)
@given(LOGIC)
def test_any_change_of_logic_makes_a_new_version(change: tuple[str, Any]) -> None:
    assert version_id(load(place(_document(), *change))) != VERSION


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_object_keys_does_not_count(random: Any) -> None:
    def shuffle(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(name, shuffle(item)) for name, item in value.items()]
            random.shuffle(items)
            return dict(items)
        return [shuffle(item) for item in value] if isinstance(value, list) else value

    assert version_id(load(shuffle(_document()))) == VERSION


@pytest.mark.parametrize("name", ["nodes", "edges"])
def test_the_order_of_arrays_counts(name: str) -> None:
    document = _document()
    document[name].reverse()
    assert version_id(load(document)) != VERSION


def test_a_number_counts_as_it_is_written() -> None:
    def version(number: str) -> str:
        raw = json.dumps(_document()).replace('"10.10"', number)
        return version_id(load(raw.encode()))

    assert len({version("10.1"), version("10.10"), version('"10.10"'), version("10")}) == 4


def test_a_flow_is_held_exactly() -> None:
    raw = json.dumps(_document()).replace('"10.10"', "10.10").replace("[200.5, 0]", "[0.25, 1]")
    flow = load(raw.replace('"Order {{ order.id }}"', "820982911946154508").encode())
    assert flow.nodes[3].params["amount"] == Decimal("10.10")
    assert str(flow.nodes[3].params["amount"]) == "10.10"
    assert flow.nodes[2].params["message"] == {"$text": 820982911946154508}
    assert flow.layout["check"] == [0.25, 1]


def test_a_flow_written_and_read_again_is_the_same_flow() -> None:
    flow = load(_document())
    assert load(encode(flow)) == flow


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_released_format_is_read_for_ever(path: Path) -> None:
    kept = json.loads(path.read_text("utf-8"))
    assert version_id(load(kept["document"])) == kept["version"]


def test_naming_the_largest_flow_costs_no_more_than_checking_it() -> None:
    nodes = [{"id": "start", "type": "core.webhook"}]
    nodes += [
        {"id": f"n{number}", "type": "core.set", "params": {"fields": {"n": number}}}
        for number in range(1_999)
    ]
    edges = [{"from": a["id"], "to": b["id"]} for a, b in pairwise(nodes)]
    document = {**order_flow(), "nodes": nodes, "edges": edges}
    flow = load(document)

    def cost(work: Callable[[], object]) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    checking = min(cost(lambda: check(document, node_types)) for _ in range(3))
    naming = min(cost(lambda: version_id(flow)) for _ in range(3))
    assert naming <= checking


def test_there_is_a_golden_file_for_the_newest_format() -> None:
    assert (GOLDEN / "format_1.json").exists()


def test_what_is_no_flow_cannot_be_loaded() -> None:
    for raw in (b"", b"[]", b'{"format": 1, "nodes": []}', b'{"format": 9, "nodes": []}'):
        with pytest.raises(TramoError):
            load(raw)


# A registry of three made-up formats: the chain itself, tried before there is a second format.


def _nodes_to_list(document: dict[str, Any]) -> dict[str, Any]:
    nodes = [{"id": node_id, **node} for node_id, node in document["nodes"].items()]
    return {**document, "nodes": nodes}


def _edges_to_objects(document: dict[str, Any]) -> dict[str, Any]:
    edges = [{"from": start, "port": port, "to": end} for start, port, end in document["edges"]]
    return {**document, "edges": edges}


UPGRADES = {1: _nodes_to_list, 2: _edges_to_objects}


def test_an_old_document_is_carried_forward_step_by_step() -> None:
    old = {"format": 1, "nodes": {"a": {"type": "x.y"}}, "edges": [["a", "out", "b"]]}
    kept = copy.deepcopy(old)
    assert upgrade(old, UPGRADES, newest=3) == {
        "format": 3,
        "nodes": [{"id": "a", "type": "x.y"}],
        "edges": [{"from": "a", "port": "out", "to": "b"}],
    }
    assert old == kept


@pytest.mark.parametrize("found", [0, 4, "1", 1.0, True, None])
def test_a_format_outside_the_chain_is_refused(found: Any) -> None:
    with pytest.raises(UnknownFormat):
        upgrade({"format": found}, UPGRADES, newest=3)
