"""The judge of the campaigns is judged: whatever breaks a promise, it says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.__main__ import campaigns
from tests.chaos.check import judge, tell
from tests.chaos.record import Records, RunRow
from tests.chaos.report import Report
from tests.chaos.vendor.ledger import Entry

EFFECTS = {"flow_w": {"pay": "keyed", "label": "never_repeat"}}


def entry(node: str, behaviour: str = "ok", **fields: Any) -> Entry:
    made = {"applied": behaviour == "ok", "key": "k" if node == "pay" else "", "digest": "d"}
    return Entry(0.0, "", "o1", node, behaviour, **(made | fields))


def records(state: str = "succeeded", runs: int = 1, stored: bool = True) -> Records:
    found = [RunRow(f"run_{n}", "flow_w", "o1", state, None, 0) for n in range(runs)]
    return Records(found, {"o1"} if stored else set(), "ok")


GOOD = [entry("pay"), entry("label")]


def broken(of: Records, ledger: list[Entry]) -> list[str]:
    """Return the kinds of promises that were broken."""
    verdict = judge(["o1"], of, ledger, EFFECTS)
    return [kind for kind, found in vars(verdict).items() if found]


def test_a_run_as_it_should_be_breaks_nothing():
    assert broken(records(), GOOD) == []


def test_a_keyed_write_that_was_sent_twice_and_took_place_once_breaks_nothing():
    lost = entry("pay", "reset_after", applied=True, doubtful=True)
    assert broken(records(), [lost, entry("pay", applied=False, repeated=True), GOOD[1]]) == []


def test_a_send_that_was_refused_may_be_sent_again():
    assert broken(records(), [GOOD[0], entry("label", "limited"), GOOD[1]]) == []


@pytest.mark.parametrize(
    ("kind", "of", "ledger"),
    [
        ("lost", records(runs=0, stored=False), GOOD),
        ("doubled", records(runs=2), GOOD),
        ("repeated", records(), [*GOOD, entry("pay")]),
        ("repeated", records(), [*GOOD, entry("label")]),
        (
            "repeated",
            records(),
            [GOOD[0], entry("label", "reset_before", doubtful=True), GOOD[1]],
        ),
        (
            "unasked",
            records(),
            [GOOD[0], entry("label", "hang_up_after", applied=True, doubtful=True)],
        ),
        ("changed", records(), [entry("pay", "failed", doubtful=True, key="other"), *GOOD]),
        ("changed", records(), [entry("pay", "failed", doubtful=True, digest="x"), *GOOD]),
        ("silent", records(), [GOOD[0]]),
        ("silent", records(), [GOOD[1]]),
        ("stuck", records("running"), GOOD),
        ("stuck", records("quarantined"), GOOD),
        ("failed", records("failed"), GOOD),
    ],
)
def test_what_breaks_a_promise_is_found(kind, of, ledger):
    assert kind in broken(of, ledger)


def report() -> Report:
    return Report("kill", "F1", "quick", 1)


def test_a_campaign_whose_figures_are_met_has_passed():
    made = report()
    tell(made, judge(["o1"], records(), GOOD, EFFECTS), records(), GOOD)
    assert made.passed
    assert made.effects == 2


def test_a_campaign_with_too_few_faults_has_failed():
    made = report()
    made.demand(kill=12)
    made.faults["kill"] = 11
    assert not made.passed
    assert made.as_dict()["missing_faults"] == {"kill": "11 of 12"}


def test_a_campaign_that_broke_off_has_failed():
    made = report()
    made.broke_off = "it took too long"
    assert not made.passed


def test_a_damaged_file_fails_a_campaign():
    made, of = report(), records()
    of.integrity = "row 7 missing from index"
    tell(made, judge(["o1"], of, GOOD, EFFECTS), of, GOOD)
    assert not made.passed


def test_every_campaign_can_be_found_by_its_name():
    known = campaigns()
    assert {name: one.name for name, one in known.items()} == {name: name for name in known}
    assert len({one.fault for one in known.values()}) >= 20
