"""The simulated vendor: a ledger of what it did, a memory of keys, moods, and its own time.

It lives outside every process: what has reached it goes on when the sender is dead. Tramo reaches
it through the real outbound client, whose Http port ends here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from math import inf
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec

from tramo.model.limit import CRASHES_AT_MOST
from tramo.model.value import decode, encode
from tramo.ports.http import Interrupted, NotSent, Request, Response
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.connector import KEY_WINDOW_S
from tramo.testing.simulation.nemesis import Nemesis
from tramo.testing.simulation.poll import News, page_after
from tramo.testing.simulation.port import begin, pause
from tramo.testing.simulation.process import Process

Step = tuple[str, str, str]
"""Run, node and place: one intended effect, whatever keys it travels under."""
Mood = Literal[
    "honest",
    "unreachable",
    "busy",
    "broken_before",
    "broken_after",
    "lost_before",
    "lost_after",
    "garbled",
    "refusing",
    "locked",
]
MOODS: Final[tuple[Mood, ...]] = (
    "unreachable",
    "busy",
    "broken_before",
    "broken_after",
    "lost_before",
    "lost_after",
    "garbled",
    "refusing",
    "locked",
)
PAUSES_S: Final = (3, 20)
"""For how long it asks to be left alone."""


class Send(msgspec.Struct, kw_only=True):
    """One request that changes something, as the vendor's side of the world saw it."""

    kind: str
    step: Step
    version: int
    key: str
    process: str
    at_s: float
    state: Literal["flying", "settled", "harmless"] = "flying"
    """harmless: the sender was told for certain that nothing was done, or nothing left it."""
    again_from_s: float = 0.0
    """Until then the sender was asked to wait, in time that no clock shows wrong."""
    landed: bool = False
    """The vendor is done with it, whatever the sender knows."""


class Effect(msgspec.Struct, frozen=True):
    """Something that happened in the world."""

    kind: str
    step: Step
    key: str
    value: Any
    at_s: float


class Watched(Exception):
    """An invariant does not hold; the text says which."""


