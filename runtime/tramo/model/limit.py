"""The named limits of the house. What is refused for its size is refused by one of these."""

from typing import Final

NODES_PER_FLOW: Final = 2_000
NOTES_PER_FLOW: Final = 500
FLOW_DOCUMENT_BYTES: Final = 10 * 1024 * 1024
DELIVERY_BYTES: Final = 1024 * 1024
"""A webhook body. The operator may raise it up to ten times."""
NUMBER_DIGITS: Final = 40
"""Longest integer, or coefficient of a fraction, that enters a run."""
NUMBER_EXPONENT: Final = 40
JSON_DEPTH: Final = 100
INLINE_VALUE_BYTES: Final = 64 * 1024
"""A larger output goes to the blob store and is carried by reference."""
OUTPUT_BYTES: Final = 10 * 1024 * 1024
RESPONSE_BYTES: Final = 10 * 1024 * 1024
STEPS_AT_ONCE: Final = 10
RETRY_ATTEMPTS: Final = 4
RETRY_ATTEMPTS_MAX: Final = 20
CRASHES_BEFORE_QUARANTINE: Final = 3
CRASHES_AT_MOST: Final = 6
"""So many where workers that have other runs in hand are lost as well."""
CRASHES_BEFORE_SUSPICION: Final = 2
"""From so many on a run is taken up while no other such run is in hand: what was merely in hand
when another one took the process down comes further, and is cleared."""
