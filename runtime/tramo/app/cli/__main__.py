"""`python -m tramo.app.cli` is `tramo`."""

from tramo.app.cli.main import main

main()