class Vendor:
    """One vendor, for all workers."""

    def __init__(
        self,
        chance: Chance,
        *,
        unruly: float,
        slow: float,
        sending: Callable[[Process, Send], None],
        broken: Callable[[str], None],
        crash: Callable[[Process, str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._chance = chance
        self._unruly = unruly
        self._slow = slow
        self._sending = sending
        self._broken = broken
        self._crash = crash
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self.honest = False
        self.sends: list[Send] = []
        self.news: list[News] = []
        """What it tells whoever asks, oldest first."""
        self.asked_s = inf
        """When somebody asked first."""
        self.effects: list[Effect] = []
        self.told: dict[str, bool | None] = {}
        """By key: what it said last to whoever asked whether that happened."""
        self._known: dict[str, tuple[float, bytes, Response]] = {}
        self.poisoned: dict[str, int] = {}
        self.of_step: dict[Step, list[Send]] = {}

    # What a person sees ----------------------------------------------------------------------

    def done(self, step: Step) -> list[Effect]:
        """Return what a step has brought about."""
        return [effect for effect in self.effects if effect.step == step]

    def flying(self, key: str) -> bool:
        """Tell whether something under a key is still on its way."""
        return any(send.key == key and not send.landed for send in self.sends)

    def approached(self, process: Process, too_soon_s: float) -> None:
        """Hear from a process that comes so long before it was asked to come back."""
        if too_soon_s > 0.001:
            self._broken(f"pause.ignored: {process.name} comes {too_soon_s:.1f} s too soon")

    # What it is sent -------------------------------------------------------------------------

    async def send(self, process: Process, request: Request) -> Response:
        """Take a request of a process; raises what a transport raises."""
        if request.method == "GET":
            return await self._read(process, request)
        told = decode(request.body)
        send = Send(
            kind=urlsplit(request.url).path.strip("/"),
            step=(told["run"], told["node"], told["place"]),
            version=told["version"],
            key=request.headers["Idempotency-Key"],
            process=process.name,
            at_s=self._loop.time(),
        )
        self._sending(process, send)
        self.sends.append(send)
        self.of_step.setdefault(send.step, []).append(send)
        mood = self._mood()
        self._tell(f"{process.name} sends {send.kind} {'/'.join(send.step)} ({mood})")
        if mood == "unreachable":
            send.state, send.landed = "harmless", True
            raise NotSent("nobody answers, says the simulation")
        future: asyncio.Future[Response | None] = self._loop.create_future()
        Context().run(begin, self._serve(send, request, mood, future), "vendor")
        try:
            async with asyncio.timeout(request.timeout_s):
                response = await asyncio.shield(future)
        except TimeoutError:
            raise Interrupted("no answer in time, says the simulation") from None
        if response is None:
            raise Interrupted("the answer was lost, says the simulation")
        if response.status < 500 and process.alive:
            send.state = "settled" if response.status < 400 else "harmless"
            asked_s = float(response.headers.get("retry-after", 0))
            send.again_from_s = self._loop.time() + asked_s
        return response

    def _mood(self) -> Mood:
        if self.honest or not self._chance.happens(self._unruly):
            return "honest"
        return self._chance.choice(MOODS)

    def _takes_s(self) -> float:
        if not self.honest and self._chance.happens(self._slow):
            return self._chance.choice((6.0, 20.0, 29.0, 45.0, 100.0))
        return self._chance.uniform(0.01, 1.5)

    async def _serve(
        self, send: Send, request: Request, mood: Mood, future: asyncio.Future[Response | None]
    ) -> None:
        seconds = self._takes_s()
        share = self._chance.random()
        await pause(seconds * share)
        answer = self._answer(send, request, mood)
        send.landed = True
        await pause(seconds * (1 - share))
        if not future.done():
            future.set_result(answer)

    def _answer(self, send: Send, request: Request, mood: Mood) -> Response | None:
        match mood:
            case "busy":
                return self._busy()
            case "locked":
                return _reply(401, {"error": "who are you?"})
            case "broken_before":
                return _reply(500, {"error": "sorry"})
            case "refusing":
                return _reply(422, {"error": "no"})
            case "lost_before":
                return None
        response = self._act(send, request)
        match mood:
            case "broken_after":
                return _reply(502, {"error": "sorry"})
            case "lost_after":
                return None
            case "garbled":
                return Response(status=200, body=b'{"deed": ', url=request.url)
        return response

    def _busy(self) -> Response:
        pause_s = self._chance.choice(PAUSES_S)
        return _reply(429, {"error": "slow down"}, {"retry-after": str(pause_s)})

    def _act(self, send: Send, request: Request) -> Response:
        now = self._loop.time()
        known = self._known.get(send.key) if send.kind == "pay" else None
        if known is not None and now - known[0] < KEY_WINDOW_S:
            if known[1] != request.body:
                self._broken(f"keyed.body: another body under the key of {send.step}")
            return known[2]
        told = decode(request.body)
        self.effects.append(Effect(send.kind, send.step, send.key, told["value"], now))
        self._tell(f"vendor did {send.kind} {'/'.join(send.step)}")
        response = _reply(200, {"deed": len(self.effects), "value": told["value"]})
        self._known[send.key] = (now, request.body, response)
        return response

    # What only reads -------------------------------------------------------------------------

    async def _read(self, process: Process, request: Request) -> Response:
        kind = urlsplit(request.url).path.strip("/")
        mood = self._mood()
        self._tell(f"{process.name} asks {kind} ({mood})")
        if kind == "poison":
            self._poison(process, decode(request.body)["run"])
        await pause(self._takes_s())
        match mood:
            case "unreachable":
                raise NotSent("nobody answers, says the simulation")
            case "lost_before" | "lost_after":
                raise Interrupted("the answer was lost, says the simulation")
            case "broken_before" | "broken_after":
                return _reply(503, {"error": "sorry"})
            case "busy":
                return self._busy()
            case "locked":
                return _reply(401, {"error": "who are you?"})
        query = parse_qs(urlsplit(request.url).query)
        if kind == "label":
            return self._found(query["key"][0])
        if kind == "news":
            self.asked_s = min(self.asked_s, self._loop.time())
            return _reply(200, page_after(self.news, int(query["after"][0])))
        told = decode(request.body)
        return _reply(200, {"value": told["value"], "filler": "x" * told["size"]})

    def _poison(self, process: Process, run_id: str) -> None:
        self.poisoned[run_id] = self.poisoned.get(run_id, 0) + 1
        if self.poisoned[run_id] > CRASHES_AT_MOST:
            self._broken(f"poison.free: {run_id} takes down one worker after the other")
        self._crash(process, "poison")

    def _found(self, key: str) -> Response:
        did = any(effect.key == key for effect in self.effects)
        known = self._known.get(key)
        found = True if did else None if self.flying(key) else False
        self.told[key] = found
        answer = decode(known[2].body) if known is not None else None
        return _reply(200, {"found": found, "answer": answer})


class SimulatedHttp:
    """A process's way to the vendor; answers may be lost on their way back to it."""

    def __init__(self, vendor: Vendor, process: Process, nemesis: Nemesis) -> None:
        self._vendor = vendor
        self._process = process
        self._nemesis = nemesis
        self._loop = asyncio.get_running_loop()
        self._quiet_until_s = 0.0
        """Until when the vendor wants to be left alone, as this process knows."""

    async def send(self, request: Request) -> Response:
        if not self._process.alive:
            await self._loop.create_future()
        self._vendor.approached(self._process, self._quiet_until_s - self._loop.time())
        response = await self._vendor.send(self._process, request)
        verdict = self._nemesis.pass_by("send.after", self._process)
        await pause(verdict.seconds)
        if response.status == 429:
            quiet_s = float(response.headers["retry-after"])
            self._quiet_until_s = max(self._quiet_until_s, self._loop.time() + quiet_s)
        return response


def _reply(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
        body=encode(body),
        url="https://vendor.example/",
    )
