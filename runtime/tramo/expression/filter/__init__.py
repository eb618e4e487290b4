"""The filters a shop needs, by what they work on; importing this package fills the table."""

from tramo.expression.filter import calendar, number, sequence, text, value
from tramo.expression.filter.registry import FILTERS

__all__ = ["FILTERS", "calendar", "number", "sequence", "text", "value"]
