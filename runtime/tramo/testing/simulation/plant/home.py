"""Mistakes about whose something is: what one workspace has is nothing to another."""

from __future__ import annotations

from tramo.ingest.subscription import Subscriptions
from tramo.store import mark, run, slot, wait
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _event_of_neighbour(patch: Patch) -> None:
    """A wait ends by an event of the same key in another workspace."""
    patch.rewrite(wait, "match_event", ("_w.workspace_id == workspace_id,", ""))


@plant
def _past_of_neighbour(patch: Patch) -> None:
    """A wait that looks back finds what another workspace was told."""
    patch.rewrite(wait.Waits, "_look_back", ("_k.workspace_id == self.workspace_id,", ""))


@plant
def _claim_of_neighbour(patch: Patch) -> None:
    """What is done once is done once in all workspaces together."""
    patch.rewrite(run, "_claim", ('"workspace_id": workspace_id,', '"workspace_id": "",'))


@plant
def _slot_of_neighbour(patch: Patch) -> None:
    """A flow's runs make room for those of another workspace's flow."""
    patch.rewrite(slot, "admit", ("_s.workspace_id == workspace_id, ", ""))


@plant
def _mark_of_neighbour(patch: Patch) -> None:
    """What another workspace has seen is not new."""
    patch.rewrite(mark, "note_mark", ("workspace_id=workspace_id,", 'workspace_id="",'))


@plant
def _failure_of_neighbour(patch: Patch) -> None:
    """A failure is heard of in all workspaces."""
    patch.rewrite(Subscriptions, "followers", ("if workspace == workspace_id", ""))
