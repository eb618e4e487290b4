"""Laws of `check`: whatever is done to a document, it answers, and the same way each time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tramo.graph import check, load, translate
from tramo.graph.message import LANGUAGES
from tramo.model.problem import has_error

from tests.runtime.graph.kit import node_types, order_flow

WORDS = st.sampled_from(
    [
        "order",
        "check",
        "tell",
        "lines",
        "line",
        "item",
        "core.set",
        "core.merge",
        "error",
        "vip",
        "$expr",
        "$text",
        "$value",
        "order.total > 1",
        "{{ order.id }}",
        "as",
        "",
        "a/b~c",
        "inside",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**25) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for name, item in value.items():
            found += _places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _places(item, (*path, index))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sound flow with up to four places replaced, taken away, doubled or renamed."""
    document: Any = order_flow()
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(_places(document)))
        if not path:
            continue
        at = document
        for step in path[:-1]:
            at = at[step]
        last = path[-1]
        match draw(st.sampled_from(["replace", "remove", "double", "rename"])):
            case "replace":
                at[last] = draw(JSON)
            case "remove":
                del at[last]
            case "double" if isinstance(at, list):
                at.append(at[last])
            case _ if isinstance(at, dict):
                at[draw(WORDS)] = at.pop(last)
    return document


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_flow_is_always_answered_and_always_the_same(document: Any) -> None:
    raw = json.dumps(document).encode()
    problems = check(raw, node_types)
    assert problems == check(raw, node_types)
    for problem in problems:
        assert problem.message
        assert problem.path == "" or problem.path.startswith("/")
        for language in LANGUAGES:
            assert translate(problem, language)
    if not has_error(problems):
        load(raw)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8")))
def test_no_bytes_at_all_make_check_raise(raw: bytes) -> None:
    assert has_error(check(raw, node_types))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2_000), st.integers(0, 255))
def test_a_flipped_byte_never_makes_check_raise(place: int, byte: int) -> None:
    raw = bytearray(json.dumps(order_flow()).encode())
    raw[place % len(raw)] = byte
    check(bytes(raw), node_types)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_any_params_of_any_node_are_answered(params: Any, other: Any) -> None:
    document = order_flow()
    for node in document["nodes"]:
        node["params"] = params if isinstance(params, dict) else {"fields": params, "as": other}
    check(document, node_types)
