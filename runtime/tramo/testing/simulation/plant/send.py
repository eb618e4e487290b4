"""Mistakes about starts, sends and keys."""

from __future__ import annotations

from tramo.engine import retry, start, state
from tramo.model import effect
from tramo.runner import hand, runner
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _start_forgotten(patch: Patch) -> None:
    """Starts are applied in memory, and never reach the journal."""
    patch.rewrite(
        state.State,
        "note",
        ("moments = self.moments\n", "moments = [] if transition[0] == 's' else self.moments\n"),
    )


@plant
def _send_before_commit(patch: Patch) -> None:
    """What is to be sent is sent while its start is still being written."""
    patch.rewrite(
        runner.Runner,
        "_write",
        ("unit = self._unit(", "self._carry_out(live, commands, ())\n    unit = self._unit("),
    )


@plant
def _done_before_send(patch: Patch) -> None:
    """A step is written as done, and sent afterwards."""
    patch.rewrite(
        hand.Hand,
        "_perform",
        (
            "async with self._room.call():",
            "place = (perform.node, perform.iteration)\n"
            "    done = Ended(self._now_ms(), *place, None, Raw(b'null'))\n"
            "    await self._advance(live, done)\n    async with self._room.call():",
        ),
        ("await self._advance(live, came)", "del came"),
    )


@plant
def _key_per_attempt(patch: Patch) -> None:
    """Every further attempt travels under a key of its own."""
    patch.rewrite(
        start,
        "attempt",
        ("step.iteration, step.generation)", "step.iteration, step.attempts)"),
    )


@plant
def _doubt_retried(patch: Patch) -> None:
    """What must not be repeated is sent again when its answer was lost."""
    patch.rewrite(
        retry,
        "must_not_repeat",
        ("return True", "return False"),
    )


@plant
def _window_ignored(patch: Patch) -> None:
    """A key is used when the vendor may have forgotten it."""
    patch.rewrite(
        retry, "_window_closed", ("return window_s is not None", "return window_s is None")
    )


@plant
def _attempt_forgotten(patch: Patch) -> None:
    """Every further try is the first one."""
    patch.rewrite(start, "attempt", ("number = step.attempts + (not step.held)", "number = 1"))


@plant
def _key_of_run(patch: Patch) -> None:
    """A re-run sends what it repeats under keys of its own."""
    patch.rewrite(start, "attempt", ("effect_key(state.origin", "effect_key(state.run_id"))
    patch.rewrite(start, "_start", ("effect_key(state.origin", "effect_key(state.run_id"))


@plant
def _key_of_loop(patch: Patch) -> None:
    """All items of a loop share one key."""
    patch.rewrite(effect, "effect_key", ('".".join(map(str, iteration))', '""'))


@plant
def _doubt_is_failure(patch: Patch) -> None:
    """What must not be repeated has failed when the vendor's answer cannot be read."""
    patch.rewrite(retry, "judge", ('else "ask"', 'else "fail"'))
