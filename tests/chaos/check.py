"""The checker: compares what was acknowledged, what the vendors did and what the database says.

It believes none of them alone. Whatever it finds against a promise is a sentence, so that a failed
campaign says where to look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.chaos.record import Records, RunRow
from tests.chaos.report import Report
from tests.chaos.vendor.ledger import Entry

FINAL = {"succeeded", "failed", "cancelled"}


class Verdict:
    """What was found against the promises, by kind."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.doubled: list[str] = []
        self.repeated: list[str] = []
        self.silent: list[str] = []
        self.changed: list[str] = []
        self.unasked: list[str] = []
        self.stuck: list[str] = []
        self.failed: list[str] = []


def judge(
    acked: Iterable[str],
    records: Records,
    ledger: Iterable[Entry],
    effects: Mapping[str, Mapping[str, str]],
) -> Verdict:
    """Compare; `effects` says which nodes of each flow ask a vendor for what."""
    verdict = Verdict()
    arrived: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in ledger:
        arrived[entry.order, entry.node].append(entry)
    for delivery in acked:
        if delivery not in records.deliveries:
            verdict.lost.append(f"{delivery} was acknowledged and is not there")
    for delivery, runs in records.by_delivery.items():
        if len(runs) > 1:
            verdict.doubled.append(f"{delivery} has {len(runs)} runs")
        for run in runs:
            _judge_state(verdict, run)
            for node, kind in effects.get(run.flow, {}).items():
                _judge_effect(verdict, run, node, kind, arrived[delivery, node])
    return verdict


def _judge_state(verdict: Verdict, run: RunRow) -> None:
    if run.state == "failed" or run.state == "cancelled":
        verdict.failed.append(f"{run.id} of {run.delivery} is {run.state}")
    elif run.state not in ("succeeded", "asking"):
        verdict.stuck.append(f"{run.id} of {run.delivery} is {run.state} ({run.reason})")


def _judge_effect(
    verdict: Verdict, run: RunRow, node: str, kind: str, arrived: list[Entry]
) -> None:
    """Hold one intended effect against what the vendor saw of it."""
    place = f"{run.id} of {run.delivery}, {node} ({kind})"
    applied = sum(entry.applied for entry in arrived)
    if kind == "pure":
        return
    if applied > 1:
        ways = ", ".join(entry.behaviour for entry in arrived)
        verdict.repeated.append(f"{place}: {applied} effects ({ways})")
    if kind == "keyed":
        keys = {entry.key for entry in arrived}
        bodies = {entry.digest for entry in arrived if entry.digest}
        if len(keys) > 1 or len(bodies) > 1 or any(entry.conflict for entry in arrived):
            verdict.changed.append(f"{place}: {len(keys)} keys, {len(bodies)} bodies")
    else:
        doubtful = [entry for entry in arrived if entry.doubtful]
        # Once a send may have had an effect, there must be no other one.
        for number, entry in enumerate(arrived[:-1]):
            if entry.doubtful or entry.applied:
                after = arrived[number + 1].behaviour
                verdict.repeated.append(f"{place}: sent again after “{entry.behaviour}”: {after}")
        if doubtful and run.state == "succeeded":
            verdict.unasked.append(f"{place}: {doubtful[0].behaviour}, and nobody was asked")
    if run.state == "succeeded" and applied == 0:
        verdict.silent.append(f"{place}: the run succeeded without the effect")


def tell(report: Report, verdict: Verdict, records: Records, ledger: list[Entry]) -> None:
    """Put a verdict into figures."""
    report.runs = records.states
    report.effects = sum(entry.applied for entry in ledger)
    report.duplicates = len(verdict.repeated)
    report.asked = records.states.get("asking", 0)
    report.exactly("acknowledged and lost", len(verdict.lost), 0)
    report.exactly("deliveries with two runs", len(verdict.doubled), 0)
    report.exactly("effects that happened twice", len(verdict.repeated), 0)
    report.exactly("keys or bodies that changed", len(verdict.changed), 0)
    report.exactly("doubts that nobody was asked about", len(verdict.unasked), 0)
    report.exactly("successes without their effect", len(verdict.silent), 0)
    report.exactly("runs that nobody goes on with", len(verdict.stuck), 0)
    report.exactly("runs failed for no reason", len(verdict.failed), 0)
    report.exactly("integrity_check not ok", float(records.integrity != "ok"), 0)
    for kind in (
        verdict.lost, verdict.doubled, verdict.repeated, verdict.changed, verdict.unasked,
        verdict.silent, verdict.stuck, verdict.failed,
    ):  # fmt: skip
        report.found_wrong(kind)
