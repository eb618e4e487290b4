"""Needs a package that nobody installed."""

import a_package_that_nobody_installed  # noqa: F401  # pyright: ignore[reportMissingImports]
