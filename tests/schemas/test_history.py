"""Recorded runs of every released journal: today's engine reads them as it did then, and goes on
from any point of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tramo.engine import (
    Answered,
    Claimed,
    Continued,
    Due,
    Ended,
    Finish,
    GoOn,
    Occurred,
    Perform,
    Recovered,
    Replied,
    State,
    Wait,
    decide,
    decode_segment,
)
from tramo.engine.instant import rfc3339
from tramo.engine.rule import RULES
from tramo.model.run import FINAL_RUN_STATES

from tests.schemas.record import HISTORY, tell
from tests.schemas.recording import Recording

RECORDED = sorted(HISTORY.glob("*.json"))


@pytest.fixture(params=RECORDED, ids=lambda path: path.stem)
def recording(request: pytest.FixtureRequest) -> Recording:
    return Recording.read(request.param)


def transitions(recording: Recording) -> list[tuple[Any, ...]]:
    return [
        transition
        for fmt, body in recording.journal
        for _, moment in decode_segment(fmt, body)
        for transition in moment
    ]


def test_the_corpus_comes_past_every_transition_that_the_engine_knows():
    found = {each[0] for path in RECORDED for each in transitions(Recording.read(path))}
    assert found == set(RULES)
    assert len(RECORDED) >= 25


def test_a_recorded_run_is_seen_as_it_was(recording: Recording):
    plan = recording.plan()
    assert recording.view(plan) == recording.steps
    assert shown(recording.fold(plan)) == recording.state


def shown(state: State) -> str:
    """Return the state that a run's row has while it is as folded."""
    if state.status in FINAL_RUN_STATES:
        return state.status
    if state.counted("asking"):
        return "asking"
    return "running" if state.counted("running") else "waiting"


def test_a_recorded_run_goes_on_from_wherever_it_is_cut(recording: Recording):
    plan = recording.plan()
    for count in range(1, len(recording.segments) + 1):
        state = recording.fold(plan, count)
        ended = state.status
        if ended in FINAL_RUN_STATES:
            assert ended == recording.state
            continue
        rest = Rest(recording, state, count)
        rest.live()
        assert state.status in FINAL_RUN_STATES, f"cut after {count} segments"
        rest.check()


class Rest:
    """What could become of a run that was cut: every question and every call finds an answer."""

    def __init__(self, recording: Recording, state: State, count: int) -> None:
        self.state = state
        self.nodes = state.plan.nodes
        said = decode_segment(*recording.journal[count - 1])
        self.at = said[-1][0]
        self.done = _places("d", recording, count)
        self.begun = {
            (node, path)
            for node, path in _places("s", recording, count)
            if (place := (state.plan.by_id[node].index, path)) in state.open
            and state.open[place].effect == "never_repeat"
            and state.open[place].state == "running"
            and state.plan.by_id[node].node.on_doubt == "ask"
        }
        self.sent: list[tuple[str, tuple[int, ...]]] = []
        self.answered: set[tuple[str, tuple[int, ...]]] = set()

    def live(self) -> None:
        todo = decide(self.state, Recovered(self.at))
        for _ in range(2_000):
            if self.state.status in FINAL_RUN_STATES:
                return
            self.at += 1_000
            happening = self.next(todo)
            if happening is None:
                return
            todo += decide(self.state, happening)

    def next(self, todo: list[Any]) -> Any:
        """Return what happens next; None when nothing can."""
        while todo:
            command = todo.pop(0)
            if isinstance(command, Perform):
                place = (command.node, command.iteration)
                if place in self.state.open:
                    return self.perform(command, place)
            elif isinstance(command, GoOn):
                return Continued(self.at)
            elif isinstance(command, Wait):
                self.due = command.due_at
            else:
                assert isinstance(command, Finish)
        return self.tell()

    def perform(self, command: Perform, place: Any) -> Any:
        if command.once is not None:
            return Claimed(self.at, *place, held=True)
        if command.probe:
            self.answered.add(self.named(place))
            return Answered(self.at, *place, "happened", {}, "probe")
        self.sent.append(self.named(place))
        return Ended(self.at, *place, {"found": True}, {"found": True})

    def tell(self) -> Any:
        """Let somebody answer, or an event come, or time pass."""
        for place, step in list(self.state.open.items()):
            if step.state == "asking":
                self.answered.add(self.named(place))
                return Answered(self.at, *place, "happened", {}, "user_test")
            if step.pause is not None and step.pause.ask is not None:
                return Replied(self.at, *place, step.pause.ask.ports[0], None, "user_test")
            if step.pause is not None and step.pause.matches and step.due_at is None:
                return Occurred(self.at, *place, step.pause.matches[0].port, {})
            if step.state == "turn" and step.due_at is None:
                return Ended(self.at, *place, {}, {})
        dues = [step.due_at for step in self.state.open.values() if step.due_at is not None]
        if not dues:
            return None
        self.at = max(self.at, *dues)
        return Due(self.at)

    def named(self, place: Any) -> tuple[str, tuple[int, ...]]:
        return self.nodes[place[0]].id, tuple(place[1])

    def check(self) -> None:
        """Nothing that was done is done again, nothing that may not be repeated is sent twice."""
        assert not self.done.intersection(self.sent), rfc3339(self.at)
        assert not self.begun.intersection(self.sent)
        assert self.begun <= self.answered


def _places(kind: str, recording: Recording, count: int) -> set[tuple[str, tuple[int, ...]]]:
    return {
        (transition[1], tuple(transition[2]))
        for fmt, body in recording.journal[:count]
        for _, moment in decode_segment(fmt, body)
        for transition in moment
        if transition[0] == kind
    }


@pytest.mark.parametrize("name", ["inline_and_exact", "one_flow_calls_another", "doubt_given_up"])
async def test_a_story_told_anew_is_seen_as_the_recorded_one(name: str, tmp_path: Path):
    for path in await tell(name, tmp_path):
        new, old = Recording.read(path), Recording.read(HISTORY / path.name)
        assert new.state == old.state
        assert [outline(step) for step in new.steps] == [outline(step) for step in old.steps]
        with pytest.raises(FileExistsError):
            new.write(path)


def outline(step: dict[str, Any]) -> tuple[Any, ...]:
    return step["node"], step["iteration"], step["state"], step.get("port"), step.get("attempts")
