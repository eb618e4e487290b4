"""Mistakes about re-runs, and about runs that move to another version."""

from __future__ import annotations

from tramo.app.run import rerun
from tramo.engine import move as move_engine
from tramo.engine import start
from tramo.runner import doubt, past, prior
from tramo.store import move
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _family_unwatched(patch: Patch) -> None:
    """Two people re-run a run at once, and both are heard."""
    patch.rewrite(rerun.RerunDesk, "queue", ("if set(ids) != set(basis.known):", "if not ids:"))


@plant
def _doubt_passed_over(patch: Patch) -> None:
    """A run is re-run though nobody knows what a step of it did."""
    patch.rewrite(rerun.RerunDesk, "check_settled", ("if places:", "if not segments:"))
    patch.set(doubt, "_STEP", frozenset())


@plant
def _failure_believed(patch: Patch) -> None:
    """A step that failed has done nothing, even where its answer was lost."""
    patch.rewrite(doubt, "_note", ('case "f" if _is_kept(plan, place[0]):', 'case "f":'))


@plant
def _answer_forgotten(patch: Patch) -> None:
    """What a person said of a step is not known to the next run."""
    patch.rewrite(
        prior._Ended, "_note", ('transition[3] == "happened"', 'transition[3] == "never"')
    )


@plant
def _effects_repeated(patch: Patch) -> None:
    """A re-run from the start does everything once more."""
    patch.rewrite(prior._Ended, "keep_effects", ("if self.is_effect(place)", "if place is None"))


@plant
def _id_believed(patch: Patch) -> None:
    """What a node did counts for whatever node has its id now."""
    patch.rewrite(past, "replaced", ("if version == plan.version:", "if version:"))


@plant
def _items_turned(patch: Patch) -> None:
    """What was done for an item counts for whatever stands in its place now."""
    patch.rewrite(start, "_loop", ("items[index] != item", "items[index] is None"))


@plant
def _moved_in_hand(patch: Patch) -> None:
    """A run moves while somebody has it."""
    patch.rewrite(move, "move_run", ("_r.owner.is_(None),", ""))


@plant
def _moved_unfenced(patch: Patch) -> None:
    """Whoever has a run at hand goes on with it on the version that it had."""
    patch.rewrite(move, "move_run", ("token=_r.token + 1, ", ""))


@plant
def _moved_blindly(patch: Patch) -> None:
    """Every run moves, whatever the other version would have done with it."""
    patch.rewrite(
        move_engine,
        "why_it_stays",
        ("for node in _standing(old):", "return None\n    for node in _standing(old):"),
    )


@plant
def _moved_for_ever(patch: Patch) -> None:
    """A run that moves is not due any more."""
    patch.rewrite(move, "move_run", ("due_at=due)", "due_at=None)"))
