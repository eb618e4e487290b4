"""The live feed of all processes: what this one does is told to whoever watches, wherever they are.

A process with watchers says so every few seconds; the others tell it the news of those workspaces
and of no others. News that is lost is seen at the next look at the page.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from tramo.app.live import LiveFeed
from tramo.model.value import NotExact, decode, encode
from tramo.ports.clock import Clock
from tramo.queue.bus import Bus

NEWS: Final = "news"
WATCHED: Final = "watched"
SAY_S: Final = 5.0
FORGET_S: Final = 15.0
WORKSPACES: Final = 10_000

_Id = Annotated[str, Meta(max_length=80)]


class SharedFeed:
    """Where the runner tells its news; see tramo.runner.news.Feed."""

    def __init__(self, *, live: LiveFeed, bus: Bus, clock: Clock) -> None:
        self._live = live
        self._bus = bus
        self._clock = clock
        self._watched: dict[str, float] = {}
        """Until when a workspace counts as watched elsewhere."""
        self._said_at = 0.0
        bus.on(WATCHED, Annotated[list[_Id], Meta(max_length=1_000)], self._note)
        bus.on(NEWS, tuple[_Id, Literal["run", "step", "flow", "presence"], bytes], self._take)
        live.on_listener = self.say_watched

    def listening(self, workspace_id: str, /) -> bool:
        return self._live.listening(workspace_id) or self._is_watched(workspace_id)

    def publish(self, workspace_id: str, event: str, data: dict[str, Any]) -> None:
        self._live.publish(workspace_id, event, data)
        if self._is_watched(workspace_id):
            self._bus.say(NEWS, (workspace_id, event, encode(data)))

    def say_watched(self) -> None:
        """Tell the others which workspaces are watched here."""
        self._said_at = self._clock.monotonic_s()
        if watched := self._live.watched():
            self._bus.say(WATCHED, sorted(watched)[:1_000])

    def look(self) -> None:
        """Say it again when it is time to."""
        if self._clock.monotonic_s() - self._said_at >= SAY_S:
            self.say_watched()

    def _is_watched(self, workspace_id: str) -> bool:
        return self._watched.get(workspace_id, 0.0) > self._clock.monotonic_s()

    def _note(self, workspace_ids: list[str]) -> None:
        now = self._clock.monotonic_s()
        if len(self._watched) > WORKSPACES:
            self._watched = {one: until for one, until in self._watched.items() if until > now}
        if len(self._watched) <= WORKSPACES:
            self._watched.update(dict.fromkeys(workspace_ids, now + FORGET_S))

    def _take(self, news: tuple[str, str, bytes]) -> None:
        """Show a stranger's news: read and written again, so that it is nothing but data."""
        workspace_id, event, raw = news
        try:
            data = decode(raw)
        except (NotExact, ValueError):
            return
        if isinstance(data, dict):
            self._live.publish(workspace_id, event, data)
