"""Mistakes about fences, leases and claims."""

from __future__ import annotations

from tramo.outbound import client
from tramo.runner import attempt, hand, holding, load, room, runner, watch
from tramo.store import lease, row
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant
from tramo.testing.simulation.port import SimulatedClock


@plant
def _no_fence_on_advance(patch: Patch) -> None:
    """Whoever held a run before may still write to it."""
    patch.set(row.ADVANCE, "_spelled", {})
    after = row.ADVANCE._after
    assert " AND run.token = v.token" in after
    patch.set(row.ADVANCE, "_after", after.replace(" AND run.token = v.token", ""))


@plant
def _no_fence_on_renew(patch: Patch) -> None:
    """A lease is renewed whoever has it."""
    patch.rewrite(lease, "renew_leases", ("_r.owner == owner", "_r.owner.is_not(None)"))


@plant
def _own_clock(patch: Patch) -> None:
    """Workers go by the clocks of their machines."""
    patch.rewrite(SimulatedClock, "now_ms", ("self._skew_ms", "self.own_skew_ms"))


@plant
def _token_kept(patch: Patch) -> None:
    """A claim does not raise the token."""
    patch.rewrite(lease, "_take", ("token=_r.token + 1", "token=_r.token"))


@plant
def _living_robbed(patch: Patch) -> None:
    """Runs are claimed some time before their leases end."""
    patch.rewrite(lease, "claim_due", ("_r.due_at <= now,", "_r.due_at <= now + 25_000,"))


@plant
def _start_robs_all(patch: Patch) -> None:
    """Who starts takes over what living workers hold."""
    patch.rewrite(watch.Watch, "start", ("if not self._database.shared:", "if True:"))


@plant
def _send_unasked(patch: Patch) -> None:
    """Nobody looks, before a send, whether the run is still this worker's."""
    patch.set(client, "check_may_send", lambda *_: None)
    patch.rewrite(attempt.Attempts, "carry_out", ("if not call.may_send():", "if False:"))


@plant
def _final_revived(patch: Patch) -> None:
    """Somebody may claim a run that has ended, and go on with it."""
    patch.rewrite(
        lease,
        "wake",
        (
            ".where(_r.id.in_(run_ids), _r.state.not_in(sorted(FINAL_RUN_STATES)))",
            ".where(_r.id.in_(run_ids))",
        ),
    )


@plant
def _crash_uncounted(patch: Patch) -> None:
    """A crash is counted after the run that it ends, which is never."""
    patch.rewrite(lease, "_take", ("case((_r.owner.is_not(None), 1), else_=0)", "0"))


@plant
def _poison_free(patch: Patch) -> None:
    """What takes its worker down is tried for ever."""
    patch.set(load, "CRASHES_BEFORE_QUARANTINE", 10**9)


@plant
def _watch_stops(patch: Patch) -> None:
    """Looking for due runs stops at the first mistake."""
    patch.rewrite(watch.Watch, "_watch", ("except Exception:", "except ZeroDivisionError:"))


@plant
def _cancel_swallowed(patch: Patch) -> None:
    """Looking for due runs goes on when it is told to stop."""
    patch.rewrite(watch.Watch, "_watch", ("except Exception:", "except BaseException:"))


@plant
def _kept_at_stop(patch: Patch) -> None:
    """Who stops in order gives nothing back."""
    patch.rewrite(lease, "give_back", ("_r.owner == owner", "_r.owner.is_(None)"))


@plant
def _ring_lost(patch: Patch) -> None:
    """Nobody looks unless rung for, and rings are lost."""
    patch.set(watch, "SWEEP_S", 10**9)
    patch.set(runner.Runner, "ring", lambda *_: None)


@plant
def _fence_by_one(patch: Patch) -> None:
    """Whoever held a run right before may still write to it."""
    patch.set(row.ADVANCE, "_spelled", {})
    after = row.ADVANCE._after
    assert " AND run.token = v.token" in after
    old = " AND run.token = v.token"
    patch.set(row.ADVANCE, "_after", after.replace(old, " AND run.token <= v.token + 1"))


@plant
def _all_given_back(patch: Patch) -> None:
    """Who stops gives back what others hold, too."""
    patch.rewrite(lease, "give_back", ("_r.owner == owner", "_r.owner.is_not(None)"))


@plant
def _crash_invented(patch: Patch) -> None:
    """Every claim counts as a crash."""
    patch.rewrite(lease, "_take", ("case((_r.owner.is_not(None), 1), else_=0)", "1"))


@plant
def _rest_trusted(patch: Patch) -> None:
    """A waiting run that is kept at hand is trusted, though another worker has advanced it."""
    patch.rewrite(
        load.Loader,
        "load",
        (
            "if live is not None and (live.seq, live.token + 1) == (claim.seq, claim.token):",
            "if live is not None:",
        ),
    )


@plant
def _stop_unheard(patch: Patch) -> None:
    """Who takes a run up does not look whether it was asked to stop."""
    patch.rewrite(load.Loaded, "missed", ("if self.stop_by is not None", "if False"))


@plant
def _suspect_again(patch: Patch) -> None:
    """Of suspects the one comes first that is due for longest, however many died with it."""
    patch.rewrite(lease, "claim_due", (", first=(_CRASHES,)", ""))


@plant
def _sweep_rare(patch: Patch) -> None:
    """Nobody looks for what is due but every ten minutes."""
    patch.set(watch, "SWEEP_S", 600.0)
    patch.rewrite(watch.Watch, "_claim", ("if due is not None:", "if due is None:"))


@plant
def _lease_long(patch: Patch) -> None:
    """A run whose worker is gone is left alone for minutes."""
    patch.set(watch, "LEASE_MS", 300_000)


@plant
def _room_lost(patch: Patch) -> None:
    """A run that is done with keeps its place among those at work."""
    patch.rewrite(room.Room, "leave", ("self._taken -= 1", "pass"))


@plant
def _ring_robs(patch: Patch) -> None:
    """Whoever is rung for is due at once, whoever works on it."""
    patch.rewrite(lease, "wake", ("case((_r.owner.is_(None), now), else_=_r.due_at)", "now"))


@plant
def _ring_uncounted(patch: Patch) -> None:
    """A ring makes a run due, and leaves no trace where somebody works on it."""
    patch.rewrite(lease, "wake", ("rung=_r.rung + 1, ", ""))


@plant
def _share_ignored(patch: Patch) -> None:
    """Who is due for longest is taken up first, whosever run it is."""
    patch.rewrite(
        lease,
        "claim_due",
        ("_shared_out(connection, (*due, ~_SUSPECT), found, count)", "found[:count]"),
    )


@plant
def _newest_first(patch: Patch) -> None:
    """Who is due for longest is taken up last."""
    patch.rewrite(lease, "_oldest", ("*first, _r.due_at)", "*first, _r.due_at.desc())"))


@plant
def _suspects_together(patch: Patch) -> None:
    """Runs that may be what takes workers down are taken up like any other."""
    patch.set(lease, "_SUSPECT", lease._r.crashes > 99)


@plant
def _crashes_kept(patch: Patch) -> None:
    """Crashes count for as long as a run lives, however far it came between them."""
    patch.rewrite(holding.Holding, "came_further", ("live.crashes = 0", "pass"))


@plant
def _renewed_late(patch: Patch) -> None:
    """Leases are renewed when they have ended."""
    patch.set(watch, "RENEW_S", 31.0)


@plant
def _brink_ignored(patch: Patch) -> None:
    """Something is sent for a run right before somebody else may have it."""
    patch.set(hand, "MARGIN_MS", 0)
