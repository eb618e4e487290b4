"""Claims runs and performs what the engine asks: the only place where engine, store and the way out
meet.

It decides nothing about a run and opens no socket itself.
"""

from tramo.runner.plan import PlanCache
from tramo.runner.runner import Begun, Feed, Runner

__all__ = ["Begun", "Feed", "PlanCache", "Runner"]
