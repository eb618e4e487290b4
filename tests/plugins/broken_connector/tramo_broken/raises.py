"""Fails while it is loaded, as code that was made for another version does."""

raise SystemExit("this plugin wants to stop the whole program")
