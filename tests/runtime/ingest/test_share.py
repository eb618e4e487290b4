"""One sender that floods the door leaves room for the others."""

from __future__ import annotations

import pytest
from tramo.ingest.share import QUEUE_LIMIT, SOURCE_LIMIT, WORKSPACE_LIMIT, Share
from tramo.store.committer import Busy


def fill(share: Share, workspace: str, source: str) -> int:
    """Let a sender send until it is told to come back; return how many it got in."""
    count = 0
    while True:
        try:
            share.enter(workspace, source)
        except Busy:
            return count
        count += 1


def test_one_address_cannot_fill_the_line():
    share = Share()
    assert fill(share, "ws_1", "flow_a/hook") == SOURCE_LIMIT
    share.enter("ws_1", "flow_b/hook")
    share.enter("ws_2", "flow_a/hook")


def test_one_workspace_with_many_addresses_cannot_fill_the_line():
    share = Share()
    taken = sum(fill(share, "ws_1", f"flow_{n}/hook") for n in range(8))
    assert taken == WORKSPACE_LIMIT
    share.enter("ws_2", "flow_a/hook")


def test_the_line_has_an_end():
    share = Share()
    assert sum(fill(share, f"ws_{n}", "flow/hook") for n in range(8)) == QUEUE_LIMIT


def test_whoever_leaves_makes_room_and_leaves_nothing_behind():
    share = Share()
    fill(share, "ws_1", "flow_a/hook")
    with pytest.raises(Busy):
        share.enter("ws_1", "flow_a/hook")
    for _ in range(SOURCE_LIMIT):
        share.leave("ws_1", "flow_a/hook")
    assert share._waiting == {}
    assert fill(share, "ws_1", "flow_a/hook") == SOURCE_LIMIT
