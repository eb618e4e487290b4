"""Mistakes about who writes: the committer, its thread and its scribe."""

from __future__ import annotations

from tramo.store import committer, dictation, scribe_process
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _told_before_letter(patch: Patch) -> None:
    """Who waits for a group is told of it as soon as the scribe has it in hand."""
    patch.rewrite(
        committer.Committer,
        "_dictate",
        (
            "self._dictated_s = self._loop.time()",
            "self._dictated_s = self._loop.time()\n"
            "    self._resolve(self._dictated, [outcome(entry[0]) for entry in self._dictated])",
        ),
    )


@plant
def _refusal_believed(patch: Patch) -> None:
    """A group that the scribe refused counts as written."""
    patch.rewrite(committer.Committer, "_hear", ("if said == WRITTEN:", "if said != LOST:"))


@plant
def _loss_believed(patch: Patch) -> None:
    """What the scribe had in hand when it died counts as written."""
    patch.rewrite(
        committer.Committer, "_hear", ("if said == WRITTEN:", "if said in (WRITTEN, LOST):")
    )


@plant
def _loss_dropped(patch: Patch) -> None:
    """Nobody goes on with what the scribe had in hand when it died."""
    patch.rewrite(
        committer.Committer,
        "_hear",
        ("entries = self._lose(entries)", "entries = self._lose(entries)[:0]"),
    )


@plant
def _loss_unlooked(patch: Patch) -> None:
    """What the scribe had in hand when it died is written again, whether it was written or not."""
    patch.rewrite(committer.Committer, "_lose", ("(Doubtful(unit), future", "(unit, future"))


@plant
def _waits_undictated(patch: Patch) -> None:
    """What a run waits for is left out of what is dictated."""
    patch.rewrite(dictation, "_advance", ("if not unit.plain or unit.keys:", "if False:"))


@plant
def _match_undictated(patch: Patch) -> None:
    """An event that runs may wait for is dictated like any other."""
    patch.rewrite(dictation, "_accept", ("or not unit.plain ", ""))


@plant
def _keys_undictated(patch: Patch) -> None:
    """The keys of a run are left out of what is dictated."""
    patch.set(dictation, "key_rows", lambda *_: [])


@plant
def _half_written(patch: Patch) -> None:
    """The scribe writes what it can of a group that is to be refused."""
    patch.rewrite(
        scribe_process, "_write", ("if statement.surely and written != len(rows):", "if False:")
    )


@plant
def _both_write(patch: Patch) -> None:
    """The thread is given a group while the scribe has one."""
    patch.rewrite(committer.Committer, "_enter", ("    if self._dictated:\n        return\n", ""))
