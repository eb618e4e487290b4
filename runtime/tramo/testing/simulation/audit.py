"""The audit: what must hold after every commit, and before every send.

It looks at rows, journals and requests from outside, and trusts nothing that a worker has in
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from tramo import sdk
from tramo.engine import State, fold
from tramo.engine.journal import decode_segment, iteration_of
from tramo.graph.plan import Plan
from tramo.model.event import Key
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.value import decode
from tramo.runner.load import first_keys
from tramo.store.codec import unpack
from tramo.store.commit import Unit
from tramo.store.run import Advance, Advanced
from tramo.testing.simulation.claim import AWARE_MS, look_at_claims
from tramo.testing.simulation.connector import KEY_WINDOW_S
from tramo.testing.simulation.file import TOLERANCE_MS, Place, RunFile
from tramo.testing.simulation.limit import Limits
from tramo.testing.simulation.log import Log, RunChange, RunRow
from tramo.testing.simulation.port import Time
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.ring import look_at_rings
from tramo.testing.simulation.row import (
    SOON_MS,
    look_at_crashes,
    look_at_doubt,
    look_at_end,
    look_at_rest,
    look_at_waits,
)
from tramo.testing.simulation.server import Server
from tramo.testing.simulation.sweep import look_at_sweep
from tramo.testing.simulation.tenure import Tenure
from tramo.testing.simulation.vendor import Send, Vendor

NEVER_REPEAT: Final = frozenset({"ship", "label"})
EXCUSED_S: Final = 200.0
"""Longer than anybody is held up."""
REFUSED: Final = sdk.CredentialRefused.default_code
HELD_UP: Final = "run.lease_over"
SURE_S: Final = KEY_WINDOW_S / 2 + 7_200
"""For so long a vendor knows a key for certain: half its time, and what clocks are wrong by."""
BRINK_MS: Final = 4_800
"""So long before its lease ends nothing is sent for a run any more."""
_OPEN: Final = "state NOT IN ('cancelled', 'failed', 'succeeded')"


class Audit:
    """Checks as it goes, and tells of runs that begin, end or want a person."""

    def __init__(
        self,
        server: Server,
        time: Time,
        *,
        plan_of: Callable[[str, str], Plan],
        tenure: Tenure,
        blob: Callable[[str], bytes],
        broken: Callable[[str], None],
        tell: Callable[[str], None],
        began: Callable[[RunFile], None],
        asked: Callable[[RunFile, Place, str], None],
        ended: Callable[[RunFile], None],
        sweeps: Collection[int] = (),
    ) -> None:
        self._server = server
        self._time = time
        self._plan_of = plan_of
        self._tenure = tenure
        self._blob = blob
        self._broken = broken
        self._tell = tell
        self._began = began
        self._asked = asked
        self._ended = ended
        self._log = Log(server)
        self._latest_ms = 0
        self._excused_until_s = 0.0
        self.vendor: Vendor | None = None
        self.files: dict[str, RunFile] = {}
        self.keys: dict[str, tuple[RunFile, Place]] = {}
        self.events: dict[str, int] = {}
        """When each event was committed."""
        self.versions: dict[str, int] = {}
        """Which number each version's requests carry."""
        self.may_move = False
        """Somebody moves waiting runs to newer versions."""
        self.lists_change = False
        """What was wanted once more may stand in another place of its list by then."""
        self.shared = False
        """Others may take over a run whose lease is over."""
        self._passing: set[str] = set()
        """Codes of failures after which a step is tried again."""
        self._sweeps = sweeps
        """After these commits it is seen what retention would do."""
        self.limits = Limits(server, broken)
        self._writer = ""
        """Who wrote what is looked at."""
        self._payloads: dict[str, Any] = {}
        self._sent: dict[str, int] = {}
        """When what goes by a key was first to be sent."""
        self._restored = False
        self._begun = 0
        self._gone: dict[str, dict[Place, int]] = {}
        """What was wanted once more of runs that a restore took back: they may come again."""
        self._gone_of: dict[str, dict[str, dict[Place, int]]] = {}
        """The same, by their origin."""

    # After a commit --------------------------------------------------------------------------

    def note_time(self) -> None:
        """Remember the latest time that a worker may have read: the clock may be set back."""
        self._latest_ms = max(self._latest_ms, self._time.now_ms())

    def excuse(self) -> None:
        """Pass over sends of workers that were held up, for a while: the clock was set back, and by
        it their leases are good again."""
        self._excused_until_s = self._time.monotonic_s() + EXCUSED_S

    def committed(self, process: Process, units: list[Unit[Any]], outcomes: list[Any]) -> None:
        """Look at what a group changed."""
        self._writer = process.owner
        self.note_time()
        changes = self._log.take()
        for what in changes.rewritten:
            self._broken(f"history.rewritten: {what}")
        touched: dict[str, None] = {}
        for change in changes.runs:
            touched[change.id] = None
            self._look(process, change)
        for unit, outcome in zip(units, outcomes, strict=True):
            if isinstance(unit, Advance):
                self._look_at_token(process, unit, outcome, changes.runs)
        for event_id in changes.events:
            self.events[event_id] = self._latest_ms
        for run_id, seq in changes.segments:
            self._read(run_id, seq)
        for run_id in touched:
            self._compare(self.files[run_id])
        self.limits.look()
        look_at_rings(self._server, changes, self._broken)
        if self._tenure.is_well(process.owner, AWARE_MS / 1_000):
            now, is_told = self._time.now_ms(), self._tenure.is_told
            look_at_claims(self._server, changes.runs, now, self._broken, is_told=is_told)
        if self._server.commits in self._sweeps:
            look_at_sweep(self._server, self._latest_ms, self._broken)

    def crossed(self, process: Process) -> None:
        """Note that a process's two writers are at work at once."""
        self._broken(f"writers.crossed: the thread and the scribe of {process.name} write at once")

    def _look(self, process: Process, change: RunChange) -> None:
        before, after = change.before, change.after
        owner = process.owner
        if after is None:
            self._broken(f"run.gone: {change.id} was deleted")
            return
        file = self.files.get(change.id)
        if before is None or file is None:
            file = self.files[change.id] = self._open(change.id)
            file.row = after
            file.holders[after.token] = None if after.state == "queued" else owner
            self._tell(f"{process.name} begins {change.id} {_spell(after)}")
            self._began(file)
            return
        if after != before:
            self._tell(f"{process.name} writes {change.id} {_spell(after)}")
        file.row = after
        what = self._tenure.look(process, file, before, after, self._latest_ms)
        if what == "claim":
            file.told_to_stop = after.stop_by is not None and file.began
        elif what == "move":
            self._move(file, before, after)
        if after.state == "quarantined" != before.state:
            self._asked(file, ("", ()), "quarantine")
        if after.state in FINAL_RUN_STATES and before.state not in FINAL_RUN_STATES:
            self._look_at_children(file)

    def _look_at_children(self, file: RunFile) -> None:
        """What a run called ends with it."""
        rows = self._server.ask(
            f"SELECT id FROM run WHERE parent = ? AND stop_by IS NULL AND {_OPEN}",  # noqa: S608
            file.id,
        )
        for (child,) in rows:
            self._broken(f"child.orphan: {file.id} has ended, and {child} goes on")

    def _move(self, file: RunFile, before: RunRow, after: RunRow) -> None:
        if before.state != "queued" and not self.may_move:
            self._broken(f"version.moved: {file.id} changed its version, and nobody wanted that")
        file.plan = self._plan_of(file.flow_id, after.version)

    def _look_at_token(
        self, process: Process, unit: Advance, outcome: Any, changes: list[RunChange]
    ) -> None:
        if not isinstance(outcome, Advanced):
            return
        file = self.files.get(unit.run_id)
        if outcome.fenced:
            self._look_at_refusal(process, unit, file)
            return
        mine = [
            change
            for change in changes
            if change.id == unit.run_id and change.after and change.after.seq == unit.seq
        ]
        if file is None or not mine or mine[0].before is None:
            self._broken(f"advance.lost: {unit.run_id} was not written, and not refused")
            return
        token = mine[0].before.token
        if token != unit.token or file.holders.get(token) != process.owner:
            self._broken(f"token.stale: {process.name} wrote to {unit.run_id} with an old token")
        row = mine[0].after
        if row is None or row.owner is not None or row.state in FINAL_RUN_STATES:
            return
        due_at = row.due_at or self._latest_ms + SOON_MS
        if row.rung != unit.row["rung"] and due_at > self._latest_ms + TOLERANCE_MS:
            self._broken(
                f"ring.unseen: {process.name} lets {unit.run_id} rest, and it was rung for"
            )

    def _look_at_refusal(self, process: Process, unit: Advance, file: RunFile | None) -> None:
        """Whoever has a run is refused nothing: what it believes of the run is what is stored."""
        row = file.row if file is not None else None
        if row is None or row.state in FINAL_RUN_STATES:
            return
        if (row.owner, row.token) == (process.owner, unit.token):
            self._broken(
                f"advance.behind: {process.name} has {unit.run_id} and is behind its journal: "
                f"{unit.seq} after {row.seq}"
            )

    # A run's journal ---------------------------------------------------------------------------

    def _open(self, run_id: str) -> RunFile:
        ((workspace_id, flow_id, version, parent, origin),) = self._server.ask(
            "SELECT workspace_id, flow_id, version, parent, origin FROM run WHERE id = ?", run_id
        )
        if parent is not None:
            ((count,),) = self._server.ask("SELECT count(*) FROM run WHERE parent = ?", parent)
            if count > 1:  # No flow here calls another one more than once.
                self._broken(f"child.twice: {parent} called {count} times")
        file = RunFile(run_id, self._plan_of(flow_id, version), workspace_id, flow_id, origin)
        file.resent = self._gone.get(run_id, {})
        return file

    def _read(self, run_id: str, seq: int) -> None:
        file = self.files[run_id]
        ((fmt, body),) = self._server.ask(
            "SELECT fmt, body FROM segment WHERE run_id = ? AND seq = ?", run_id, seq
        )
        raw = unpack(bytes(body), self._blob)
        file.segments.append((fmt, raw))
        fresh: list[Place] = []
        for at, transitions in decode_segment(fmt, raw):
            for transition in transitions:
                kind = file.read(at, self._latest_ms, transition, self._broken)
                if kind == "t":
                    self._begun += 1
                    file.begun_as = self._begun
                elif kind == "s":
                    place = (transition[1], tuple(transition[2]))
                    if file.told_to_stop and file.steps[place].starts == 1:
                        self._broken(f"stop.ignored: {run_id} {place} begins, and is to stop")
                    fresh += [place] if file.steps[place].starts == 1 else []
                    self.keys[transition[5]] = (file, place)
                    self._sent.setdefault(transition[5], at)
                elif kind == "c" and fresh:
                    self._broken(f"stop.late: {run_id} begins {fresh}, and heard of its stop")
                elif kind == "q":
                    if not self._restored:
                        look_at_doubt(file, at, transition, self._sent, self._broken)
                    self._asked(file, (transition[1], tuple(transition[2])), "doubt")
                elif kind == "w" and transition[4].get("ask"):
                    self._asked(file, (transition[1], tuple(transition[2])), "ask")
                elif kind == "p":
                    self._asked(file, (transition[1], tuple(transition[2])), "connection")
                elif kind == "a" and transition[5] == "probe":
                    self._look_at_probe(file, transition)
                elif kind == "r":
                    self._look_at_retry(file, at, transition)
                elif kind in "df":
                    self._look_at_outcome(file, transition)
        self._tell(f"  {run_id} {seq}: {_letters(fmt, raw)}")
        if file.ended:
            self._ended(file)

    def _look_at_probe(self, file: RunFile, transition: Any) -> None:
        """What a read-back settles is what the vendor said."""
        assert self.vendor is not None
        step = file.steps[(transition[1], tuple(transition[2]))]
        if self.vendor.told.get(step.key) is not (transition[3] == "happened"):
            self._broken(f"probe.misheard: {file.id} {transition[1]} is {transition[3]}")

    def _look_at_retry(self, file: RunFile, at: int, transition: Any) -> None:
        """Nobody comes back sooner than the vendor asked for, or is held up by nothing."""
        assert self.vendor is not None
        self._passing.add(transition[4])
        if transition[4] == HELD_UP and self._tenure.is_well(self._writer):
            self._broken(f"lease.short: {file.id} {transition[1]} could not be sent in time")
        step = file.steps[(transition[1], tuple(transition[2]))]
        sends = [send for send in self.vendor.sends if send.key == step.key]
        left_s = sends[-1].again_from_s - self._time.monotonic_s() if sends else 0.0
        if transition[3] < at + left_s * 1_000:
            self._broken(f"retry.hasty: {file.id} {transition[1]}, and the vendor asked to wait")

    def _look_at_outcome(self, file: RunFile, transition: Any) -> None:
        """Whoever called a flow goes on when it has ended; who is not let in waits."""
        assert file.plan is not None
        if transition[0] == "f" and transition[3] == REFUSED:
            self._broken(f"connection.unasked: {file.id} fails where somebody has to sign in again")
        step = file.steps[(transition[1], iteration_of(transition))]
        given_up = transition[0] == "f" and transition[3] in self._passing
        if given_up and 0 < step.tries < file.attempts(transition[1]):
            self._broken(f"retry.given_up: {file.id} {transition[1]} fails at try {step.tries}")
        if file.plan.by_id[transition[1]].node.type != "core.call_flow":
            return
        query = f"SELECT id FROM run WHERE parent = ? AND {_OPEN}"  # noqa: S608 - fixed words
        for (child,) in self._server.ask(query, file.id):
            self._broken(f"call.hasty: {file.id} goes on, and {child} has not ended")

    def family(self, origin: str) -> list[RunFile]:
        """Return the runs of one origin, in the order in which they were made."""
        return [file for file in self.files.values() if file.origin == origin]

    def resent(self, file: RunFile, place: Place) -> int:
        """Return how often somebody wanted a step once more, in this run or one of its family."""
        others = (each for each in self.family(file.origin) if each is not file)
        more = sum(each.steps[place].resent for each in others if place in each.steps)
        gone = self._gone_of.get(file.origin, {})
        lost = sum(found.get(place, 0) for id, found in gone.items() if id not in self.files)
        return file.step(place).resent + more + lost

    def state_of(self, file: RunFile) -> State:
        """Return a run's state, read back from its journal."""
        assert file.plan is not None
        ((trigger, event_id, origin, generation, keys),) = self._server.ask(
            "SELECT trigger, event_id, origin, generation, keys FROM run WHERE id = ?", file.id
        )
        return fold(
            file.plan,
            run_id=file.id,
            trigger=trigger,
            output=self._payload(event_id),
            segments=file.segments,
            origin=origin,
            generation=generation,
            keys=first_keys(Key(*key) for key in decode(keys)),
        )

    def event_of(self, run_id: str) -> Any:
        """Return what started a run."""
        ((event_id,),) = self._server.ask("SELECT event_id FROM run WHERE id = ?", run_id)
        return self._payload(event_id)

    def _payload(self, event_id: str) -> Any:
        if event_id not in self._payloads:
            ((body,),) = self._server.ask("SELECT payload FROM event WHERE id = ?", event_id)
            self._payloads[event_id] = decode(unpack(bytes(body), self._blob))
        return self._payloads[event_id]

    def go_back(self) -> None:
        """Read everything anew: a restore has changed it under all hands."""
        self._log.take()
        self._restored = True
        self.keys.clear()
        for file in self.files.values():
            file.go_back()
        kept = self._log.read_runs()
        for run_id, file in self.files.items():
            if run_id in kept:
                file.row = kept[run_id]
                file.plan = self._plan_of(file.flow_id, file.row.version)
                file.holders[file.row.token] = file.row.owner
                for (seq,) in self._server.ask(
                    "SELECT seq FROM segment WHERE run_id = ? ORDER BY seq", run_id
                ):
                    self._read(run_id, seq)
                if file.row.state == "quarantined":  # Whoever let it go before may not know.
                    self._asked(file, ("", ()), "quarantine")
            else:
                file.ended = True
                self._gone[run_id] = file.resent
                self._gone_of.setdefault(file.origin, {})[run_id] = file.resent
        self.files = {id: file for id, file in self.files.items() if id in kept}

    def _compare(self, file: RunFile) -> None:
        """Hold a run's row against what its journal says."""
        row = file.row
        if row is None or row.state in ("queued", "quarantined"):
            return
        if row.state in FINAL_RUN_STATES and not file.segments:
            return  # It was refused before it began.
        try:
            state = self.state_of(file)
        except Exception as error:  # noqa: BLE001 - whatever it is, the journal cannot be read back
            self._broken(f"fold.fails: {file.id}: {type(error).__name__}: {error}")
            return
        folded = state.status in FINAL_RUN_STATES
        if folded or row.state in FINAL_RUN_STATES:
            if state.status != row.state:
                self._broken(f"fold.state: {file.id} is {row.state}, its journal {state.status}")
            look_at_end(self._server, file, state, self._broken)
            look_at_crashes(file, self._broken)
        elif row.owner is None:
            look_at_crashes(file, self._broken)
            look_at_rest(file, row, state, self._latest_ms, self._broken)
            look_at_waits(self._server, file, state, self._broken)

    # Before a send -----------------------------------------------------------------------------

    def sending(self, process: Process, send: Send) -> None:
        """Look at a request that leaves a process and may change something."""
        name = f"{process.name} sends {send.kind} {'/'.join(send.step)}"
        found = self.keys.get(send.key)
        if found is None:
            self._broken(f"send.unstarted: {name}, and no start of it is committed")
            return
        file, place = found
        row, step = file.row, file.steps[place]
        assert row is not None
        if (file.origin, place[0]) != send.step[:2]:
            self._broken(f"send.key: {name} under the key of {file.id} {place}")
        if self._time.monotonic_s() < self._excused_until_s and row.owner != process.owner:
            pass
        elif row.state in FINAL_RUN_STATES:
            self._broken(f"send.final: {name}, but the run is {row.state}")
        elif row.owner != process.owner:
            self._broken(f"send.stale: {name}, but the run is with {row.owner}")
        elif self.shared and (row.lease_until or 0) < self._time.now_ms() + BRINK_MS:
            self._broken(f"send.brink: {name}, and somebody else may have the run right after")
        elif step.asked:
            self._broken(f"send.asking: {name}, but a person is asked about it")
        elif step.over or not step.started:
            self._broken(f"send.over: {name}, but the step is past that")
        if send.version and self.versions.get(row.version, send.version) != send.version:
            self._broken(f"send.version: {name} by version {send.version}")
        wanted = {place}
        if self.lists_change:
            steps = (step for each in self.family(file.origin) for step in each.steps)
            wanted |= {step for step in steps if step[0] == place[0]}
        self._look_at_earlier(send, sum(self.resent(file, each) for each in wanted), name)

    def _look_at_earlier(self, send: Send, resent: int, name: str) -> None:
        assert self.vendor is not None
        earlier = self.vendor.of_step.get(send.step, [])
        unsure = [it for it in earlier if it.state != "harmless" and it.kind == send.kind]
        if send.kind in NEVER_REPEAT and len(unsure) > resent:
            self._broken(f"send.repeated: {name} a second time, and nobody wanted that")
        if send.kind == "pay":
            same = [each.at_s for each in unsure if each.key == send.key]
            if same and send.at_s - same[0] > SURE_S and not resent:
                self._broken(f"send.window: {name}, and the vendor may have forgotten the key")
            if len({each.key for each in unsure} - {send.key}) > resent:
                self._broken(f"send.newkey: {name} under a key of its own")


def _spell(row: RunRow) -> str:
    return (
        f"{row.state} token {row.token} seq {row.seq} owner {row.owner} due {row.due_at} "
        f"rung {row.rung}"
    )


def _letters(fmt: int, raw: bytes) -> str:
    return " ".join(
        ":".join(str(part) for part in transition[:2])
        for _, transitions in decode_segment(fmt, raw)
        for transition in transitions
    )
