"""What a check found is remembered by the draft's bytes, and forgotten when there is no room."""

from __future__ import annotations

from typing import Any

from tramo.app import verdict
from tramo.app.verdict import Verdicts
from tramo.graph import check, load, version_id
from tramo.model.value import encode
from tramo.registry import discover

TYPES = discover().node_type


def flow_of(*types: str) -> dict[str, Any]:
    nodes = [{"id": f"n{index}", "type": name} for index, name in enumerate(types)]
    return {"format": 1, "id": "flow_a", "name": "A", "nodes": nodes, "edges": []}


class Counted:
    """Verdicts, and how often a check asked for a node type."""

    def __init__(self) -> None:
        self.asked = 0
        self.verdicts = Verdicts(self._find)

    def _find(self, name: str, v: int):
        self.asked += 1
        return TYPES(name, v)


def test_a_draft_is_checked_once_and_always_has_the_same_problems():
    counted = Counted()
    flow = flow_of("core.manual", "core.nothing")
    draft = encode(flow)
    first = counted.verdicts.problems(draft, flow)
    asked = counted.asked
    assert first == check(flow, TYPES)
    assert first
    assert counted.verdicts.problems(draft, flow) == first
    assert counted.asked == asked


def test_a_changed_draft_is_checked_anew():
    verdicts = Verdicts(TYPES)
    wrong, right = flow_of("core.nothing"), flow_of("core.manual")
    assert "node.type_unknown" in {it.code for it in verdicts.problems(encode(wrong), wrong)}
    assert verdicts.problems(encode(right), right) == check(right, TYPES)


def test_only_a_draft_that_may_run_has_a_version():
    verdicts = Verdicts(TYPES)
    wrong, right = flow_of("core.nothing"), flow_of("core.manual")
    draft = encode(right)
    assert verdicts.version(encode(wrong), wrong) is None
    assert verdicts.version(draft, right) == version_id(load(draft))


def test_a_list_of_problems_that_is_changed_changes_no_other():
    verdicts = Verdicts(TYPES)
    flow = flow_of("core.nothing")
    draft = encode(flow)
    verdicts.problems(draft, flow).clear()
    assert verdicts.problems(draft, flow) == check(flow, TYPES)


def test_the_draft_that_was_read_longest_ago_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(verdict, "KEPT", 2)
    counted = Counted()
    flows = [flow_of("core.manual") | {"name": name} for name in "abc"]
    drafts = [(encode(flow), flow) for flow in flows]
    for draft in (drafts[0], drafts[1], drafts[0], drafts[2]):
        counted.verdicts.problems(*draft)
    asked = counted.asked
    counted.verdicts.problems(*drafts[0])
    assert counted.asked == asked
    counted.verdicts.problems(*drafts[1])
    assert counted.asked > asked
