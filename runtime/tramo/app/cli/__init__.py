"""The command line: thin verbs over the same API that the editor uses.

Nothing heavy is imported before a verb needs it: bare start-up stays under 0.3 s.
"""

from tramo.app.cli.main import main

__all__ = ["main"]
