"""Who holds a run: what must hold whenever a run's row changes hands, or is about to.

It compares two states of a row, and keeps nothing but who held a run under which token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tramo.model.limit import CRASHES_BEFORE_QUARANTINE, CRASHES_BEFORE_SUSPICION
from tramo.model.run import FINAL_RUN_STATES
from tramo.testing.simulation.file import TOLERANCE_MS, RunFile
from tramo.testing.simulation.log import RunRow
from tramo.testing.simulation.port import Time
from tramo.testing.simulation.process import Process

TELLING_S: Final = 300.0
"""For so long after somebody spoke to a run it may be taken up by name."""
LEASE_MS: Final = 30_000
"""A run whose worker is gone is taken up again so soon."""
WELL_S: Final = 31.0
"""Who was not held up for so long has renewed its leases, or given back what it could not take."""
LATE_MS: Final = 25_000
"""A run that is due is taken up within a sweep of five seconds, and when those before it are done:
half a second each, where there is one slot for all that an order starts."""


class Tenure:
    """Looks at each change of a run's row."""

    def __init__(
        self,
        time: Time,
        *,
        alive: Callable[[str], bool],
        hit_until_s: Callable[[str], float],
        told_at_s: Callable[[str], float],
        calm_since_s: Callable[[], float | None],
        broken: Callable[[str], None],
    ) -> None:
        self._time = time
        self._alive = alive
        self._told_at_s = told_at_s
        self._calm_since_s = calm_since_s
        """Since when nothing has gone wrong, and everybody has been at work; None: it is not so."""
        self._hit_until_s = hit_until_s
        """Until when the latest fault kept a holder from something."""
        self._broken = broken

    def is_well(self, owner: str, for_s: float = WELL_S) -> bool:
        """Tell whether a holder lives and has had time enough, of late, to renew its leases, or for
        what takes less."""
        well_s = self._time.monotonic_s() - self._hit_until_s(owner)
        return self._alive(owner) and well_s > for_s

    def look(self, process: Process, file: RunFile, before: RunRow, after: RunRow, now: int) -> str:
        """Check one change; return what it was: `claim`, `move` or something else."""
        self._check_row(file.id, before, after, now)
        self._count_crashes(process, file, before, after)
        if after.token == before.token + 1 and after.owner is not None:
            self._check_claim(process, file, before, after, now)
            return "claim"
        if after.owner not in (before.owner, None, file.holders.get(after.token)):
            self._broken(f"token.kept: {file.id} changed hands under one token")
        self._look_at_lease(process, file.id, before, after)
        if after.version != before.version:
            self._check_move(file.id, before, after)
            return "move"
        return "change"

    def _check_row(self, run_id: str, before: RunRow, after: RunRow, now: int) -> None:
        if before.state in FINAL_RUN_STATES and (after.state, after.reason, after.token) != (
            before.state,
            before.reason,
            before.token,
        ):
            self._broken(f"final.moves: {run_id} was {before.state} and is {after.state}")
        if after.token not in (before.token, before.token + 1):
            self._broken(f"token.jumps: {run_id} from {before.token} to {after.token}")
        if after.seq < before.seq:
            self._broken(f"seq.back: {run_id} from {before.seq} to {after.seq}")
        quarantined = after.state == "quarantined" != before.state
        if quarantined and after.crashes < CRASHES_BEFORE_QUARANTINE:
            self._broken(f"quarantine.early: {run_id} after {after.crashes} crashes")
        if after.owner is not None and (after.due_at is None or after.lease_until is None):
            self._broken(f"lease.none: {run_id} has an owner for ever")
        elif after.lease_until != (None if after.owner is None else after.due_at):
            self._broken(
                f"lease.undue: {run_id} is due at {after.due_at}, held until {after.lease_until}"
            )
        lease = after.lease_until
        if lease not in (None, before.lease_until) and lease > now + LEASE_MS + TOLERANCE_MS:
            self._broken(f"lease.long: {run_id} is held for {lease - now} ms")

    def _count_crashes(
        self, process: Process, file: RunFile, before: RunRow, after: RunRow
    ) -> None:
        """A crash is counted where a worker was lost, or gives up, and nowhere else."""
        more = after.crashes - before.crashes
        file.further &= more <= 0
        if more <= 0 or after.token != before.token:
            return
        gave_up = before.owner == process.owner and after.owner is None
        if more > 1 or not gave_up or after.seq != before.seq:
            self._broken(f"crash.invented: {file.id} is blamed for {after.crashes} crashes")

    def _look_at_lease(self, process: Process, run_id: str, before: RunRow, after: RunRow) -> None:
        holder = before.owner
        if holder is None or holder == process.owner or not self._alive(holder):
            return
        if after.owner == holder and after.lease_until != before.lease_until:
            self._broken(f"lease.foreign: {process.name} changed a lease of {holder}")
        if after.owner is None and after.token == before.token:
            self._broken(f"lease.taken: {process.name} took {run_id} away from {holder}")

    def is_told(self, run_id: str) -> bool:
        """Tell whether somebody may have just said something to a run, and had it claimed."""
        return self._time.monotonic_s() - self._told_at_s(run_id) < TELLING_S

    def _check_claim(
        self, process: Process, file: RunFile, before: RunRow, after: RunRow, now: int
    ) -> None:
        file.holders[after.token] = after.owner
        if after.owner != process.owner:
            self._broken(f"claim.foreign: {process.name} claimed {file.id} for somebody else")
        lost = before.owner is not None
        if after.crashes != before.crashes + lost:
            self._broken(f"claim.uncounted: {file.id} lost {int(lost)} workers, and nobody counts")
        if not lost:
            if not self.is_told(file.id) and (
                before.due_at is None or before.due_at > now + TOLERANCE_MS
            ):
                self._broken(f"claim.early: {file.id} was not due")
        elif before.lease_until is not None and before.lease_until > now + TOLERANCE_MS:
            self._broken(
                f"claim.stolen: {file.id} had a lease for {before.lease_until - now} ms more"
            )
        elif before.owner is not None and self.is_well(before.owner):
            self._broken(f"lease.lapsed: {before.owner} lost {file.id}, and nothing held it up")
        if after.crashes < CRASHES_BEFORE_SUSPICION:  # Suspects come one after the other.
            self._check_patience(file.id, before.lease_until if lost else before.due_at)

    def _check_patience(self, run_id: str, due_at: int | None) -> None:
        since_s = self._calm_since_s()
        if since_s is None or due_at is None:
            return
        calm_ms = round((self._time.monotonic_s() - since_s) * 1_000)
        late_ms = min(self._time.now_ms() - due_at, calm_ms)
        if late_ms > LATE_MS:
            self._broken(f"claim.late: {run_id} was due {late_ms} ms ago, and everybody was there")

    def _check_move(self, run_id: str, before: RunRow, after: RunRow) -> None:
        """A run moves to another version where it waits, and takes nothing along but its row."""
        if before.state == "queued":
            return
        kept = (before.state, before.reason, before.seq, before.owner, before.event_id)
        if (after.state, after.reason, after.seq, after.owner, after.event_id) != kept:
            self._broken(f"move.changed: {run_id} has more than another version")
        if before.state != "waiting" or before.owner is not None or before.stop_by is not None:
            self._broken(f"move.busy: {run_id} moved, and is {before.state} with {before.owner}")
        if after.token != before.token + 1:
            self._broken(f"move.unfenced: {run_id} moved under the token that somebody may have")
        if before.due_at is not None and (after.due_at is None or after.due_at > before.due_at):
            self._broken(f"move.late: {run_id} was due at {before.due_at}, now {after.due_at}")
