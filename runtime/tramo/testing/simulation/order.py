"""What the shops tell: orders, and that they were paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.poll import post

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

PAID_S: Final = (-20.0, 0.0, 0.5, 20.0, 3_000.0, 3_590.0, 3_600.0, 3_700.0)
"""How long after an order it is paid."""


def order(world: World, chance: Chance) -> None:
    """Let everything be delivered in its time, and later versions be published between."""
    shape, people = world.shape, world.people
    gap_s = chance.choice((0.02, 5.0, 300.0))
    post(world, shape.news, Chance(world.seed, "news"))
    for number in range(shape.orders):
        name = "o0" if shape.same_order else f"o{number}"
        items = [f"i{item}" for item in range(chance.randint(1, 5))]
        at_s = chance.uniform(0, gap_s * shape.orders)
        told = {"order": name, "items": items, "total": number}
        also = [(f"e{number}", {**told, "order": f"e{number}"})] if shape.paired else []
        for connection_id in shape.shops:
            people.do(people.send("order", f"d{number}", told, at_s, connection_id, also))
        for connection_id in shape.shops if shape.paid else ():
            if chance.happens(0.7):
                _pay(world, chance, name, number, at_s, connection_id)
    for number, document in enumerate(shape.later, start=2):
        after_s = chance.uniform(0, gap_s * shape.orders)
        world.loop.call_later(after_s, world.publish_later, document, number)


def _pay(
    world: World, chance: Chance, name: str, number: int, at_s: float, connection_id: str
) -> None:
    """Tell that an order was paid, now and then twice at nearly the same time."""
    late_s = at_s + chance.choice(PAID_S)
    times = {f"d{number}": late_s}
    if chance.happens(0.4):
        times[f"q{number}"] = late_s + chance.choice((0.0, 0.002, 0.5))
    for id, after_s in times.items():
        paid = {"order": name, "id": id, "shop": connection_id}
        world.people.do(world.people.send("paid", id, paid, max(after_s, 0.0), connection_id))
