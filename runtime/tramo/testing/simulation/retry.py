"""People who let runs have another try, and who move runs that wait to a newer version.

They go to the real desks. Who is refused because of a doubt looks at the vendor, says what became
of it, and tries again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tramo.app.run.rerun import Change, Start, Version
from tramo.graph.plan import Plan
from tramo.model.part import Given
from tramo.model.problem import TramoError
from tramo.store.flow import get_version
from tramo.testing.simulation.audit import Audit
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.desk import Desks
from tramo.testing.simulation.file import RunFile
from tramo.testing.simulation.person import People, scope_of
from tramo.testing.simulation.port import pause
from tramo.testing.simulation.vendor import Vendor
from tramo.testing.simulation.worker import WORKSPACE, Worker

TRIES: Final = 8
"""So often somebody asks for one re-run before giving it up."""
SOON_MS: Final = 600_000
FAMILY_MOST: Final = 4
"""Runs of one origin."""


class Helpers:
    """They wait for runs to end, or for versions to be published."""

    def __init__(
        self,
        people: People,
        chance: Chance,
        vendor: Vendor,
        audit: Audit,
        *,
        tell: Callable[[str], None],
        settled: Callable[[], None],
        changes: bool,
        gives: str = "",
    ) -> None:
        self._people = people
        self._chance = chance
        self._vendor = vendor
        self._audit = audit
        self._tell = tell
        self._settled = settled
        """Called when they have done what they wanted."""
        self._changes = changes
        self._gives = gives

    # Another try -------------------------------------------------------------------------------

    def help(self, file: RunFile) -> None:
        """Let an ended run be re-run, now and then by two people at once."""
        state = file.row.state if file.row is not None else ""
        wanted = 0.8 if state == "failed" else 0.3
        if len(self._audit.family(file.origin)) >= FAMILY_MOST or not self._chance.happens(wanted):
            return
        start: Start = self._chance.choice(("failed", "start"))
        version: Version = self._chance.choice(("same", "newest"))
        after_s = self._people.takes_s()
        change = self._change(file) if self._changes and self._chance.happens(0.6) else None
        if self._gives and self._chance.happens(0.6):
            said = {"value": f"said of {file.id}"}
            change = Change(steps=(Given(node=self._gives, port="out", output=said),))
        for _ in range(2 if self._chance.happens(0.3) else 1):
            self._people.busy += 1
            close_s = after_s + self._chance.uniform(0.0, 0.03)
            self._people.do(self._rerun(file, start, version, change, close_s))

    def _change(self, file: RunFile) -> Change:
        """Return the event of a family's first run with another list: some longer, some shorter,
        in another order, with something new."""
        event = self._audit.event_of(file.origin)
        items = list(event["items"])
        match self._chance.choice(("add", "cut", "turn", "put in")):
            case "add":
                items.append("new")
            case "cut":
                items.pop()
            case "turn":
                items.reverse()
            case _:
                items.insert(0, "new")
        return Change(event={**event, "items": items})

    async def _rerun(
        self, file: RunFile, start: Start, version: Version, change: Change | None, after_s: float
    ) -> None:
        for _ in range(TRIES):
            await pause(after_s)
            after_s = self._people.takes_s()
            worker = await self._people.reach(None)
            self._tell(f"a person re-runs {file.id} from {start} on {version}")
            said = await self._ask(worker, file, start, version, change)
            if said == "rerun.doubt":
                await self._settle(file)
            elif said not in ("", "rerun.open", "rerun.asking"):
                break
        self._people.busy -= 1
        self._settled()

    async def _ask(
        self, worker: Worker, file: RunFile, start: Start, version: Version, change: Change | None
    ) -> str:
        """Return the code of what was refused, the id of the run that was made, or nothing where
        nobody said anything."""
        answers: list[str] = []

        async def ask() -> None:
            try:
                made = await Desks(worker).reruns.rerun(
                    scope_of(file.workspace_id), file.id, start, version, change
                )
            except TramoError as error:
                answers.append(error.code)
            else:
                answers.append(made["run"])

        await self._people.inside(worker, ask(), "rerun")
        self._tell(f"  of {file.id} they hear: {answers[0] if answers else 'nothing'}")
        return answers[0] if answers and answers[0] != "store.unavailable" else ""

    async def _settle(self, file: RunFile) -> None:
        """Say of every doubt that an ended family left open what the vendor shows."""
        for member in self._audit.family(file.origin):
            for (node, path), step in list(member.steps.items()):
                sends = [send for send in self._vendor.sends if send.key == step.key]
                if not sends or not all(send.landed for send in sends):
                    continue
                done = [each for send in sends for each in self._vendor.done(send.step)]
                outcome = "happened" if done else "resend"
                output = {"deed": 0, "value": done[-1].value} if done else None
                worker = await self._people.reach(None)
                last = self._audit.family(file.origin)[-1]

                async def answer(
                    worker: Worker = worker, given: Any = (last.id, node, path, outcome, output)
                ) -> None:
                    await Desks(worker).doubts.answer(scope_of(file.workspace_id), *given)

                self._tell(f"a person says of ended {last.id} {node} {list(path)}: {outcome}")
                await self._people.inside(worker, answer(), "answer")

    # Moves -------------------------------------------------------------------------------------

    def move(self, plan: Plan) -> None:
        """Let what waits on other versions move to a new one, or end."""
        self._people.busy += 1
        self._people.do(self._move(plan))

    async def _move(self, plan: Plan) -> None:
        fate = self._chance.choice(("move", "move", "move", "cancel"))
        for _ in range(self._chance.randint(1, 4)):
            await pause(self._chance.choice((0.1, 3.0, 60.0, 400.0)))
            worker = await self._people.reach(None)
            await pause(self._until_due_s(worker))
            self._tell(f"a person lets what waits {fate}: {plan.version[:8]}")
            await self._people.inside(worker, self._settle_waiting(worker, plan, fate), "move")
        self._people.busy -= 1
        self._settled()

    def _until_due_s(self, worker: Worker) -> float:
        """Now and then they come in the moment in which a run is being taken up."""
        now = worker.clock.now_ms()
        rows = [file.row for file in self._audit.files.values() if file.row is not None]
        left = [row.due_at - now for row in rows if row.state == "waiting" and row.due_at]
        later = [ms for ms in left if 0 < ms < SOON_MS]
        if not later or not self._chance.happens(0.5):
            return 0.0
        return min(later) / 1_000 + self._chance.uniform(0.0, 0.06)

    async def _settle_waiting(self, worker: Worker, plan: Plan, fate: Any) -> None:
        scope, place = scope_of(WORKSPACE), (plan.flow.id, plan.version)
        if await worker.database.read(lambda c: get_version(c, scope, *place)) is None:
            return  # A restore took it back.
        done = await Desks(worker).waiting.settle(scope, plan, fate)
        self._tell(f"  {done['done']} did, {len(done['stay'])} reasons to stay")
