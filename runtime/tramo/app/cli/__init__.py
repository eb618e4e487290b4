"""The command line: thin verbs over the same API that the editor uses.

Nothing heavy is imported before a verb needs it: bare start-up stays under 0.3 s.
"""

import gc

# What a start makes stays: looking through it for garbage takes a tenth of a start.
gc.set_threshold(100_000, 20, 50)

from tramo.app.cli.main import main  # noqa: E402 - what it imports is what is not looked through

__all__ = ["main"]
