"""A whole Tramo in a simulated world that a seed decides: virtual time, a vendor with a ledger,
people, and faults wherever one can be.

    from tramo.testing.simulation import simulate

    assert simulate(1).violations == []

The runner, the engine, the door, the outbound client and the store's SQL are the real ones. What is
simulated are the ports: time, ids, work, rings, the network, and when a commit is heard of.
"""

from tramo.testing.simulation.crowd import SHAPES
from tramo.testing.simulation.shape import Shape
from tramo.testing.simulation.simulate import Result, simulate

__all__ = ["SHAPES", "Result", "Shape", "simulate"]
