"""NUL, the one character that PostgreSQL's text cannot hold.

Texts that people and vendors gave become keys, names and rows. Wherever one of them goes to
PostgreSQL, to be stored or to be looked for, U+FFFD stands in NUL's place, so that what is looked
for is what was stored. Payloads, documents and journals are bytes, and keep every character.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, event

NUL: Final = "\0"
STANDS_FOR_NUL: Final = "\ufffd"


def keep_nul_out(engine: Engine) -> None:
    """Let every statement of an engine send its texts without NUL."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def execute(
        connection: Any,  # noqa: ARG001 - the event's signature
        cursor: Any,  # noqa: ARG001
        statement: str,
        parameters: Any,
        context: Any,  # noqa: ARG001
        many: bool,  # noqa: ARG001 - true for many rows in one statement too
    ) -> tuple[str, Any]:
        if parameters and type(parameters[0]) is tuple:
            return statement, [_storable(row) for row in parameters]
        return statement, _storable(parameters)


def _storable(values: Any) -> Any:
    """Return a statement's values as they can be held; one of them may be a list of a column's."""
    if not any(_holds_nul(value) for value in values):
        return values
    return type(values)(_replaced(value) for value in values)


def _holds_nul(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return NUL in value
    return kind is list and any(type(item) is str and NUL in item for item in value)


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(NUL, STANDS_FOR_NUL)
    return [_replaced(item) for item in value] if isinstance(value, list) else value
