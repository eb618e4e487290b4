"""Which connectors are installed, what they offer, and why one that is broken is not offered.

This room knows entry points and definitions. It reaches nobody, stores nothing and runs no action.
"""

from tramo.registry.discovery import GROUP, discover
from tramo.registry.registry import Broken, Registry

__all__ = ["GROUP", "Broken", "Registry", "discover"]
