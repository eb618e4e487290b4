"""Mistakes about single steps: their limits, failures, items, races and questions."""

from __future__ import annotations

from importlib import import_module

from tramo.engine import Answered, ending, loop, retry, rule, start
from tramo.outbound import client, pause
from tramo.runner import attempt
from tramo.store import lease
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant

decide = import_module("tramo.engine.decide")  # The package gives its name to the function.


@plant
def _race_goes_on(patch: Patch) -> None:
    """What lost a race begins all the same."""
    patch.put(rule._BY_RULE, "merge", lambda *_: None)


@plant
def _cancel_at_once(patch: Patch) -> None:
    """A run that is to stop ends though a step of it is on its way."""
    patch.rewrite(
        ending,
        "conclude",
        ("if not running and (not asking or state.cancelled_by):", "if not asking:"),
    )


@plant
def _deadline_unseen(patch: Patch) -> None:
    """A run may take longer than its flow allows."""
    patch.rewrite(ending, "check_deadline", ("at >= deadline", "at < 0"))


@plant
def _deadline_undue(patch: Patch) -> None:
    """Nobody looks at a run when its time is over."""
    patch.rewrite(
        ending, "_next_due", ("if deadline is not None and state.stopping is None:", "if False:")
    )


@plant
def _own_limit_ignored(patch: Patch) -> None:
    """A wait goes on past the time limit of its node."""
    patch.rewrite(start, "_pause", ("earlier(due_at, deadline_of(node, at))", "due_at"))


@plant
def _retry_impatient(patch: Patch) -> None:
    """A try comes sooner than the vendor asked for."""
    patch.rewrite(retry, "next_attempt_at", ("if failure.retry_after_s is not None:", "if False:"))


@plant
def _pause_ignored(patch: Patch) -> None:
    """A vendor that wants to be left alone is asked by the next step."""
    patch.set(pause.Pause, "_hold", lambda *_: None)


@plant
def _try_too_many(patch: Patch) -> None:
    """A step is tried once more than its node says."""
    patch.rewrite(retry, "judge", ("step.attempts < (node", "step.attempts <= (node"))


@plant
def _timeout_is_no_doubt(patch: Patch) -> None:
    """What took too long has not happened."""
    patch.rewrite(
        attempt,
        "classified",
        ('params={"limit_s": limit_s},\n            doubt=sent', 'params={"limit_s": limit_s}'),
    )


@plant
def _breakdown_is_refusal(patch: Patch) -> None:
    """A vendor that breaks down has done nothing."""
    refused = "400 <= response.status < 500"
    patch.rewrite(client.Client, "_perform", (refused, "response.status >= 400"))


@plant
def _loss_is_refusal(patch: Patch) -> None:
    """A vendor whose answer was lost has done nothing."""
    lost = "except Interrupted as error:"
    patch.rewrite(client.Client, "_perform", (lost, f"{lost}\n        self._attempt.take_back()"))


@plant
def _unknown_is_no(patch: Patch) -> None:
    """A vendor that cannot tell whether it happened says that it did not."""
    asked = "Failed(at, *place, _UNKNOWN, probed=True)"
    no = 'Answered(at, *place, "resend", None, "probe")'
    patch.rewrite(attempt.Attempts, "_probed", (asked, no))


@plant
def _results_shuffled(patch: Patch) -> None:
    """What a loop keeps of its items comes in another order."""
    patch.rewrite(loop, "close_iteration", ("loop.results[index]", "loop.results[-1 - index]"))


@plant
def _parked_unwoken(patch: Patch) -> None:
    """A connection is mended, and what waits for it is not tried again."""
    patch.rewrite(lease, "wake_parked", ('_r.reason == "connection"', '_r.reason == "time"'))


@plant
def _parked_is_failed(patch: Patch) -> None:
    """A step that the vendor does not let in fails, instead of waiting for a new sign-in."""
    patch.rewrite(retry, "judge", ('if failure.kind == "credential":', "if False:"))


@plant
def _answer_twice(patch: Patch) -> None:
    """Whoever answers a question that is closed is heard."""
    said = 'step.state != "asking" and happening.actor != "probe"'
    patch.put(decide._HAPPENED, Answered, patch.rewrite(decide, "_answered", (said, "False")))


@plant
def _try_too_few(patch: Patch) -> None:
    """A step is given up one try before its node says so."""
    patch.rewrite(retry, "judge", ("step.attempts < (node", "step.attempts + 1 < (node"))


@plant
def _items_go_on(patch: Patch) -> None:
    """An item has failed, and those beside it begin what comes next."""
    patch.rewrite(
        loop, "close_iteration", ("for other in loop.frames.values():", "for other in ():")
    )


@plant
def _first_answer_taken(patch: Patch) -> None:
    """Whatever people answer, a run goes on by the first way that there is."""
    patch.rewrite(
        decide,
        "_end_pause",
        (
            "happening.port, output",
            "(step.pause.ask.ports[0] if step.pause.ask else happening.port), output",
        ),
    )


@plant
def _cancel_masked(patch: Patch) -> None:
    """A run that was cancelled ends as failed if what was on its way fails."""
    failed = patch.rewrite(rule, "_failed", ("if state.stopping is None:", "if True:"))
    patch.put(rule.RULES, "f", failed)
