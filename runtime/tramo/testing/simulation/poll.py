"""Polls of the simulated world: news that the vendor has for whoever asks, and that each of them
started one run.

A page repeats the last of what came before it, and holds no more than a few. What was there before
the first poll found its place starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tramo.model.value import decode
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.port import pause

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

PAGE: Final = 3
LOOK_S: Final = 200.0


class News(msgspec.Struct, frozen=True):
    """Something that the vendor tells whoever asks."""

    id: str
    order: dict[str, Any]
    at_s: float


def page_after(news: list[News], cursor: int) -> dict[str, Any]:
    """Return what the vendor has from a place on, the last one before it included."""
    first = max(cursor - 1, 0)
    items = news[first : cursor + PAGE]
    following = first + len(items)
    told = [{"id": item.id, **item.order} for item in items]
    return {"items": told, "next": following, "more": following < len(news)}


def polls_of(document: dict[str, Any]) -> list[str]:
    """Return the sources of a flow's polls."""
    nodes = document["nodes"]
    return [f"{document['id']}/{node['id']}" for node in nodes if node["type"] == "sim.news"]


def post(world: World, count: int, chance: Chance) -> None:
    """Let the vendor have news, now and then many at once."""
    at_s = 0.0
    for number in range(count):
        at_s += chance.choice((0.0, 0.0, 30.0, 900.0, 2_000.0))
        order = {"order": f"o{number}", "items": [], "total": number}
        world.people.busy += 1
        world.people.do(_post(world, f"n{number}", order, at_s))


async def _post(world: World, id: str, order: dict[str, Any], after_s: float) -> None:
    await pause(after_s)
    news = News(id, order, world.loop.time())
    world.vendor.news.append(news)
    world.tell(f"the vendor has news {id}")
    while not _is_settled(world, news):
        await pause(LOOK_S)
    world.people.busy -= 1
    world.look()


def _is_settled(world: World, news: News) -> bool:
    """Tell whether an item is stored, or lies before the place that polls began at."""
    since = primed_since(world)
    if _stored(world, news.id) or (since is not None and news.at_s <= since):
        return True
    if since is not None and _place(world) > world.vendor.news.index(news):
        world.broken(f"poll.skipped: the place of the poll is behind {news.id}, which started none")
    return bool(world.violations)


def _place(world: World) -> int:
    ((cursor,),) = world.server.ask("SELECT cursor FROM timer")
    return decode(bytes(cursor)) if cursor is not None else 0


def primed_since(world: World) -> float | None:
    """Return when polls had found their place, as far as the database knows; None: not yet."""
    ((primed,),) = world.server.ask("SELECT max(primed) FROM timer")
    if not primed:
        world.primed_s = None
    elif world.primed_s is None:
        world.primed_s = world.loop.time()
    return world.primed_s


def next_poll(world: World) -> int | None:
    """Return when somebody asks next."""
    ((due_at,),) = world.server.ask("SELECT min(due_at) FROM timer WHERE due_at IS NOT NULL")
    return due_at


def _stored(world: World, id: str) -> list[Any]:
    return world.server.ask("SELECT source FROM event WHERE delivery_id = ?", id)


def reckon_polls(world: World) -> None:
    """Each item since the polls found their place was stored once, and none before it."""
    for news in world.vendor.news:
        count = len(_stored(world, news.id))
        early = news.at_s < world.vendor.asked_s and not world.restored
        late = world.primed_s is not None and news.at_s > world.primed_s
        if count > 1 or (late and count != 1):
            world.broken(f"poll.item: {news.id} is stored {count} times")
        if early and count:
            world.broken(f"poll.old: {news.id} was there before the first poll, and started a run")
