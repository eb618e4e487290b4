"""Runs people's Python in worker processes that can reach nothing. It knows no flow and no run."""

from tramo.sandbox.pool import MontySandbox

__all__ = ["MontySandbox"]
