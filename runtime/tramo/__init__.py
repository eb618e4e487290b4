"""Tramo: a durable, visual flow runtime for e-commerce."""

__version__ = "0.1.0"
